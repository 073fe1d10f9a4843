package keycloak

import "strconv"

const (
	browserFlow   = "browser with second factor"
	noDirectGrant = "no direct grant"
	loaCondition  = "second factor"
)

// flows ask everybody for both factors. The condition is true of whoever has not signed in yet; the level that it reached becomes acr.
// Nobody gets a token for a password alone, whichever client asks.
func flows() []dict {
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

func flowConfigs() []dict {
	age := strconv.Itoa(sessionMax)
	method := func(alias, reference string) dict {
		return dict{"alias": alias, "config": dict{"default.reference.value": reference, "default.reference.maxAge": age}}
	}
	return []dict{
		{"alias": loaCondition, "config": dict{"loa-condition-level": SecondFactor, "loa-max-age": age}},
		method("password", "pwd"), method("one-time code", "otp"),
	}
}

// page is public: the page's server keeps the tokens, and PKCE binds a code to it.
func page() dict {
	return dict{
		"clientId": Page, "name": "CareFusion", "protocol": "openid-connect", "enabled": true, "publicClient": true,
		"standardFlowEnabled": true, "implicitFlowEnabled": false, "directAccessGrantsEnabled": false, "serviceAccountsEnabled": false,
		"fullScopeAllowed": false,
		"redirectUris":     []string{"${CAREFUSION_PUBLIC_URL}/auth/callback"}, "webOrigins": []string{},
		"attributes": dict{
			// Who asks for less gets no less.
			"minimum.acr.value":          SecondFactor,
			"pkce.code.challenge.method": "S256", "post.logout.redirect.uris": "${CAREFUSION_PUBLIC_URL}/",
			"use.refresh.tokens": "true", "access.token.signed.response.alg": "RS256", "id.token.signed.response.alg": "RS256",
		},
		"defaultClientScopes": []string{"basic", "carefusion", "second-factor"}, "optionalClientScopes": []string{},
	}
}

func clientScopes() []dict {
	scope := func(name, description string, mappers ...dict) dict {
		return dict{
			"name": name, "protocol": "openid-connect", "description": description,
			"attributes": dict{"include.in.token.scope": "false"}, "protocolMappers": mappers,
		}
	}
	return []dict{
		scope("basic", "Subject and time of authentication",
			mapper("sub", "oidc-sub-mapper", dict{"access.token.claim": "true", "introspection.token.claim": "true"}),
			mapper("auth_time", "oidc-usersessionmodel-note-mapper", dict{
				"user.session.note": "AUTH_TIME", "claim.name": "auth_time", "jsonType.label": "long",
				"access.token.claim": "true", "id.token.claim": "true",
			})),
		scope("carefusion", "What the service reads: audience and role",
			mapper("audience", "oidc-audience-mapper", dict{"included.custom.audience": Audience, "access.token.claim": "true"}),
			mapper("roles", "oidc-usermodel-realm-role-mapper", dict{
				"claim.name": "realm_access.roles", "jsonType.label": "String", "multivalued": "true", "access.token.claim": "true",
			})),
		scope("second-factor", "With which factors the person signed in",
			mapper("acr", "oidc-acr-mapper", dict{"access.token.claim": "true", "id.token.claim": "true"}),
			mapper("amr", "oidc-amr-mapper", dict{"access.token.claim": "true", "id.token.claim": "true"})),
	}
}

func mapper(name, kind string, config dict) dict {
	return dict{"name": name, "protocol": "openid-connect", "protocolMapper": kind, "consentRequired": false, "config": config}
}
