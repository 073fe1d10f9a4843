package main

import "slices"

// baseScopes are what a client of people gets beside the fleet's scopes: the claims that the gateway reads. A machine's client gets
// them without second-factor.
var baseScopes = []string{"basic", "fleet", "second-factor"}

// clients: the portal, which signs people in through the gateway. Clients of agencies' machines are made for each agency by its
// administrator of the realm; the README of deploy/keycloak says how.
func clients(scopes []string) []dict {
	return []dict{{
		"clientId": "fusionems-portal", "name": "Portal", "protocol": "openid-connect", "enabled": true,
		"publicClient": false, "clientAuthenticatorType": "client-secret", "secret": "${FUSIONEMS_PORTAL_SECRET}",
		"standardFlowEnabled": true, "implicitFlowEnabled": false, "directAccessGrantsEnabled": false, "serviceAccountsEnabled": false,
		"fullScopeAllowed": false,
		"redirectUris":     []string{"${FUSIONEMS_PUBLIC_URL}/auth/callback"}, "webOrigins": []string{},
		"attributes": dict{
			// Who asks for less gets no less.
			"minimum.acr.value":          secondFactor,
			"pkce.code.challenge.method": "S256", "post.logout.redirect.uris": "${FUSIONEMS_PUBLIC_URL}/signed-out",
			"use.refresh.tokens": "true", "access.token.signed.response.alg": "RS256", "id.token.signed.response.alg": "RS256",
		},
		"defaultClientScopes": slices.Concat(baseScopes, scopes), "optionalClientScopes": []string{},
	}}
}

// clientScopes are one for each of the fleet's scopes, and those that carry claims.
func clientScopes(names []string) []dict {
	out := []dict{
		{
			"name": "basic", "protocol": "openid-connect", "description": "Subject and time of authentication",
			"attributes": dict{"include.in.token.scope": "false"},
			"protocolMappers": []dict{
				mapper("sub", "oidc-sub-mapper", dict{"access.token.claim": "true", "introspection.token.claim": "true"}),
				mapper("auth_time", "oidc-usersessionmodel-note-mapper", dict{
					"user.session.note": "AUTH_TIME", "claim.name": "auth_time", "jsonType.label": "long",
					"access.token.claim": "true", "id.token.claim": "true",
				}),
			},
		},
		{
			"name": "fleet", "protocol": "openid-connect", "description": "What the gateway reads: audience, login, roles, agency",
			"attributes": dict{"include.in.token.scope": "false"},
			"protocolMappers": []dict{
				mapper("audience", "oidc-audience-mapper", dict{"included.custom.audience": "fusionems-gateway", "access.token.claim": "true"}),
				mapper("login", "oidc-usermodel-attribute-mapper", dict{
					"user.attribute": "username", "claim.name": "preferred_username", "jsonType.label": "String",
					"access.token.claim": "true", "id.token.claim": "true",
				}),
				mapper("roles", "oidc-usermodel-realm-role-mapper", dict{
					"claim.name": "realm_access.roles", "jsonType.label": "String", "multivalued": "true", "access.token.claim": "true",
				}),
				mapper("agency", "oidc-usermodel-attribute-mapper", dict{
					"user.attribute": "agency_id", "claim.name": "agency_id", "jsonType.label": "long", "access.token.claim": "true",
				}),
			},
		},
		{
			"name": "second-factor", "protocol": "openid-connect", "description": "With which factors the person signed in",
			"attributes": dict{"include.in.token.scope": "false"},
			"protocolMappers": []dict{
				mapper("acr", "oidc-acr-mapper", dict{"access.token.claim": "true", "id.token.claim": "true"}),
				mapper("amr", "oidc-amr-mapper", dict{"access.token.claim": "true", "id.token.claim": "true"}),
			},
		},
	}
	for _, name := range names {
		out = append(out, dict{
			"name": name, "protocol": "openid-connect",
			"attributes": dict{"include.in.token.scope": "true", "display.on.consent.screen": "false"},
		})
	}
	return out
}

func mapper(name, kind string, config dict) dict {
	return dict{"name": name, "protocol": "openid-connect", "protocolMapper": kind, "consentRequired": false, "config": config}
}

// scopeMappings bind each scope to the roles that hold it; the claims' own scope to all roles, so that they reach the token.
func scopeMappings(holders map[string][]string, names []string) []dict {
	var all []string
	out := []dict{}
	for _, name := range names {
		out = append(out, dict{"clientScope": name, "roles": holders[name]})
		all = append(all, holders[name]...)
	}
	slices.Sort(all)
	return append(out, dict{"client": "fusionems-portal", "roles": slices.Compact(all)})
}
