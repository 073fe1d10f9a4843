// Package issuer is the OpenID provider of local mode: it stands in for Keycloak with the same URL layout, parameters,
// claims and refusals, so that the gateway knows only an issuer address and an audience and Keycloak can take its place.
//
// It offers what it does and nothing else: the authorization code flow with PKCE for browsers, with pages for the password, the
// second factor and its enrolment; the password grant with a second factor (Keycloak's direct grant with `totp`), client
// credentials, refresh with rotation, revocation, logout by refresh token or by a browser, userinfo, discovery and keys.
// Every page and every request for or about a token is counted in Redis by address and by whom it is about, and refused while
// Redis is away. Lockouts, used codes, sign-ins under way, sessions and refresh families live in PostgreSQL, so neither a restart
// nor a second replica forgets them.
package issuer
