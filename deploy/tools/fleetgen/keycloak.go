package main

import (
	"encoding/json"
	"maps"
	"slices"
)

type dict = map[string]any

// keycloakRealm is the realm as Keycloak imports it. Roles, scopes and who holds which come from roles.yaml; a scope reaches a token
// only while the person has a role that holds it, because the client scope is mapped to those roles.
//
// Addresses and secrets are ${…}, which Keycloak fills from its environment at import.
func keycloakRealm(t roleTable) (dict, error) {
	profile, err := userProfile()
	if err != nil {
		return nil, err
	}
	scopes := scopeHolders(t)
	names := slices.Sorted(maps.Keys(scopes))
	realm := dict{
		"realm": "fusionems", "displayName": "FusionEMS Quantum", "enabled": true,
		"sslRequired": "all", "registrationAllowed": false, "resetPasswordAllowed": false, "rememberMe": false, "editUsernameAllowed": false,
		"loginWithEmailAllowed": false, "duplicateEmailsAllowed": false,

		// Sessions: a token lives 15 minutes, a refresh token is good once, a sign-in ends after 12 hours.
		"accessTokenLifespan": 900, "accessCodeLifespan": 60, "accessCodeLifespanLogin": 600,
		"ssoSessionIdleTimeout": 1800, "ssoSessionMaxLifespan": 43200, "revokeRefreshToken": true, "refreshTokenMaxReuse": 0,

		// Five failures lock a login for 30 minutes; a lock never needs an administrator to end.
		"bruteForceProtected": true, "permanentLockout": false, "failureFactor": 5, "waitIncrementSeconds": 1800,
		"maxFailureWaitSeconds": 1800, "minimumQuickLoginWaitSeconds": 60, "quickLoginCheckMilliSeconds": 0, "maxDeltaTimeSeconds": 43200,
		"passwordPolicy": "length(14) and notUsername and passwordHistory(5) and hashAlgorithm(argon2)",

		"otpPolicyType": "totp", "otpPolicyAlgorithm": "HmacSHA1", "otpPolicyDigits": 6, "otpPolicyPeriod": 30,
		"otpPolicyLookAheadWindow": 1, "otpPolicyCodeReusable": false,
		"requiredActions": requiredActions(),

		"eventsEnabled": true, "adminEventsEnabled": true, "adminEventsDetailsEnabled": false,
		"browserFlow": browserFlow, "directGrantFlow": "direct grant", "authenticationFlows": authenticationFlows(),
		"roles":                      dict{"realm": realmRoles(t)},
		"clientScopes":               clientScopes(names),
		"scopeMappings":              scopeMappings(scopes, names),
		"defaultDefaultClientScopes": []string{},
		"clients":                    clients(names),
		"components":                 dict{"org.keycloak.userprofile.UserProfileProvider": []dict{profile}},
	}
	return realm, nil
}

// scopeHolders are the roles that hold each scope. Scopes of machines are apart: their clients get them by name.
func scopeHolders(t roleTable) map[string][]string {
	out := map[string][]string{}
	for _, r := range t.Roles {
		for _, s := range r.Scopes {
			out[s] = append(out[s], r.Name)
		}
	}
	return out
}

func realmRoles(t roleTable) []dict {
	var out []dict
	for _, r := range t.Roles {
		out = append(out, dict{"name": r.Name, "description": r.Title, "composite": false})
	}
	return out
}

// requiredActions: who has no authenticator yet enrolls one at the first sign-in, before anything else.
func requiredActions() []dict {
	action := func(alias, name string, priority int, byDefault bool) dict {
		return dict{"alias": alias, "name": name, "providerId": alias, "enabled": true, "defaultAction": byDefault, "priority": priority, "config": dict{}}
	}
	return []dict{
		action("CONFIGURE_TOTP", "Configure OTP", 10, true),
		action("UPDATE_PASSWORD", "Update Password", 30, false),
	}
}

const browserFlow = "browser with second factor"

// authenticationFlows ask every person for both factors; there is no way around the second.
func authenticationFlows() []dict {
	step := func(authenticator, requirement string, priority int) dict {
		return dict{"authenticator": authenticator, "requirement": requirement, "priority": priority, "authenticatorFlow": false, "userSetupAllowed": false}
	}
	return []dict{
		{
			"alias": browserFlow, "providerId": "basic-flow", "topLevel": true, "builtIn": false,
			"authenticationExecutions": []dict{
				step("auth-cookie", "ALTERNATIVE", 10),
				{"flowAlias": "both factors", "requirement": "ALTERNATIVE", "priority": 20, "authenticatorFlow": true, "userSetupAllowed": false},
			},
		},
		{
			"alias": "both factors", "providerId": "basic-flow", "topLevel": false, "builtIn": false,
			"authenticationExecutions": []dict{
				step("auth-username-password-form", "REQUIRED", 10),
				step("auth-otp-form", "REQUIRED", 20),
			},
		},
	}
}

// userProfile lets nobody but an administrator say which agency a person belongs to.
func userProfile() (dict, error) {
	admin := dict{"view": []string{"admin"}, "edit": []string{"admin"}}
	attributes := []dict{
		{"name": "username", "displayName": "${username}", "permissions": dict{"view": []string{"admin", "user"}, "edit": []string{"admin"}}, "validations": dict{"length": dict{"min": 3, "max": 255}}},
		{"name": "agency_id", "displayName": "Agency", "permissions": admin, "validations": dict{"pattern": dict{"pattern": "^[1-9][0-9]{0,17}$", "error-message": "A positive whole number"}}},
	}
	raw, err := json.Marshal(dict{"attributes": attributes, "groups": []dict{}})
	return dict{"providerId": "declarative-user-profile", "subComponents": dict{}, "config": dict{"kc.user.profile.config": []string{string(raw)}}}, err
}
