//go:build e2e && keycloak

package e2e

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/keycloak"
	"github.com/fusionems/quantum/deploy/local/issuer"
)

func keyOf(t *testing.T, token string) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
	if err != nil {
		t.Fatal(err)
	}
	var header struct {
		KeyID string `json:"kid"`
	}
	if err := json.Unmarshal(raw, &header); err != nil || header.KeyID == "" {
		t.Fatalf("%s, %v", raw, err)
	}
	return header.KeyID
}

// The gateway takes tokens of a new key at once, and those of the old one for as long as they live.
func TestKeycloakNewKeyIsTakenAtOnce(t *testing.T) {
	admin := kc.people.Admin
	p := someone(t, "test-keys", "qa_reviewer", issuer.NewTOTPSecret())
	before := caller{token: mustSignIn(t, p).Access}
	before.get(t, "/api/me").want(t, http.StatusOK)
	var realm struct {
		ID string `json:"id"`
	}
	if err := admin.Get(t.Context(), &realm); err != nil {
		t.Fatal(err)
	}
	err := admin.Create(t.Context(), map[string]any{
		"name": "rsa-next", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider", "parentId": realm.ID,
		"config": map[string][]string{"priority": {"200"}, "algorithm": {"RS256"}, "keySize": {"2048"}},
	}, "components")
	if err != nil {
		t.Fatal(err)
	}
	after := caller{token: mustSignIn(t, p).Access}
	if keyOf(t, after.token) == keyOf(t, before.token) {
		t.Fatal("Keycloak goes on with the old key")
	}
	after.get(t, "/api/me").want(t, http.StatusOK)
	before.get(t, "/api/me").want(t, http.StatusOK)
}

// A secret is changed by applying the file with another value.
func TestKeycloakSecretOfThePortalChanges(t *testing.T) {
	portal := kc.people.Portal
	p := someone(t, "test-secret", "qa_reviewer", issuer.NewTOTPSecret())
	apply := func(secret string) {
		values := maps.Clone(kc.values)
		values["FUSIONEMS_PORTAL_SECRET"] = secret
		want, err := keycloak.Read(realmFiles[realmName], values)
		if err == nil {
			err = kc.people.Admin.Apply(context.WithoutCancel(t.Context()), want)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { apply(portal.Secret) })
	next := portal
	next.Secret = rand.Text() + rand.Text()
	apply(next.Secret)
	_, err := portal.SignIn(t.Context(), p)
	wantTokenError(t, "the old secret", err, "unauthorized_client")
	if _, err := next.SignIn(t.Context(), p); err != nil {
		t.Errorf("the new secret: %v", err)
	}
}
