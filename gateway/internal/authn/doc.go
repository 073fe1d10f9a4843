// Package authn verifies access tokens of the identity provider and turns their claims into a principal.
package authn
