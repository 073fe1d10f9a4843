//go:build e2e

package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// TestTelehealthTokenIsRefused shows tokens as CareFusion's issuer mints them, and ones that claim more and more of the fleet's
// own, to the gateway. What all of them lack is a signature by the fleet's issuer.
func TestTelehealthTokenIsRefused(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ours := fleetKeys(t)
	founder(t).get(t, "/api/me").want(t, http.StatusOK)
	// Read, not written down: what the gateway takes as its issuer and audience is what a real token of the fleet says.
	var real struct {
		jwt.Claims
		Realm map[string]any `json:"realm_access"`
	}
	parsed, err := jwt.ParseSigned(founder(t).token, []jose.SignatureAlgorithm{jose.ES256, jose.RS256, jose.PS256, jose.EdDSA})
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.UnsafeClaimsWithoutVerification(&real); err != nil {
		t.Fatal(err)
	}
	const theirs = "https://127.0.0.1:9443/realms/carefusion"
	for name, c := range map[string]struct {
		kid, issuer, subject string
		audience             jwt.Audience
		realm                map[string]any
	}{
		"as CareFusion mints it":         {"carefusion", theirs, "5e7a8f0e-6d07-4a53-9a6b-0a3f6f1f2c11", jwt.Audience{"carefusion"}, map[string]any{"roles": []string{"admin"}}},
		"for the fleet's audience":       {"carefusion", theirs, "5e7a8f0e-6d07-4a53-9a6b-0a3f6f1f2c11", real.Audience, real.Realm},
		"in the name of the fleet":       {"carefusion", real.Issuer, real.Subject, real.Audience, real.Realm},
		"with the name of a fleet's key": {ours.Keys[0].KeyID, real.Issuer, real.Subject, real.Audience, real.Realm},
	} {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: private, KeyID: c.kid}}, (&jose.SignerOptions{}).WithType("JWT"))
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		token, err := jwt.Signed(signer).Claims(jwt.Claims{Issuer: c.issuer, Subject: c.subject, Audience: c.audience,
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(15 * time.Minute))}).
			Claims(map[string]any{"typ": "Bearer", "acr": "2", "azp": "carefusion-page", "realm_access": c.realm}).Serialize()
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/api/me", "/api/qa/cases", "/api/clinical/charts"} {
				caller{name: "a patient of CareFusion", token: token}.get(t, path).refused(t, http.StatusUnauthorized, "TOKEN_INVALID")
			}
		})
	}
}

// fleetKeys are the public keys of the fleet's issuer.
func fleetKeys(t *testing.T) jose.JSONWebKeySet {
	t.Helper()
	res, err := httpClient().Get(env(t, "OIDC_ISSUER") + "/protocol/openid-connect/certs")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var keys jose.JSONWebKeySet
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&keys); err != nil || len(keys.Keys) == 0 {
		t.Fatalf("the issuer's keys: %d %v", len(keys.Keys), err)
	}
	return keys
}
