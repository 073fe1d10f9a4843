package edge_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/go-jose/go-jose/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/rueidis"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/fusionems/quantum/gateway/internal/access"
	"github.com/fusionems/quantum/gateway/internal/authn"
	"github.com/fusionems/quantum/gateway/internal/decide"
	"github.com/fusionems/quantum/gateway/internal/edge"
	"github.com/fusionems/quantum/gateway/internal/evidence"
	"github.com/fusionems/quantum/gateway/internal/gatewaytest"
	"github.com/fusionems/quantum/gateway/internal/modules"
	"github.com/fusionems/quantum/gateway/internal/route"
	ownrpc "github.com/fusionems/quantum/gateway/internal/rpc"
	"github.com/fusionems/quantum/gateway/internal/session"
	"github.com/fusionems/quantum/gateway/internal/signin"
	"github.com/fusionems/quantum/gateway/internal/upstream"
	"github.com/fusionems/quantum/gateway/policy"
	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/limit"
	"github.com/fusionems/quantum/pkg/obs"
	"github.com/fusionems/quantum/pkg/page"
	"github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/testkit/logbuffer"
	"github.com/fusionems/quantum/pkg/testkit/pki"
	"github.com/fusionems/quantum/pkg/tlsfile"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	reportingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
)

// services stands for the fleet behind the gateway: the real server of pkg/rpc with its own checks, and canned answers.
type services struct {
	agencyv1.UnimplementedMeServiceServer
	agencyv1.UnimplementedAgencyServiceServer
	agencyv1.UnimplementedModuleServiceServer
	agencyv1.UnimplementedModuleRegistryServiceServer
	clinicalv1.UnimplementedChartServiceServer
	qav1.UnimplementedCaseServiceServer
	reportingv1.UnimplementedReportServiceServer

	mu       sync.Mutex
	seen     identity.Principal
	metadata metadata.MD
	deadline time.Duration
	calls    int
	document *httpbody.HttpBody
	disabled []*agencyv1.DisabledModule
	revision int64
	answer   func() error
}

func (s *services) called(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	s.seen, _ = identity.From(ctx)
	s.metadata, _ = metadata.FromIncomingContext(ctx)
	if d, ok := ctx.Deadline(); ok {
		s.deadline = time.Until(d)
	}
	if s.answer != nil {
		return s.answer()
	}
	return nil
}

func (s *services) GetMe(ctx context.Context, _ *agencyv1.GetMeRequest) (*agencyv1.Me, error) {
	if err := s.called(ctx); err != nil {
		return nil, err
	}
	p, _ := identity.From(ctx)
	return &agencyv1.Me{Subject: p.Subject, Name: p.Name, Actor: string(p.Actor), Roles: p.Roles}, nil
}

func (s *services) CreateAgency(ctx context.Context, r *agencyv1.CreateAgencyRequest) (*agencyv1.Agency, error) {
	return r.GetAgency(), s.called(ctx)
}

func (s *services) UpdateModule(ctx context.Context, r *agencyv1.UpdateModuleRequest) (*agencyv1.Module, error) {
	return &agencyv1.Module{Module: r.GetModule(), Enabled: r.GetEnabled()}, s.called(ctx)
}

func (s *services) GetModuleRegistry(context.Context, *agencyv1.GetModuleRegistryRequest) (*agencyv1.GetModuleRegistryResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &agencyv1.GetModuleRegistryResponse{Revision: s.revision, Disabled: s.disabled}, nil
}

func (s *services) ImportCharts(ctx context.Context, r *clinicalv1.ImportChartsRequest) (*clinicalv1.ImportChartsResponse, error) {
	if err := s.called(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.document = r.GetDocument()
	s.mu.Unlock()
	return &clinicalv1.ImportChartsResponse{Charts: []*clinicalv1.Chart{{Id: "c-1", PcrNumber: "P1"}}},
		grpc.SetHeader(ctx, metadata.Pairs(rpc.HeaderHTTPCode, "201"))
}

func (s *services) GetChartNemsis(ctx context.Context, _ *clinicalv1.GetChartNemsisRequest) (*httpbody.HttpBody, error) {
	if err := rpc.Attachment(ctx, "chart \"1\".xml"); err != nil {
		return nil, err
	}
	return &httpbody.HttpBody{ContentType: "application/xml", Data: []byte("<EMSDataSet/>")}, s.called(ctx)
}

func (s *services) ListCases(ctx context.Context, _ *qav1.ListCasesRequest) (*qav1.ListCasesResponse, error) {
	return &qav1.ListCasesResponse{}, s.called(ctx)
}

func (s *services) GetCase(ctx context.Context, r *qav1.GetCaseRequest) (*qav1.Case, error) {
	return &qav1.Case{Id: r.GetId()}, s.called(ctx)
}

func (s *services) RunTemplate(ctx context.Context, _ *reportingv1.RunTemplateRequest) (*reportingv1.Execution, error) {
	return &reportingv1.Execution{Id: "e-1"}, s.called(ctx)
}

type noRecorder struct{}

func (noRecorder) Record(context.Context, *audit.Call) error { return nil }

// refusals keeps what would go to the audit log.
type refusals struct {
	mu    sync.Mutex
	list  []evidence.Refusal
	calls []*audit.Call
	ended int
}

func (r *refusals) Refused(f evidence.Refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, f)
}

func (r *refusals) Keep(call *audit.Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, call)
}

func (r *refusals) SessionEnded(context.Context, identity.Principal, string, string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended++
}

func (r *refusals) last() (evidence.Refusal, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) == 0 {
		return evidence.Refusal{}, 0
	}
	return r.list[len(r.list)-1], len(r.list)
}

// world is a gateway in front of services, with everything real but what is behind the services.
type world struct {
	t        *testing.T
	issuer   *gatewaytest.Issuer
	services *services
	redis    *miniredis.Miniredis
	clock    *clock.Fake
	registry *modules.Registry
	rules    *authz.Table
	refusals *refusals
	log      *logbuffer.Buffer
	errors   *logbuffer.Buffer
	access   *access.Log
	sessions *session.Manager
	metrics  *prometheus.Registry
	deps     edge.Deps
	edge     *edge.Edge
	server   *httptest.Server
}

type option func(*settings)

type settings struct {
	limits limit.Limits
	edge   edge.Config
	away   string
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

// callTime is shorter than what a service gives a call by itself.
const callTime = 12 * time.Second

func newWorld(t *testing.T, options ...option) *world {
	t.Helper()
	set := settings{
		limits: limit.Limits{Window: time.Minute, Identity: 5000, Address: 5000, Tenant: 5000, Failures: 100},
		edge:   edge.Config{MaxDocument: 20 << 20, MaxBody: 1 << 20, Timeout: callTime, DocumentTimeout: time.Minute},
	}
	for _, o := range options {
		o(&set)
	}
	w := &world{
		t: t, services: &services{revision: 1}, clock: clock.NewFake(time.Now().Truncate(time.Minute)), refusals: &refusals{},
		log: &logbuffer.Buffer{}, errors: &logbuffer.Buffer{}, metrics: prometheus.NewRegistry(), redis: miniredis.RunT(t),
	}
	w.issuer = must[*gatewaytest.Issuer](t)(gatewaytest.NewIssuer())
	t.Cleanup(w.issuer.Close)
	w.rules = must[*authz.Table](t)(authz.Load())
	routes := must[*route.Table](t)(route.Load(w.rules))
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	conns := w.startServices(routes, public, set.away)
	tokens := must[*authn.Verifier](t)(authn.New(authn.Config{
		Issuer: w.issuer.URL, Audience: gatewaytest.Audience, MaxAge: 30 * time.Minute, Client: http.DefaultClient,
		Roles: w.rules.Roles(), Now: w.clock.Now,
	}))
	limits := must[*limit.Limiter](t)(newLimiter(w.redis.Addr(), set.limits, w.clock.Now))
	w.registry = modules.New(agencyv1.NewModuleRegistryServiceClient(conns["agency"]), slog.New(slog.DiscardHandler), time.Now)
	w.access = access.NewLog(w.log)
	w.deps = edge.Deps{
		Config: set.edge, Roles: w.rules.Roles(), Routes: routes, Tokens: tokens, Modules: w.registry, Limits: limits,
		Policy: must[*decide.Policy](t)(decide.New(t.Context(), policy.Module, policy.Data, w.rules)),
		Signer: must[*identity.Signer](t)(identity.NewSigner(private, "g1", w.clock.Now)), Refusals: w.refusals, Access: w.access,
		Metrics: access.NewMetrics(w.metrics), Log: slog.New(slog.NewTextHandler(w.errors, nil)), Now: w.clock.Now, Conns: conns,
	}
	store := w.browserSessions(tokens)
	w.run(tokens.Run, limits.Run, w.registry.Run, store.Run)
	w.edge = must[*edge.Edge](t)(edge.New(t.Context(), w.deps))
	w.server = httptest.NewServer(w.edge)
	t.Cleanup(w.server.Close)
	w.until("issuer, redis and registry", func() bool {
		return tokens.Ready(t.Context()) == nil && limits.Ready(t.Context()) == nil && store.Ready(t.Context()) == nil && (set.away == "agency" || w.registry.Current() != nil)
	})
	return w
}

// origin is where the portal would be.
const origin = "https://ems.example"

// browserSessions adds sessions and the gateway's own services to the chain.
func (w *world) browserSessions(tokens *authn.Verifier) *session.Store {
	t, key := w.t, gatewaytest.SessionKey()
	opt := must[rueidis.ClientOption](t)(redisAt(w.redis.Addr()))
	store := session.NewStore(opt)
	w.sessions = must[*session.Manager](t)(session.New(session.Config{
		Keys: key, Origin: origin, Idle: 15 * time.Minute, Max: 12 * time.Hour, Tokens: tokens, Evidence: w.refusals,
		Issuer: signin.NewProvider(signin.ProviderConfig{Issuer: w.issuer.URL}), Log: slog.New(slog.NewTextHandler(w.errors, nil)), Now: w.clock.Now,
	}, store))
	w.deps.Sessions = w.sessions
	w.deps.Own = edge.Own{
		Sessions: ownrpc.NewSessions(w.sessions, must[*page.Sealer](t)(session.NewPages(key))), Health: ownrpc.NewHealth(&upstream.Board{}, w.clock.Now),
	}
	return store
}

// redisAt waits longer for a server that is there than the gateway does, for the sake of slow machines.
func redisAt(addr string) (rueidis.ClientOption, error) {
	opt, err := limit.Options("redis://"+addr, nil)
	opt.ConnWriteTimeout, opt.Dialer.Timeout = time.Minute, time.Minute
	return opt, err
}

func newLimiter(addr string, limits limit.Limits, now func() time.Time) (*limit.Limiter, error) {
	opt, err := redisAt(addr)
	if err != nil {
		return nil, err
	}
	return limit.New(opt, limits, now)
}

// run starts long-lived parts and stops them with the test.
func (w *world) run(parts ...func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, p := range parts {
		wg.Go(func() { _ = p(ctx) })
	}
	w.t.Cleanup(func() { cancel(); wg.Wait() })
}

func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: not in time", what)
		}
	}
}

// startServices runs one server per service, each with its own identity, and dials them as the gateway.
func (w *world) startServices(routes *route.Table, public ed25519.PublicKey, away string) map[string]*grpc.ClientConn {
	w.t.Helper()
	t := w.t
	ca := must[*pki.CA](t)(pki.New())
	dir := t.TempDir()
	source := func(name string) *tlsfile.Source {
		return must[*tlsfile.Source](t)(tlsfile.Open(must[tlsfile.Files](t)(ca.WriteFiles(dir, name))))
	}
	jwks, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: public, KeyID: "g1", Algorithm: "EdDSA", Use: "sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	mine := source("gateway")
	conns := map[string]*grpc.ClientConn{}
	for _, name := range edge.Services() {
		ln := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
		server := must[*rpc.Server](t)(rpc.NewServer(rpc.ServerConfig{
			Service: name, Listener: ln, TLS: source(name), Table: w.rules, Recorder: noRecorder{},
			Verifier: must[*identity.Verifier](t)(identity.NewVerifier(jwks, w.clock.Now)), Log: slog.New(slog.DiscardHandler),
			Metrics: prometheus.NewRegistry(), Ready: &obs.Readiness{}, Now: time.Now, MaxMessage: 32 << 20,
		}))
		w.register(server, name)
		conns[name] = must[*grpc.ClientConn](t)(upstream.Dial(mine, routes, name, ln.Addr().String(), false))
		t.Cleanup(func() { _ = conns[name].Close() })
		if name == away {
			_ = ln.Close()
			continue
		}
		w.run(server.Serve)
	}
	return conns
}

func (w *world) register(s grpc.ServiceRegistrar, name string) {
	switch name {
	case "agency":
		agencyv1.RegisterMeServiceServer(s, w.services)
		agencyv1.RegisterAgencyServiceServer(s, w.services)
		agencyv1.RegisterModuleServiceServer(s, w.services)
		agencyv1.RegisterModuleRegistryServiceServer(s, w.services)
	case "clinical":
		clinicalv1.RegisterChartServiceServer(s, w.services)
	case "qa":
		qav1.RegisterCaseServiceServer(s, w.services)
	case "reporting":
		reportingv1.RegisterReportServiceServer(s, w.services)
	}
}

// token of somebody with roles, who holds all their scopes.
func (w *world) token(change map[string]any, roles ...string) string {
	w.t.Helper()
	claims := map[string]any{
		"realm_access": map[string]any{"roles": roles}, "scope": strings.Join(w.rules.ScopesOf(roles), " "), "sub": "u-" + strings.Join(roles, "-"),
	}
	for _, r := range roles {
		switch r {
		case "founder":
			claims["agency_id"] = nil
		case "integration":
			claims["azp"], claims["preferred_username"], claims["acr"], claims["auth_time"] = "epcr-7", "service-account-epcr-7", "1", nil
		}
	}
	for k, v := range change {
		claims[k] = v
	}
	raw, err := w.issuer.Token(w.issuer.Claims(w.clock.Now(), claims))
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}

type request struct {
	method, path, token string
	header              map[string]string
	body                io.Reader
}

type answer struct {
	code   int
	header http.Header
	raw    string
	json   map[string]any
}

func (w *world) do(r request) answer {
	w.t.Helper()
	if r.method == "" {
		r.method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(w.t.Context(), r.method, w.server.URL+r.path, r.body)
	if err != nil {
		w.t.Fatal(err)
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for k, v := range r.header {
		req.Header.Set(k, v)
	}
	resp, err := w.server.Client().Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := answer{code: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &a.json)
	return a
}

// problem checks the shape of an error and returns its reason.
func (a answer) problem(t *testing.T) string {
	t.Helper()
	if ct := a.header.Get("Content-Type"); ct != "application/problem+json" {
		t.Fatalf("%d with Content-Type %q: %s", a.code, ct, a.raw)
	}
	if a.json["status"] != float64(a.code) || a.json["instance"] != a.header.Get("X-Request-Id") || a.json["title"] == "" || a.json["detail"] == "" {
		t.Fatalf("problem %s", a.raw)
	}
	reason, _ := a.json["reason"].(string)
	if a.json["type"] != "urn:fusionems:problem:"+reason {
		t.Fatalf("problem %s", a.raw)
	}
	return reason
}

func (w *world) refused(a answer, code int, reason string) {
	w.t.Helper()
	if got := a.problem(w.t); a.code != code || got != reason {
		w.t.Fatalf("got %d %s, want %d %s", a.code, got, code, reason)
	}
}

// records are the lines of the access log.
func (w *world) records() []map[string]any {
	w.t.Helper()
	w.access.Flush()
	var out []map[string]any
	for line := range strings.Lines(w.log.String()) {
		var r map[string]any
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			w.t.Fatalf("%v: %s", err, line)
		}
		out = append(out, r)
	}
	return out
}

func (w *world) set(change func(*services)) {
	w.services.mu.Lock()
	defer w.services.mu.Unlock()
	change(w.services)
}

func denied(reason string) func() error {
	return func() error { return errs.New(errs.NotFound, reason, "not there") }
}
