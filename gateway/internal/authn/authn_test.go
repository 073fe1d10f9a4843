package authn_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/fusionems/quantum/gateway/internal/authn"
	"github.com/fusionems/quantum/gateway/internal/gatewaytest"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/identity"
)

func rsaKey(t *testing.T, id string) jose.JSONWebKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{Key: k, KeyID: id, Algorithm: "RS256", Use: "sig"}
}

func ecKey(t *testing.T, id string) jose.JSONWebKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{Key: k, KeyID: id, Algorithm: "ES256", Use: "sig"}
}

func sign(t *testing.T, alg jose.SignatureAlgorithm, key any, claims map[string]any) string {
	t.Helper()
	raw, err := gatewaytest.Sign(alg, key, claims)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

type fixture struct {
	issuer *gatewaytest.Issuer
	clock  *clock.Fake
	verify *authn.Verifier
	key    jose.JSONWebKey
}

func setup(t *testing.T) *fixture {
	t.Helper()
	issuer, err := gatewaytest.NewIssuer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(issuer.Close)
	f := &fixture{issuer: issuer, clock: clock.NewFake(time.Now().Truncate(time.Second)), key: issuer.Key}
	v, err := authn.New(authn.Config{
		Issuer: f.issuer.URL, Audience: gatewaytest.Audience, MaxAge: 30 * time.Minute, Client: http.DefaultClient, Now: f.clock.Now,
		Roles: []authz.Role{
			{Name: "founder", CrossAgency: true, Scopes: []string{"founder:read"}},
			{Name: "qa_reviewer", Scopes: []string{"qa:read", "qa:write"}},
			{Name: "integration", Machine: true, Scopes: []string{"epcr:import"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	f.verify = v
	if err := v.Ready(t.Context()); !errors.Is(err, authn.ErrIssuerAway) {
		t.Fatalf("ready before the issuer was reached: %v", err)
	}
	go v.Run(t.Context())
	for deadline := time.Now().Add(time.Minute); v.Ready(t.Context()) != nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("issuer not reached")
		}
	}
	return f
}

func (f *fixture) claims(change map[string]any) map[string]any {
	return f.issuer.Claims(f.clock.Now(), change)
}

func (f *fixture) token(t *testing.T, change map[string]any) string {
	return sign(t, jose.RS256, f.key, f.claims(change))
}

func TestPrincipal(t *testing.T) {
	f := setup(t)
	s, err := f.verify.Authenticate(t.Context(), f.token(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	p := s.Principal
	if p.Subject != "u-1" || p.Name != "quinn" || p.Actor != identity.Human || p.AgencyID != 7 || p.ACR != "2" || p.AuthTime.Unix() != f.clock.Now().Unix() {
		t.Fatalf("%+v", p)
	}
	if !slices.Equal(p.Roles, []string{"qa_reviewer"}) || !slices.Equal(p.Scopes, []string{"qa:read"}) {
		t.Fatalf("unknown names came through: %v %v", p.Roles, p.Scopes)
	}
}

func TestActors(t *testing.T) {
	f := setup(t)
	for name, tc := range map[string]struct {
		change map[string]any
		actor  identity.ActorKind
		roles  []string
	}{
		"service account": {map[string]any{
			"azp": "epcr-1", "preferred_username": "service-account-epcr-1",
			"realm_access": map[string]any{"roles": []string{"integration", "founder"}},
		}, identity.Integration, []string{"integration"}},
		"person named like one": {map[string]any{
			"preferred_username": "service-account-epcr-1", "realm_access": map[string]any{"roles": []string{"integration"}},
		}, identity.Human, nil},
		"person with a machine's role": {map[string]any{
			"realm_access": map[string]any{"roles": []string{"integration", "qa_reviewer"}},
		}, identity.Human, []string{"qa_reviewer"}},
		"agent": {map[string]any{"act": map[string]any{"sub": "u-9"}, "policy_version_id": "v3"}, identity.AI, []string{"qa_reviewer"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := f.verify.Authenticate(t.Context(), f.token(t, tc.change))
			if err != nil {
				t.Fatal(err)
			}
			p := s.Principal
			if p.Actor != tc.actor || !slices.Equal(p.Roles, tc.roles) {
				t.Fatalf("%s %v", p.Actor, p.Roles)
			}
			if p.Actor == identity.AI && (p.Delegator != "u-9" || p.PolicyVersionID != "v3") {
				t.Fatalf("%+v", p)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	f := setup(t)
	now := f.clock.Now()
	good := f.token(t, nil)
	parts := strings.Split(good, ".")
	stranger := rsaKey(t, "k1")
	pub, err := f.key.Public().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"empty":                 "",
		"not a token":           "abc",
		"too long":              strings.Repeat("a", 9000),
		"wrong issuer":          f.token(t, map[string]any{"iss": "https://elsewhere.example"}),
		"wrong audience":        f.token(t, map[string]any{"aud": "other"}),
		"no audience":           f.token(t, map[string]any{"aud": nil}),
		"expired":               f.token(t, map[string]any{"exp": now.Add(-time.Second).Unix()}),
		"no expiry":             f.token(t, map[string]any{"exp": nil}),
		"31 minutes old":        f.token(t, map[string]any{"iat": now.Add(-31 * time.Minute).Unix(), "exp": now.Add(time.Hour).Unix()}),
		"no issue time":         f.token(t, map[string]any{"iat": nil}),
		"issued tomorrow":       f.token(t, map[string]any{"iat": now.Add(24 * time.Hour).Unix(), "exp": now.Add(25 * time.Hour).Unix()}),
		"no subject":            f.token(t, map[string]any{"sub": nil}),
		"ID token":              f.token(t, map[string]any{"typ": "ID"}),
		"refresh token":         f.token(t, map[string]any{"typ": "Refresh"}),
		"agency zero":           f.token(t, map[string]any{"agency_id": 0}),
		"agency is text":        f.token(t, map[string]any{"agency_id": "seven"}),
		"other key, same id":    sign(t, jose.RS256, stranger, f.claims(nil)),
		"unknown key":           sign(t, jose.RS256, rsaKey(t, "k9"), f.claims(nil)),
		"PS256":                 sign(t, jose.PS256, f.key.Key, f.claims(nil)),
		"HS256 with public key": sign(t, jose.HS256, pub, f.claims(nil)),
		"alg none":              "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + parts[1] + ".",
		"changed claims":        parts[0] + "." + parts[1][:len(parts[1])-4] + "AAAA." + parts[2],
		"signature cut":         parts[0] + "." + parts[1] + "." + parts[2][:20],
	} {
		t.Run(name, func(t *testing.T) {
			if s, err := f.verify.Authenticate(t.Context(), token); !errors.Is(err, authn.ErrInvalid) {
				t.Fatalf("got %v, %v", s, err)
			}
		})
	}
	if _, err := f.verify.Authenticate(t.Context(), good); err != nil {
		t.Fatalf("the good token: %v", err)
	}
}

func TestRememberedNoLongerThanItsExpiry(t *testing.T) {
	f := setup(t)
	token := f.token(t, nil)
	first, err := f.verify.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	f.clock.Add(14*time.Minute + 59*time.Second)
	again, err := f.verify.Authenticate(t.Context(), token)
	if err != nil || again != first {
		t.Fatalf("not remembered: %v", err)
	}
	f.clock.Add(time.Second)
	if _, err := f.verify.Authenticate(t.Context(), token); !errors.Is(err, authn.ErrInvalid) {
		t.Fatalf("served after its expiry: %v", err)
	}
	long := f.token(t, map[string]any{"exp": f.clock.Now().Add(5 * time.Hour).Unix()})
	if _, err := f.verify.Authenticate(t.Context(), long); err != nil {
		t.Fatal(err)
	}
	f.clock.Add(30*time.Minute + time.Second)
	if _, err := f.verify.Authenticate(t.Context(), long); !errors.Is(err, authn.ErrInvalid) {
		t.Fatalf("served beyond the greatest age: %v", err)
	}
}

func TestKeyRollover(t *testing.T) {
	f := setup(t)
	if _, err := f.verify.Authenticate(t.Context(), f.token(t, nil)); err != nil {
		t.Fatal(err)
	}
	next := ecKey(t, "k2")
	f.issuer.Publish(f.key, next)
	// Within a second of the last look a new key may be missed; a client tries again.
	token := sign(t, jose.ES256, next, f.claims(nil))
	deadline := time.Now().Add(time.Minute)
	for {
		_, err := f.verify.Authenticate(t.Context(), token)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the new key was not picked up: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestBadTokensDoNotLoadTheIssuer(t *testing.T) {
	f := setup(t)
	bad := rsaKey(t, "k1")
	before, begin := f.issuer.Fetched.Load(), time.Now()
	for range 50 {
		if _, err := f.verify.Authenticate(t.Context(), sign(t, jose.RS256, bad, f.claims(nil))); err == nil {
			t.Fatal("a forged token passed")
		}
	}
	// One question a second at most, however long the fifty take here.
	if n, took := f.issuer.Fetched.Load()-before, time.Since(begin); int(n) > 2+int(took/time.Second) {
		t.Fatalf("the issuer was asked %d times in %s", n, took)
	}
}

type countingSigner struct{ n int }

func (c *countingSigner) Sign(p identity.Principal) (string, error) {
	c.n++
	return strings.Join([]string{p.Subject, p.AccessReason, time.Unix(p.AgencyID, 0).UTC().String(), time.Unix(int64(c.n), 0).String()}, "|"), nil
}

func TestSignedPrincipalIsReusedForTheSameAgencyOnly(t *testing.T) {
	f := setup(t)
	s, err := f.verify.Authenticate(t.Context(), f.token(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	signer := &countingSigner{}
	ask := func(change func(*identity.Principal), after time.Duration) string {
		p := s.Principal
		change(&p)
		v, err := s.Sign(signer, &p, f.clock.Now().Add(after))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	same := func(*identity.Principal) {}
	first := ask(same, 0)
	if ask(same, 29*time.Second) != first || signer.n != 1 {
		t.Fatal("minted anew within its reuse time")
	}
	if ask(same, 30*time.Second) == first {
		t.Fatal("reused beyond half its life")
	}
	other := ask(func(p *identity.Principal) { p.AgencyID = 8 }, 30*time.Second)
	crossing := ask(func(p *identity.Principal) { p.AgencyID, p.CrossAgency, p.AccessReason = 0, true, "x" }, 30*time.Second)
	if other == crossing || strings.Contains(other, time.Unix(7, 0).UTC().String()) {
		t.Fatal("a principal of one agency was used for another")
	}
}

func TestAuthority(t *testing.T) {
	f := setup(t)
	of := func(change map[string]any) [16]byte {
		s, err := f.verify.Authenticate(t.Context(), f.token(t, change))
		if err != nil {
			t.Fatal(err)
		}
		return s.Authority
	}
	base := of(nil)
	if of(map[string]any{"sub": "u-2", "agency_id": 9, "auth_time": 5}) != base {
		t.Fatal("authority depends on who it is")
	}
	for name, change := range map[string]map[string]any{
		"acr":    {"acr": "1"},
		"roles":  {"realm_access": map[string]any{"roles": []string{"qa_reviewer", "founder"}}},
		"scopes": {"scope": "qa:read qa:write"},
		"actor":  {"act": map[string]any{"sub": "x"}, "policy_version_id": ""},
		"policy": {"act": map[string]any{"sub": "x"}, "policy_version_id": "v1"},
	} {
		if of(change) == base {
			t.Errorf("authority does not depend on %s", name)
		}
	}
}
