// Package authn believes access tokens of CareFusion's own issuer, made for CareFusion, of callers with a second factor, and nothing else.
package authn
