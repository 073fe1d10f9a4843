// Package signin signs people in with the browser: authorization code with PKCE against the issuer, the second factor anew, and out again.
package signin
