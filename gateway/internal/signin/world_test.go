package signin_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/fusionems/quantum/gateway/internal/access"
	"github.com/fusionems/quantum/gateway/internal/authn"
	"github.com/fusionems/quantum/gateway/internal/evidence"
	"github.com/fusionems/quantum/gateway/internal/gatewaytest"
	"github.com/fusionems/quantum/gateway/internal/session"
	"github.com/fusionems/quantum/gateway/internal/signin"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/limit"
	"github.com/fusionems/quantum/pkg/testkit/logbuffer"
)

// world is two replicas of what signs people in, behind one address, with a real issuer and one Redis.
type world struct {
	t        *testing.T
	clock    *clock.Fake
	issuer   *gatewaytest.Issuer
	redis    *miniredis.Miniredis
	server   *httptest.Server
	replicas []*replica
	records  *records
	log      *logbuffer.Buffer
	access   *logbuffer.Buffer
	accesses *access.Log
}

type replica struct {
	manager *session.Manager
	handler *signin.Handler
}

// records keeps what would go to the audit log.
type records struct {
	mu       sync.Mutex
	refusals []evidence.Refusal
	deeds    []evidence.Deed
}

func (r *records) Refused(f evidence.Refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusals = append(r.refusals, f)
}

func (r *records) Done(d evidence.Deed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.deeds = append(r.deeds, d)
}

func (r *records) SessionEnded(ctx context.Context, p identity.Principal, id, cause string) {
	r.Done(evidence.Deed{Action: "ended", Resource: id, RequestID: identity.RequestID(ctx), Principal: p, Cause: cause})
}

// causes are those of the sessions that ended, in order.
func (r *records) causes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, d := range r.deeds {
		if d.Action == "ended" {
			out = append(out, d.Cause)
		}
	}
	return out
}

func (r *records) did(action string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, d := range r.deeds {
		if strings.HasSuffix(d.Action, "/"+action) {
			n++
		}
	}
	return n
}

func (r *records) refused(action, reason string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.refusals, func(f evidence.Refusal) bool { return strings.HasSuffix(f.Action, "/"+action) && f.Reason == reason })
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

const (
	idle = 15 * time.Minute
	most = 12 * time.Hour
)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, clock: clock.NewFake(time.Now().Truncate(time.Second)), redis: miniredis.RunT(t), records: &records{}, log: &logbuffer.Buffer{}, access: &logbuffer.Buffer{},
	}
	w.issuer = must[*gatewaytest.Issuer](t)(gatewaytest.NewIssuer())
	t.Cleanup(w.issuer.Close)
	w.issuer.SignIn.Set(func(s *gatewaytest.SignIn) { s.Now = w.clock.Now })
	w.accesses = access.NewLog(w.access)
	w.server = httptest.NewTLSServer(http.HandlerFunc(w.serve))
	t.Cleanup(w.server.Close)
	key, metrics := gatewaytest.SessionKey(), access.NewMetrics(prometheus.NewRegistry())
	for range 2 {
		w.replicas = append(w.replicas, w.replica(key, metrics))
	}
	return w
}

func (w *world) replica(key string, metrics *access.Metrics) *replica {
	t, log := w.t, slog.New(slog.NewTextHandler(w.log, nil))
	redis, err := limit.Options("redis://"+w.redis.Addr(), nil)
	if err != nil {
		t.Fatal(err)
	}
	redis.ConnWriteTimeout, redis.Dialer.Timeout = time.Minute, time.Minute // for the sake of slow machines
	tokens := must[*authn.Verifier](t)(authn.New(authn.Config{
		Issuer: w.issuer.URL, Audience: gatewaytest.Audience, MaxAge: 30 * time.Minute, Client: http.DefaultClient, Now: w.clock.Now,
		Roles: []authz.Role{{Name: "qa_reviewer", Scopes: []string{"qa:read"}}},
	}))
	limits := must[*limit.Limiter](t)(limit.New(redis, limit.Limits{Window: time.Minute, Address: 500, Failures: 10}, w.clock.Now))
	provider := signin.NewProvider(signin.ProviderConfig{
		Issuer: w.issuer.URL, ClientID: gatewaytest.ClientID, ClientSecret: gatewaytest.ClientSecret, Origin: w.server.URL,
		Client: http.DefaultClient, Now: w.clock.Now,
	})
	store := session.NewStore(redis)
	manager := must[*session.Manager](t)(session.New(session.Config{
		Keys: key, Origin: w.server.URL, Idle: idle, Max: most, Tokens: tokens, Issuer: provider, Evidence: w.records, Log: log, Now: w.clock.Now,
	}, store))
	handler := must[*signin.Handler](t)(signin.New(signin.Deps{
		Origin: w.server.URL, Provider: provider, Sessions: manager, Tokens: tokens, Limits: limits, Evidence: w.records,
		Access: w.accesses, Metrics: metrics, Log: log, Now: w.clock.Now, AddressOf: func(*http.Request) string { return "192.0.2.7" },
	}))
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, run := range []func(context.Context) error{tokens.Run, limits.Run, provider.Run, store.Run} {
		wg.Go(func() { _ = run(ctx) })
	}
	t.Cleanup(func() { cancel(); wg.Wait() })
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		if tokens.Ready(ctx) == nil && limits.Ready(ctx) == nil && provider.Ready(ctx) == nil && store.Ready(ctx) == nil {
			return &replica{manager, handler}
		}
		if time.Now().After(deadline) {
			t.Fatal("a replica is not ready")
		}
	}
}

// serve stands for the gateway: below /auth/ the handler, elsewhere a call that needs a session and says whose it is.
func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	one := w.replicas[0]
	if r.Header.Get("X-Replica") == "2" {
		one = w.replicas[1]
	}
	if strings.HasPrefix(r.URL.Path, signin.Root) {
		one.handler.ServeHTTP(rw, r)
		return
	}
	if r.URL.Path == "/signed-out" {
		return
	}
	l, err := one.manager.Authenticate(r.Context(), r, "192.0.2.7")
	if err != nil {
		http.Error(rw, err.Error(), http.StatusUnauthorized)
		return
	}
	_ = json.NewEncoder(rw).Encode(map[string]any{"subject": l.Token.Principal.Subject, "id": l.View.ID, "auth": l.View.Auth, "idle": l.View.IdleExpires})
}

// browser keeps cookies and follows redirects as one does.
type browser struct {
	w      *world
	client *http.Client
	jar    *cookiejar.Jar
}

func (w *world) browser() *browser {
	jar := must[*cookiejar.Jar](w.t)(cookiejar.New(nil))
	client := w.server.Client()
	return &browser{w, &http.Client{Transport: client.Transport, Jar: jar}, jar}
}

type answer struct {
	code     int
	body     string
	header   http.Header
	location *url.URL
	json     map[string]any
}

// send makes a request; header values that are empty are left out.
func (b *browser) send(method, path string, header map[string]string) answer {
	b.w.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.w.server.URL + path
	}
	req, err := http.NewRequestWithContext(b.w.t.Context(), method, path, nil)
	if err != nil {
		b.w.t.Fatal(err)
	}
	for k, v := range header {
		if v != "" {
			req.Header.Set(k, v)
		}
	}
	resp, err := b.client.Do(req)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	a := answer{code: resp.StatusCode, body: string(raw), header: resp.Header, location: resp.Request.URL}
	_ = json.Unmarshal(raw, &a.json)
	return a
}

func (b *browser) get(path string) answer { return b.send(http.MethodGet, path, nil) }

// stop keeps redirects from being followed.
func (b *browser) stop() {
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
}

func (b *browser) cookie(name string) string {
	u, err := url.Parse(b.w.server.URL)
	if err != nil {
		b.w.t.Fatal(err)
	}
	for _, c := range b.jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// signIn signs in and fails the test when it does not work.
func (w *world) signIn() *browser {
	w.t.Helper()
	b := w.browser()
	if a := b.get("/auth/login?return=/charts%3Fstate=open"); a.code != 200 || a.location.RequestURI() != "/charts?state=open" || a.json["subject"] != "u-1" {
		w.t.Fatalf("%d at %s: %s", a.code, a.location, a.body)
	}
	return b
}

// unsafe is what the portal sends with a request that changes something.
func (b *browser) unsafe() map[string]string {
	return map[string]string{"Origin": b.w.server.URL, "Sec-Fetch-Site": "same-origin", session.CSRFHeader: b.cookie(session.CSRFCookie)}
}
