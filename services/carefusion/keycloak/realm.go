package keycloak

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
)

// Names of the realm and of what tokens say, as the service's defaults expect them.
const (
	Name     = "carefusion"
	Audience = "carefusion"
	// SecondFactor is the level of authentication, and the acr, of who signed in with both factors.
	SecondFactor = "2"
	// Page is the application that people sign in by.
	Page = "carefusion-page"
)

// sessionMax is how many seconds a sign-in lasts at most.
const sessionMax = 43200

type dict = map[string]any

// JSON is the realm as Keycloak imports it. Addresses are ${…}, which Keycloak fills from its environment.
func JSON() ([]byte, error) {
	roles, err := roleNames()
	if err != nil {
		return nil, err
	}
	realm, err := realm(roles)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err = enc.Encode(realm)
	return out.Bytes(), err
}

// roleNames are the roles that the rule of any RPC names, as tokens spell them.
func roleNames() ([]string, error) {
	var names []string
	var problem error
	protoregistry.GlobalFiles.RangeFilesByPackage("carefusion.v1", func(fd protoreflect.FileDescriptor) bool {
		for i := range fd.Services().Len() {
			methods := fd.Services().Get(i).Methods()
			for j := range methods.Len() {
				rule, _ := proto.GetExtension(methods.Get(j).Options(), carefusionv1.E_Rule).(*carefusionv1.Rule)
				for _, r := range rule.GetRoles() {
					name := identity.Names()[r]
					if name == "" {
						problem = fmt.Errorf("keycloak: %s: tokens have no name for %s", methods.Get(j).FullName(), r)
					}
					names = append(names, name)
				}
			}
		}
		return true
	})
	slices.Sort(names)
	names = slices.Compact(names)
	if problem == nil && len(names) == 0 {
		problem = errors.New("keycloak: no RPC has a rule")
	}
	return names, problem
}

func realm(roles []string) (dict, error) {
	profile, err := userProfile()
	if err != nil {
		return nil, err
	}
	return dict{
		"realm": Name, "displayName": "CareFusion", "enabled": true,
		"sslRequired": "all", "registrationAllowed": false, "resetPasswordAllowed": false, "rememberMe": false, "editUsernameAllowed": false,
		"loginWithEmailAllowed": false, "duplicateEmailsAllowed": false,

		// A token lives 15 minutes, a refresh token is good once, a sign-in ends after 12 hours.
		"accessTokenLifespan": 900, "accessCodeLifespan": 60, "accessCodeLifespanLogin": 600,
		"ssoSessionIdleTimeout": 1800, "ssoSessionMaxLifespan": sessionMax, "revokeRefreshToken": true, "refreshTokenMaxReuse": 0,

		// Five failures lock a login for 30 minutes; a lock never needs an administrator to end.
		"bruteForceProtected": true, "permanentLockout": false, "failureFactor": 5, "waitIncrementSeconds": 1800,
		"maxFailureWaitSeconds": 1800, "minimumQuickLoginWaitSeconds": 60, "quickLoginCheckMilliSeconds": 0, "maxDeltaTimeSeconds": sessionMax,
		"passwordPolicy": "length(12) and notUsername and passwordHistory(5) and hashAlgorithm(argon2)",
		"otpPolicyType":  "totp", "otpPolicyAlgorithm": "HmacSHA1", "otpPolicyDigits": 6, "otpPolicyPeriod": 30,
		"otpPolicyLookAheadWindow": 1, "otpPolicyCodeReusable": false,
		"requiredActions": []dict{
			{"alias": "CONFIGURE_TOTP", "name": "Configure OTP", "providerId": "CONFIGURE_TOTP", "enabled": true, "defaultAction": false, "priority": 10, "config": dict{}},
			{"alias": "UPDATE_PASSWORD", "name": "Update Password", "providerId": "UPDATE_PASSWORD", "enabled": true, "defaultAction": false, "priority": 30, "config": dict{}},
		},

		"eventsEnabled": true, "eventsExpiration": 90 * 24 * 3600, "adminEventsEnabled": true, "adminEventsDetailsEnabled": false,
		"browserFlow": browserFlow, "directGrantFlow": noDirectGrant,
		"authenticationFlows": flows(), "authenticatorConfig": flowConfigs(),
		"attributes":                 dict{"acr.loa.map": `{"` + SecondFactor + `":` + SecondFactor + `}`},
		"roles":                      dict{"realm": realmRoles(roles)},
		"clientScopes":               clientScopes(),
		"scopeMappings":              []dict{{"client": Page, "roles": roles}},
		"defaultDefaultClientScopes": []string{},
		"clients":                    []dict{page()},
		"components":                 dict{"org.keycloak.userprofile.UserProfileProvider": []dict{profile}},
	}, nil
}

func realmRoles(names []string) []dict {
	var out []dict
	for _, n := range names {
		out = append(out, dict{"name": n, "description": strings.ToUpper(n[:1]) + n[1:], "composite": false})
	}
	return out
}

// userProfile is a name to sign in by and nothing else: who somebody is stands in the service, sealed. Keycloak insists on e-mail being
// declared.
func userProfile() (dict, error) {
	attributes := []dict{
		{"name": "username", "displayName": "${username}", "permissions": dict{"view": []string{"admin", "user"}, "edit": []string{"admin"}}, "validations": dict{"length": dict{"min": 3, "max": 255}}},
		{"name": "email", "displayName": "${email}", "permissions": dict{"view": []string{"admin"}, "edit": []string{"admin"}}, "validations": dict{"email": dict{}, "length": dict{"max": 255}}},
	}
	raw, err := json.Marshal(dict{"attributes": attributes, "groups": []dict{}})
	return dict{"providerId": "declarative-user-profile", "subComponents": dict{}, "config": dict{"kc.user.profile.config": []string{string(raw)}}}, err
}
