package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"crypto/x509"
	"encoding/pem"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"
)

// forge signs claims with the issuer's own key, so that the signature is not what refuses them.
func (w *world) forge(claims obj) string {
	w.t.Helper()
	text, err := os.ReadFile(w.cfg.LocalKeyFile)
	if err != nil {
		w.t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		w.t.Fatal(err)
	}
	return sign(w.t, key, w.kid(), claims)
}

func sign(t *testing.T, key any, kid string, claims obj) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *world) kid() string {
	w.t.Helper()
	parsed, err := jwt.ParseSigned(w.token("patient0"), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		w.t.Fatal(err)
	}
	return parsed.Headers[0].KeyID
}

func (w *world) claims(change obj) obj {
	now := w.clock.now()
	c := obj{"iss": w.cfg.Issuer, "aud": audience, "sub": w.users["patient0"].subject.String(), "typ": "Bearer", "acr": "2", "iat": now.Unix(), "nbf": now.Unix(),
		"exp": now.Add(5 * time.Minute).Unix(), "realm_access": obj{"roles": []string{"patient"}}}
	for k, v := range change {
		if v == nil {
			delete(c, k)
		} else {
			c[k] = v
		}
	}
	return c
}

func TestTokensThatAreNotBelieved(t *testing.T) {
	w := newWorld(t, 1)
	w.enroll("patient0", "CO")
	path := "patients/" + w.users["patient0"].subject.String()
	if a := w.send(w.forge(w.claims(nil)), http.MethodGet, path, nil); a.status != http.StatusOK {
		t.Fatalf("the token that all others differ from by one thing: %d %s", a.status, a.text)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	past := w.clock.now().Add(-time.Hour).Unix()
	tokens := map[string]string{
		"none": "", "not a token": "x.y.z",
		"another issuer":     w.forge(w.claims(obj{"iss": "https://fleet.test/realms/fusionems"})),
		"another audience":   w.forge(w.claims(obj{"aud": "fleet"})),
		"no audience":        w.forge(w.claims(obj{"aud": nil})),
		"over":               w.forge(w.claims(obj{"exp": past, "iat": past - 60, "nbf": past - 60})),
		"without end":        w.forge(w.claims(obj{"exp": nil})),
		"not yet":            w.forge(w.claims(obj{"nbf": w.clock.now().Add(time.Hour).Unix()})),
		"an ID token":        w.forge(w.claims(obj{"typ": "ID"})),
		"one factor":         w.forge(w.claims(obj{"acr": "1"})),
		"two roles":          w.forge(w.claims(obj{"realm_access": obj{"roles": []string{"patient", "provider"}}})),
		"no role":            w.forge(w.claims(obj{"realm_access": obj{"roles": []string{"founder"}}})),
		"no subject":         w.forge(w.claims(obj{"sub": "somebody"})),
		"the nil subject":    w.forge(w.claims(obj{"sub": uuid.Nil.String()})),
		"another key":        sign(t, other, w.kid(), w.claims(nil)),
		"another key's name": sign(t, other, "fleet-1", w.claims(nil)),
		// As the core issues them: its realm, its audience, its claims, its key.
		"a core access token": sign(t, other, "core", obj{"iss": "https://127.0.0.1:8443/realms/fusionems", "aud": "fusionems-api", "azp": "portal", "typ": "Bearer", "acr": "2",
			"sub": w.users["patient0"].subject.String(), "agency_id": 1, "exp": w.clock.now().Add(time.Minute).Unix(), "iat": w.clock.now().Unix(), "realm_access": obj{"roles": []string{"founder", "admin"}}}),
		"a core principal": sign(t, other, "principal", obj{"iss": "gateway", "aud": "fleet", "sub": uuid.NewString(), "exp": w.clock.now().Add(time.Minute).Unix(), "roles": []string{"founder"}}),
	}
	parts := strings.Split(w.forge(w.claims(nil)), ".")
	tokens["no signature"] = "eyJhbGciOiJub25lIn0." + parts[1] + "."
	for name, token := range tokens {
		a := w.send(token, http.MethodGet, path, nil)
		if a.status != http.StatusUnauthorized || a.str("reason") != "UNAUTHENTICATED" {
			t.Errorf("%s: %d %s, want 401", name, a.status, a.text)
		}
	}
	if n := w.behind(`SELECT count(*) FROM carefusion.audit_record WHERE body LIKE '%Unauthenticated%'`); n.(int64) != 0 {
		t.Error("strangers write into the audit log")
	}
}

func TestTheEdgeRefuses(t *testing.T) {
	w := newWorld(t, 1)
	token := w.token("patient0")
	check := func(name string, a answer, status int) {
		t.Helper()
		var whole struct {
			Title, Instance string
			Status          int
		}
		if err := json.Unmarshal([]byte(a.text), &whole); err != nil || a.status != status || whole.Status != status || whole.Instance == "" || whole.Title == "" {
			t.Errorf("%s: %d %s, want a problem with %d", name, a.status, a.text, status)
		}
	}
	check("an unknown path", w.send(token, http.MethodGet, "nothing/here", nil), http.StatusNotFound)
	check("another verb", w.send(token, http.MethodDelete, "patients", nil), http.StatusMethodNotAllowed)
	check("an unknown field", w.send(token, http.MethodPost, "patients/me:update", obj{"state": "CO", "sate": "secret-value"}), http.StatusBadRequest)
	check("too much", w.send(token, http.MethodPost, "patients/me:update", obj{"state": strings.Repeat("x", 300<<10)}), http.StatusBadRequest)
	a := w.send(token, http.MethodPost, "patients/me:update", obj{"state": "Colorado secret"})
	check("a wrong field", a, http.StatusBadRequest)
	if errs := a.list("errors"); len(errs) != 1 || errs[0].(obj)["field"] != "state" || strings.Contains(a.text, "secret") {
		t.Errorf("the mistake is not named, or is repeated: %s", a.text)
	}
	if a := w.send(token, http.MethodPost, "patients/me:update", obj{"sate": "secret-value"}); strings.Contains(a.text, "secret-value") {
		t.Errorf("the answer repeats what was sent: %s", a.text)
	}
	if a := w.send(token, http.MethodGet, "appointments?pageToken=nonsense", nil); a.status != http.StatusBadRequest {
		t.Errorf("a token of no page: %d", a.status)
	}
}
