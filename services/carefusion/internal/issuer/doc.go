// Package issuer is the OpenID provider of local mode: CareFusion's own realm with Keycloak's paths and claims, so that a
// Keycloak realm takes its place by configuration. Password and time-based code, authorization code with PKCE.
package issuer
