package keycloak

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
)

// Person is a login.
type Person struct {
	Username string
	Password string
	// TOTPSecret is the secret of an authenticator in base32; "" makes the person enrol one at the first sign-in.
	TOTPSecret string
	Roles      []string
	// AgencyID is 0 for who is of no agency.
	AgencyID int64
}

// Machine is a client that signs in as itself.
type Machine struct {
	ID, Secret string
	Roles      []string
	AgencyID   int64
	// Scopes are the client scopes that it gets, those that carry claims included.
	Scopes []string
}

type dict = map[string]any

// PutPerson makes a login if there is none of that name, and sees to it that it has these roles and no others of the realm's own, and this
// agency. It answers the subject. Password and authenticator of a login that exists stay as they are: they are the person's.
func (a *Admin) PutPerson(ctx context.Context, p Person) (string, error) {
	attributes := attributesOf(p.AgencyID)
	id, err := a.subjectOf(ctx, p.Username)
	if err != nil {
		return "", err
	}
	if id != "" {
		err = a.setAttributes(ctx, id, attributes)
	} else {
		id, err = a.create(ctx, p, attributes)
	}
	if err != nil {
		return "", fmt.Errorf("user %s: %w", p.Username, err)
	}
	return id, a.setRoles(ctx, id, p.Roles)
}

// attributesOf is an agency as a user has it.
func attributesOf(agency int64) dict {
	if agency == 0 {
		return dict{}
	}
	return dict{"agency_id": []any{strconv.FormatInt(agency, 10)}}
}

// setAttributes writes a user only where something is to be changed: a write also ends a lock after failed sign-ins.
func (a *Admin) setAttributes(ctx context.Context, id string, attributes dict) error {
	var user dict
	if err := a.Get(ctx, &user, "users", id); err != nil {
		return err
	}
	held, _ := user["attributes"].(map[string]any)
	if reflect.DeepEqual(held, attributes) || len(held)+len(attributes) == 0 {
		return nil
	}
	user["attributes"] = attributes
	return a.do(ctx, http.MethodPut, a.path("users", id), user, nil)
}

func (a *Admin) create(ctx context.Context, p Person, attributes dict) (string, error) {
	credentials := []dict{{"type": "password", "value": p.Password, "temporary": false}}
	// Without the list Keycloak adds the realm's default actions, to people with an authenticator too.
	actions := []string{"CONFIGURE_TOTP"}
	if p.TOTPSecret != "" {
		actions = []string{}
		otp, err := otpCredential(p.TOTPSecret)
		if err != nil {
			return "", err
		}
		credentials = append(credentials, otp)
	}
	user := dict{
		"username": p.Username, "enabled": true, "attributes": attributes, "credentials": credentials, "requiredActions": actions,
	}
	if err := a.Create(ctx, user, "users"); err != nil {
		return "", err
	}
	return a.subjectOf(ctx, p.Username)
}

// otpCredential is an authenticator as Keycloak keeps it.
func otpCredential(secret string) (dict, error) {
	value, err := json.Marshal(dict{"value": secret})
	if err != nil {
		return nil, err
	}
	settings, err := json.Marshal(dict{
		"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1", "secretEncoding": "BASE32",
	})
	return dict{"type": "otp", "userLabel": "Authenticator", "secretData": string(value), "credentialData": string(settings)}, err
}

// subjectOf is the id of a login, "" for none.
func (a *Admin) subjectOf(ctx context.Context, username string) (string, error) {
	var found []struct {
		ID string `json:"id"`
	}
	query := url.Values{"exact": {"true"}, "username": {username}}
	if err := a.Find(ctx, &found, "users", query); err != nil || len(found) == 0 {
		return "", err
	}
	return found[0].ID, nil
}

type roleRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// setRoles gives a user the roles and takes all others of the realm, but for Keycloak's own.
func (a *Admin) setRoles(ctx context.Context, user string, names []string) error {
	return a.exactRoles(ctx, []string{"users", user, "role-mappings", "realm"}, names, func(name string) bool {
		return strings.HasPrefix(name, "default-roles-")
	})
}

// PutMachine makes a client that signs in as itself, or brings the one of that name in line.
func (a *Admin) PutMachine(ctx context.Context, m Machine) error {
	client := dict{
		"clientId": m.ID, "name": m.ID, "protocol": "openid-connect", "enabled": true, "publicClient": false,
		"clientAuthenticatorType": "client-secret", "secret": m.Secret, "serviceAccountsEnabled": true,
		"standardFlowEnabled": false, "implicitFlowEnabled": false, "directAccessGrantsEnabled": false, "fullScopeAllowed": false,
		"defaultClientScopes": m.Scopes, "optionalClientScopes": []string{},
		"attributes": dict{"access.token.signed.response.alg": "RS256", "use.refresh.tokens": "false"},
	}
	id, err := a.PutClient(ctx, client)
	if err != nil {
		return err
	}
	var account struct {
		ID string `json:"id"`
	}
	if err := a.Get(ctx, &account, "clients", id, "service-account-user"); err != nil {
		return err
	}
	if err := a.setAttributes(ctx, account.ID, attributesOf(m.AgencyID)); err != nil {
		return err
	}
	return a.setRoles(ctx, account.ID, m.Roles)
}

// PutClient makes a client, or brings the one of its clientId in line, and answers its internal id.
func (a *Admin) PutClient(ctx context.Context, client map[string]any) (string, error) {
	name := text(client["clientId"])
	id, err := a.clientID(ctx, name)
	if err != nil {
		return "", err
	}
	if id != "" {
		err = a.do(ctx, http.MethodPut, a.path("clients", id), client, nil)
	} else if err = a.Create(ctx, client, "clients"); err == nil {
		id, err = a.clientID(ctx, name)
	}
	if err != nil {
		return "", fmt.Errorf("client %s: %w", name, err)
	}
	return id, nil
}

// clientID is the id of a client by its name, "" for none.
func (a *Admin) clientID(ctx context.Context, name string) (string, error) {
	var found []struct {
		ID string `json:"id"`
	}
	if err := a.Find(ctx, &found, "clients", url.Values{"clientId": {name}}); err != nil || len(found) == 0 {
		return "", err
	}
	return found[0].ID, nil
}
