package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

type dict = map[string]any

const (
	// secondFactor is the level of authentication, and the acr, of who signed in with both factors.
	secondFactor = "2"
	// sessionMax is how many seconds a sign-in lasts at most.
	sessionMax = 43200
)

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
		"ssoSessionIdleTimeout": 1800, "ssoSessionMaxLifespan": sessionMax, "revokeRefreshToken": true, "refreshTokenMaxReuse": 0,

		// Five failures lock a login for 30 minutes; a lock never needs an administrator to end.
		"bruteForceProtected": true, "permanentLockout": false, "failureFactor": 5, "waitIncrementSeconds": 1800,
		"maxFailureWaitSeconds": 1800, "minimumQuickLoginWaitSeconds": 60, "quickLoginCheckMilliSeconds": 0, "maxDeltaTimeSeconds": 43200,
		"passwordPolicy": "length(14) and notUsername and passwordHistory(5) and hashAlgorithm(argon2)",

		"otpPolicyType": "totp", "otpPolicyAlgorithm": "HmacSHA1", "otpPolicyDigits": 6, "otpPolicyPeriod": 30,
		"otpPolicyLookAheadWindow": 1, "otpPolicyCodeReusable": false,
		"requiredActions": requiredActions(),

		"eventsEnabled": true, "eventsExpiration": 90 * 24 * 3600, "adminEventsEnabled": true, "adminEventsDetailsEnabled": false,
		"browserFlow": browserFlow, "directGrantFlow": noDirectGrant, "authenticationFlows": authenticationFlows(),
		"authenticatorConfig":        authenticatorConfigs(),
		"attributes":                 dict{"acr.loa.map": `{"` + secondFactor + `":` + secondFactor + `}`},
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

// requiredActions: who has no authenticator enrolls one at the first sign-in. That follows from the flow, which cannot end without
// one; as a default action it would ask those anew whose authenticator was handed over with the login.
func requiredActions() []dict {
	action := func(alias, name string, priority int) dict {
		return dict{"alias": alias, "name": name, "providerId": alias, "enabled": true, "defaultAction": false, "priority": priority, "config": dict{}}
	}
	return []dict{
		action("CONFIGURE_TOTP", "Configure OTP", 10),
		action("UPDATE_PASSWORD", "Update Password", 30),
	}
}

const browserFlow = "browser with second factor"

// noDirectGrant answers a password that is sent for a token, whichever client sends it: Keycloak gives each realm one that may.
const noDirectGrant = "no direct grant"

// loaCondition names the settings of the flow's condition; authenticators refer to settings by name.
const loaCondition = "second factor"

// authenticationFlows ask every person for both factors; there is no way around the second. The condition is true of whoever has
// not signed in yet, whatever level the client asked for. It is there because the level that it reached is what becomes acr.
func authenticationFlows() []dict {
	step := func(authenticator, requirement string, priority int, config string) dict {
		e := dict{"authenticator": authenticator, "requirement": requirement, "priority": priority, "authenticatorFlow": false, "userSetupAllowed": false}
		if config != "" {
			e["authenticatorConfig"] = config
		}
		return e
	}
	below := func(flow, requirement string, priority int) dict {
		return dict{"flowAlias": flow, "requirement": requirement, "priority": priority, "authenticatorFlow": true, "userSetupAllowed": false}
	}
	flow := func(alias string, top bool, executions ...dict) dict {
		return dict{"alias": alias, "providerId": "basic-flow", "topLevel": top, "builtIn": false, "authenticationExecutions": executions}
	}
	return []dict{
		flow(browserFlow, true, step("auth-cookie", "ALTERNATIVE", 10, ""), below("sign in", "ALTERNATIVE", 20)),
		flow("sign in", false, below("both factors", "CONDITIONAL", 10)),
		flow("both factors", false,
			step("conditional-level-of-authentication", "REQUIRED", 10, loaCondition),
			step("auth-username-password-form", "REQUIRED", 20, "password"),
			step("auth-otp-form", "REQUIRED", 30, "one-time code"),
		),
		flow(noDirectGrant, true, step("deny-access-authenticator", "REQUIRED", 10, "")),
	}
}

// authenticatorConfigs: what the level is, and which methods (RFC 8176) the token names.
func authenticatorConfigs() []dict {
	method := func(alias, reference string) dict {
		return dict{"alias": alias, "config": dict{"default.reference.value": reference, "default.reference.maxAge": fmt.Sprint(sessionMax)}}
	}
	return []dict{
		{"alias": loaCondition, "config": dict{"loa-condition-level": secondFactor, "loa-max-age": fmt.Sprint(sessionMax)}},
		method("password", "pwd"), method("one-time code", "otp"),
	}
}

// userProfile lets nobody but an administrator say which agency a person belongs to.
func userProfile() (dict, error) {
	admin := dict{"view": []string{"admin"}, "edit": []string{"admin"}}
	attributes := []dict{
		{"name": "username", "displayName": "${username}", "permissions": dict{"view": []string{"admin", "user"}, "edit": []string{"admin"}}, "validations": dict{"length": dict{"min": 3, "max": 255}}},
		// Keycloak does not go without this one; nobody has it here.
		{"name": "email", "displayName": "${email}", "permissions": admin, "validations": dict{"email": dict{}, "length": dict{"max": 255}}},
		{"name": "agency_id", "displayName": "Agency", "permissions": admin, "validations": dict{"pattern": dict{"pattern": "^[1-9][0-9]{0,17}$", "error-message": "A positive whole number"}}},
	}
	raw, err := json.Marshal(dict{"attributes": attributes, "groups": []dict{}})
	return dict{"providerId": "declarative-user-profile", "subComponents": dict{}, "config": dict{"kc.user.profile.config": []string{string(raw)}}}, err
}
