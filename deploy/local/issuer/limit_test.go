package issuer_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fusionems/quantum/deploy/local/issuer"
)

// from posts a form as a client at an address.
func (w *world) from(address, path string, form url.Values) answer {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, endpoint+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = address
	return w.do(r)
}

func refreshForm(token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "client_id": {"demo"}, "refresh_token": {token}}
}

// wantLimited wants a refusal of too many requests, and returns how long it says to wait.
func wantLimited(t *testing.T, what string, a answer) time.Duration {
	t.Helper()
	wantRefused(t, what, a, http.StatusTooManyRequests, "temporarily_unavailable")
	seconds, err := strconv.Atoi(a.RetryAfter)
	if err != nil || seconds < 1 || a.Description == "" {
		t.Fatalf("%s: Retry-After %q, description %q", what, a.RetryAfter, a.Description)
	}
	return time.Duration(seconds) * time.Second
}

func TestRequestsAboutOneUserAreLimited(t *testing.T) {
	w := newWorld(t)
	w.cfg.Limits = issuer.Limits{Window: time.Minute, Address: 1000, Identity: 3}
	w.cfg.Lockout.Failures = 1000
	w.restart()
	for i := range 3 {
		// Neither the case of a name nor a field that this grant does not read makes another counter.
		a := w.login([]string{"medic", "Medic", "MEDIC"}[i], "wrong", "", "refresh_token", strconv.Itoa(i), "token", strconv.Itoa(i))
		wantRefused(t, "within the limit", a, http.StatusUnauthorized, "invalid_grant")
	}
	wait := wantLimited(t, "the right password beyond the limit", w.login("medic", password, w.code("medic", 0)))
	wantToken(t, "another user", w.login("founder", password, w.code("founder", 0)))
	w.wait(wait)
	wantToken(t, "after the wait it was told", w.login("medic", password, w.code("medic", 0)))
}

func TestRequestsOfOneAddressAreLimitedOnEveryRoute(t *testing.T) {
	w := newWorld(t)
	w.cfg.Limits = issuer.Limits{Window: time.Minute, Address: 4, Identity: 1000}
	w.restart()
	const here, alsoHere, there = "[2001:db8::1]:4000", "[2001:db8::2]:4001", "192.0.2.7:4000"
	vendor := url.Values{"grant_type": {"client_credentials"}, "client_id": {"vendor"}, "client_secret": {w.secret}}
	wantToken(t, "client", w.from(here, "/token", vendor))
	wantRefused(t, "refresh", w.from(alsoHere, "/token", refreshForm("unknown")), http.StatusBadRequest, "invalid_grant")
	wantRefused(t, "unknown client", w.from(here, "/token", url.Values{"client_id": {"nobody"}}), http.StatusUnauthorized, "invalid_client")
	if a := w.from(here, "/logout", refreshForm("unknown")); a.Status != http.StatusNoContent {
		t.Errorf("logout of an unknown token: %d %s", a.Status, a.Error)
	}
	wantLimited(t, "client beyond the limit", w.from(here, "/token", vendor))
	wantLimited(t, "refresh beyond the limit", w.from(here, "/token", refreshForm("unknown")))
	wantLimited(t, "logout beyond the limit", w.from(here, "/logout", refreshForm("unknown")))
	wantLimited(t, "revocation beyond the limit", w.from(here, "/revoke", url.Values{"client_id": {"demo"}, "token": {"unknown"}}))
	wantToken(t, "another address", w.from(there, "/token", vendor))
}

func TestIssuersCountTogetherAndNameNobody(t *testing.T) {
	w := newWorld(t)
	w.cfg.Limits = issuer.Limits{Window: time.Minute, Address: 1000, Identity: 10}
	w.cfg.Lockout.Failures = 1000
	replicas := []http.Handler{w.replica(), w.replica()}
	counted := 0
	for i := range 16 {
		w.handler = replicas[i%2]
		switch a := w.login("medic", "wrong", ""); a.Status {
		case http.StatusUnauthorized:
			counted++
		default:
			wantLimited(t, "beyond the limit", a)
		}
	}
	if counted != 10 {
		t.Errorf("two issuers let %d requests through, want the 10 of one", counted)
	}
	keys := w.redis.Keys()
	if len(keys) == 0 {
		t.Fatal("nothing was counted")
	}
	for _, key := range keys {
		// The address that requests of httptest come from.
		if strings.Contains(key, "medic") || strings.Contains(key, "demo") || strings.Contains(key, "192.0.2.1") {
			t.Errorf("the key %s names somebody", key)
		}
	}
}

func TestWithoutCountersNobodyGetsAToken(t *testing.T) {
	w := newWorld(t)
	before := w.login("medic", password, w.code("medic", 0))
	wantToken(t, "before", before)
	w.redis.Close()
	for what, a := range map[string]answer{
		"login":   w.login("founder", password, w.code("founder", 0)),
		"client":  w.post("/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {"vendor"}, "client_secret": {w.secret}}),
		"refresh": w.refresh(before.RefreshToken),
		"logout":  w.post("/logout", refreshForm(before.RefreshToken)),
		"revoke":  w.post("/revoke", url.Values{"client_id": {"demo"}, "token": {before.RefreshToken}}),
	} {
		wantRefused(t, what, a, http.StatusServiceUnavailable, "temporarily_unavailable")
		if a.RetryAfter != "1" {
			t.Errorf("%s: Retry-After %q", what, a.RetryAfter)
		}
	}
	if status := ready(t, w.handler); status != http.StatusServiceUnavailable {
		t.Errorf("ready answers %d without counters", status)
	}
	if err := w.redis.Restart(); err != nil {
		t.Fatal(err)
	}
	w.wait(time.Second)
	for deadline := time.Now().Add(time.Minute); ready(t, w.handler) != http.StatusOK; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the counters are back and still not used")
		}
	}
	wantToken(t, "the refresh token was not spent meanwhile", w.refresh(before.RefreshToken))
}
