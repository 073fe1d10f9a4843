package authn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/identity"
)

// claims are those of a Keycloak access token that the fleet reads.
type claims struct {
	Subject           string      `json:"sub"`
	Type              string      `json:"typ"`
	AuthorizedParty   string      `json:"azp"`
	PreferredUsername string      `json:"preferred_username"`
	RealmAccess       realmAccess `json:"realm_access"`
	Scope             string      `json:"scope"`
	AgencyID          agencyID    `json:"agency_id"`
	ACR               string      `json:"acr"`
	AuthTime          int64       `json:"auth_time"`
	IssuedAt          int64       `json:"iat"`
	PolicyVersionID   string      `json:"policy_version_id"`
	Act               *actor      `json:"act"`
}

type realmAccess struct {
	Roles []string `json:"roles"`
}

type actor struct {
	Subject string `json:"sub"`
}

// agencyID is a number; Keycloak's attribute mapper may write it as a string.
type agencyID int64

func (a *agencyID) UnmarshalJSON(raw []byte) error {
	n, err := strconv.ParseInt(string(bytes.Trim(raw, `"`)), 10, 64)
	if err != nil || n <= 0 {
		return errors.New("agency_id is not a positive number")
	}
	*a = agencyID(n)
	return nil
}

const (
	typeBearer     = "Bearer"
	serviceAccount = "service-account-"
)

// reader turns claims into principals by the role table.
type reader struct {
	people, machines map[string]bool
	scopes           map[string]bool
}

func newReader(roles []authz.Role) reader {
	r := reader{people: map[string]bool{}, machines: map[string]bool{}, scopes: map[string]bool{}}
	for _, role := range roles {
		if role.Machine {
			r.machines[role.Name] = true
		} else {
			r.people[role.Name] = true
		}
		for _, s := range role.Scopes {
			r.scopes[s] = true
		}
	}
	return r
}

func (r reader) principal(raw json.RawMessage) (identity.Principal, claims, error) {
	var c claims
	if err := json.Unmarshal(raw, &c); err != nil {
		return identity.Principal{}, c, fmt.Errorf("authn: claims: %w", err)
	}
	if c.Subject == "" {
		return identity.Principal{}, c, errors.New("authn: claims: no subject")
	}
	// An ID token or a refresh token says something else here; a provider without the claim says nothing.
	if c.Type != "" && c.Type != typeBearer {
		return identity.Principal{}, c, errors.New("authn: claims: not an access token")
	}
	p := identity.Principal{
		Subject: c.Subject, Name: c.PreferredUsername, AgencyID: int64(c.AgencyID), ACR: c.ACR,
		Actor: identity.Human, Scopes: known(strings.Fields(c.Scope), r.scopes),
	}
	if c.AuthTime > 0 {
		p.AuthTime = time.Unix(c.AuthTime, 0).UTC()
	}
	roles := r.people
	switch {
	case c.Act != nil:
		p.Actor, p.Delegator, p.PolicyVersionID = identity.AI, c.Act.Subject, c.PolicyVersionID
	case c.AuthorizedParty != "" && c.PreferredUsername == serviceAccount+c.AuthorizedParty:
		p.Actor, roles = identity.Integration, r.machines
	}
	// A person never gains a machine's role, nor a machine a person's: the realm may be wrong, this table is not.
	p.Roles = known(c.RealmAccess.Roles, roles)
	return p, c, nil
}

// known keeps what the fleet knows, sorted and once.
func known(names []string, table map[string]bool) []string {
	var out []string
	for _, n := range names {
		if table[n] {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
