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

// personToken signs a person in with the provider's shortcut for scripts. A code is accepted once: whose code of now is used
// up waits for the next.
func personToken(t testing.TB, u user) string {
	t.Helper()
	return cachedToken(t, u.Name, func(try int) url.Values {
		if try > 0 {
			step := totpStep(time.Now())
			eventually(t, "the next code of "+u.Name, func() bool { return totpStep(time.Now()) > step })
		}
		code, err := totp.GenerateCode(u.TOTPSecret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return url.Values{
			"grant_type": {"password"}, "client_id": {env(t, "DEMO_CLIENT_ID")},
			"username": {u.Name}, "password": {env(t, "DEMO_PASSWORD")}, "totp": {code},
		}
	})
}

func totpStep(at time.Time) int64 { return at.Unix() / 30 }

func machineToken(t testing.TB, c client) string {
	t.Helper()
	return cachedToken(t, c.ID, func(int) url.Values {
		return url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ID}, "client_secret": {c.Secret}}
	})
}

// kept is a token and when it was given out.
type kept struct {
	token string
	since time.Time
}

// renewal is well before the end of a token, which a test may go on using for a while.
const renewal = 8 * time.Minute

var tokens sync.Map // name -> kept

func cachedToken(t testing.TB, name string, form func(try int) url.Values) string {
	t.Helper()
	if tok, ok := tokens.Load(name); ok && time.Since(tok.(kept).since) < renewal {
		return tok.(kept).token
	}
	var status int
	var body []byte
	for try := range 3 {
		since := time.Now()
		status, body = postForm(t, form(try))
		var answer struct {
			AccessToken string `json:"access_token"`
			ExpiresIn   int    `json:"expires_in"`
		}
		if err := json.Unmarshal(body, &answer); err == nil && status == http.StatusOK && answer.ExpiresIn == 900 {
			tokens.Store(name, kept{answer.AccessToken, since})
			return answer.AccessToken
		}
	}
	t.Fatalf("token for %s: %d %s", name, status, body)
	return ""
}
