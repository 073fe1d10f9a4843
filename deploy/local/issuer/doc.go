// Package issuer is the OpenID provider of local mode: it stands in for Keycloak with the same URL layout, parameters,
// claims and refusals, so that the gateway knows only an issuer address and an audience and Keycloak can take its place.
//
// It offers what it does and nothing else: the password grant with a second factor (Keycloak's direct grant with `totp`),
// client credentials, refresh with rotation, revocation and logout by refresh token, userinfo, discovery and keys.
// Every request for or about a token is counted in Redis by address and by whom it is about, and refused while Redis is away.
// Lockouts, used codes and refresh families live in PostgreSQL, so neither a restart nor a second replica forgets them.
package issuer
