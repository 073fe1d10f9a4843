//go:build e2e && !keycloak

package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/fusionems/quantum/deploy/local"
)

// startPatience bounds the start of everything.
const startPatience = 5 * time.Minute

// startFleet starts a fleet with its own identity provider.
func startFleet(ctx context.Context, dir, bin string) (stop func(), err error) {
	if fleet, err = local.Start(ctx, local.Options{Dir: dir, Bin: bin, Out: os.Stderr}); err != nil {
		return func() {}, err
	}
	return fleet.Stop, nil
}

// personToken signs a person in with the provider's shortcut for scripts.
func personToken(t testing.TB, u user) string {
	t.Helper()
	code, err := totp.GenerateCode(u.TOTPSecret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return cachedToken(t, u.Name, url.Values{
		"grant_type": {"password"}, "client_id": {env(t, "DEMO_CLIENT_ID")},
		"username": {u.Name}, "password": {env(t, "DEMO_PASSWORD")}, "totp": {code},
	})
}

func machineToken(t testing.TB, c client) string {
	t.Helper()
	return cachedToken(t, c.ID, url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ID}, "client_secret": {c.Secret}})
}

var tokens sync.Map // name -> token; a second-factor code is accepted once, so each user signs in once

func cachedToken(t testing.TB, name string, form url.Values) string {
	t.Helper()
	if tok, ok := tokens.Load(name); ok {
		return tok.(string)
	}
	status, body := postForm(t, form)
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusOK || answer.ExpiresIn != 900 {
		t.Fatalf("token for %s: %d %s", name, status, body)
	}
	tokens.Store(name, answer.AccessToken)
	return answer.AccessToken
}
