package issuer_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"

	"github.com/fusionems/quantum/deploy/local/issuer"
	"github.com/fusionems/quantum/pkg/testkit/pg"
)

const (
	url0     = "https://127.0.0.1:8443/realms/fusionems"
	endpoint = "/realms/fusionems/protocol/openid-connect"
	password = "correct horse battery staple"

	callback  = "https://portal.test/auth/callback"
	signedOut = "https://portal.test/signed-out"
	initiate  = "https://portal.test/auth/login"
)

// world is an issuer on a real PostgreSQL with a clock that the test moves.
type world struct {
	t       *testing.T
	cfg     issuer.Config
	handler http.Handler
	realm   issuer.Realm
	secret  string // of the integration client
	redis   *miniredis.Miniredis

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 3, 1, 12, 0, 5, 0, time.UTC), secret: issuer.NewSecret(), redis: miniredis.RunT(t)}
	database := pg.NewDatabase(t)
	if _, err := database.Superuser(t).Exec(t.Context(), `CREATE SCHEMA issuer`); err != nil {
		t.Fatal(err)
	}
	hash, err := issuer.HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	w.realm = issuer.Realm{
		Users: []issuer.User{
			{ID: uuid.NewString(), Username: "medic", PasswordHash: hash, TOTPSecret: issuer.NewTOTPSecret(), Roles: []string{"clinical_staff"}, AgencyID: 7},
			{ID: uuid.NewString(), Username: "founder", PasswordHash: hash, TOTPSecret: issuer.NewTOTPSecret(), Roles: []string{"founder"}},
			{ID: uuid.NewString(), Username: "newcomer", PasswordHash: hash, RequiredActions: []string{"CONFIGURE_TOTP"}, Roles: []string{"clinical_staff"}, AgencyID: 7, Demo: true},
			{ID: uuid.NewString(), Username: "gone", PasswordHash: hash, TOTPSecret: issuer.NewTOTPSecret(), Roles: []string{"founder"}, Disabled: true},
		},
		Clients: []issuer.Client{
			{ID: "demo", DirectGrants: true},
			{ID: "other", DirectGrants: true},
			{ID: "vendor", Subject: uuid.NewString(), SecretHash: issuer.HashSecret(w.secret), Roles: []string{"integration"}, AgencyID: 9},
			{ID: "portal", SecretHash: issuer.HashSecret(w.secret), StandardFlow: true, RedirectURIs: []string{callback},
				PostLogoutRedirectURIs: []string{signedOut}, InitiateLoginURI: initiate},
			{ID: "kiosk", StandardFlow: true, RedirectURIs: []string{"https://kiosk.test/callback?of=kiosk"}},
		},
	}
	dir := t.TempDir()
	w.cfg = issuer.Defaults()
	w.cfg.Log = slog.New(slog.DiscardHandler)
	w.cfg.URL, w.cfg.DatabaseURL = url0, database.URL
	w.cfg.RealmFile, w.cfg.SigningKeyFile = filepath.Join(dir, "realm.json"), filepath.Join(dir, "key.json")
	w.cfg.RedisURL = "redis://" + w.redis.Addr()
	w.cfg.Now = func() time.Time {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.now
	}
	w.cfg.Scopes = func(roles []string) []string {
		scopes := map[string][]string{
			"clinical_staff": {"epcr:read:own", "protocols:read"}, "founder": {"founder:read", "governance:write"}, "integration": {"epcr:import"},
		}
		var out []string
		for _, r := range roles {
			out = append(out, scopes[r]...)
		}
		return out
	}
	w.writeRealm()
	w.restart()
	return w
}

func (w *world) writeRealm() {
	w.t.Helper()
	if err := issuer.WriteRealm(w.cfg.RealmFile, &w.realm); err != nil {
		w.t.Fatal(err)
	}
}

// restart replaces the issuer by a new one on the same state.
func (w *world) restart() {
	w.t.Helper()
	w.handler = w.replica()
}

// replica is one more issuer on the same state.
func (w *world) replica() http.Handler {
	w.t.Helper()
	p, err := issuer.New(w.t.Context(), w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
		p.Close()
	})
	h := p.Handler()
	for deadline := time.Now().Add(time.Minute); ready(w.t, h) != http.StatusOK; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatal("the issuer was never ready")
		}
	}
	return h
}

func ready(t *testing.T, h http.Handler) int {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	return rec.Code
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) user(name string) issuer.User {
	i := slices.IndexFunc(w.realm.Users, func(u issuer.User) bool { return u.Username == name })
	return w.realm.Users[i]
}

func (w *world) code(name string, offset int64) string {
	w.t.Helper()
	code, err := issuer.TOTPCode(w.user(name).TOTPSecret, issuer.TOTPStep(w.cfg.Now())+offset)
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

type answer struct {
	Status                        int
	AccessToken                   string `json:"access_token"`
	RefreshToken                  string `json:"refresh_token"`
	IDToken                       string `json:"id_token"`
	ExpiresIn                     int    `json:"expires_in"`
	Scope                         string
	Error                         string
	Description                   string `json:"error_description"`
	TokenType                     string `json:"token_type"`
	RefreshExpiresIn              int    `json:"refresh_expires_in"`
	PreferredUsername             string `json:"preferred_username"`
	JWKS                          string `json:"jwks_uri"`
	Issuer, TokenEndpoint, Header string
	RetryAfter                    string `json:"-"`
}

func (w *world) post(path string, form url.Values) answer {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, endpoint+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.do(r)
}

func (w *world) do(r *http.Request) answer {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	a := answer{Status: rec.Code, RetryAfter: rec.Header().Get("Retry-After")}
	if body, _ := io.ReadAll(rec.Body); len(body) > 0 {
		if err := json.Unmarshal(body, &a); err != nil {
			w.t.Fatalf("answer %d is not JSON: %s", rec.Code, body)
		}
	}
	return a
}

func (w *world) login(name, pw, totp string, more ...string) answer {
	w.t.Helper()
	form := url.Values{"grant_type": {"password"}, "client_id": {"demo"}, "username": {name}, "password": {pw}}
	if totp != "" {
		form.Set("totp", totp)
	}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return w.post("/token", form)
}

func (w *world) refresh(token string) answer {
	w.t.Helper()
	return w.post("/token", url.Values{"grant_type": {"refresh_token"}, "client_id": {"demo"}, "refresh_token": {token}})
}

// claims verifies a token with the published key and returns its claims.
func (w *world) claims(token string) map[string]any {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, endpoint+"/certs", nil))
	var keys jose.JSONWebKeySet
	if err := json.Unmarshal(rec.Body.Bytes(), &keys); err != nil {
		w.t.Fatal(err)
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		w.t.Fatal(err)
	}
	claims := map[string]any{}
	if err := parsed.Claims(&keys, &claims); err != nil {
		w.t.Fatal(err)
	}
	return claims
}

func wantRefused(t *testing.T, what string, a answer, status int, code string) {
	t.Helper()
	if a.Status != status || a.Error != code || a.AccessToken != "" || a.RefreshToken != "" {
		t.Errorf("%s: %d %s (token %t), want %d %s", what, a.Status, a.Error, a.AccessToken != "", status, code)
	}
}

func wantToken(t *testing.T, what string, a answer) {
	t.Helper()
	if a.Status != http.StatusOK || a.AccessToken == "" {
		t.Fatalf("%s: %d %s %s, want a token", what, a.Status, a.Error, a.Description)
	}
}
