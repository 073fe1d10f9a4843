package rpc_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/obs"
	"github.com/fusionems/quantum/pkg/outbox"
	"github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/testkit/pki"
	"github.com/fusionems/quantum/pkg/tlsfile"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
)

// cases answers as each test wants.
type cases struct {
	qav1.UnimplementedCaseServiceServer
	get func(ctx context.Context) (*qav1.Case, error)
}

func (c *cases) GetCase(ctx context.Context, _ *qav1.GetCaseRequest) (*qav1.Case, error) {
	return c.get(ctx)
}

// ledger keeps the audit records of the calls.
type ledger struct {
	mu     sync.Mutex
	events []*auditv1.Event
	fail   error
}

func (l *ledger) Record(_ context.Context, call *audit.Call) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	m, ok, err := call.Message()
	if err != nil || !ok || l.fail != nil {
		return errors.Join(err, l.fail)
	}
	e, err := decode(m)
	l.events = append(l.events, e)
	return err
}

func decode(m outbox.Message) (*auditv1.Event, error) {
	var env commonv1.Event
	if err := proto.Unmarshal(m.Payload, &env); err != nil {
		return nil, err
	}
	var rec auditv1.Recorded
	err := env.GetPayload().UnmarshalTo(&rec)
	return rec.GetEvent(), err
}

func (l *ledger) last(t *testing.T) *auditv1.Event {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.events) == 0 {
		t.Fatal("nothing was recorded")
	}
	return l.events[len(l.events)-1]
}

type world struct {
	addr   string
	ca     *pki.CA
	signer *identity.Signer
	impl   *cases
	ledger *ledger
	server *rpc.Server
}

func start(t *testing.T) *world {
	t.Helper()
	return startWith(t, func(*rpc.ServerConfig) {})
}

func startWith(t *testing.T, change func(*rpc.ServerConfig)) *world {
	t.Helper()
	ca, err := pki.New()
	if err != nil {
		t.Fatal(err)
	}
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	jwks, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: pub, KeyID: "k", Algorithm: "EdDSA"}}})
	if err != nil {
		t.Fatal(err)
	}
	now := clock.System{}.Now
	w := &world{ca: ca, impl: &cases{}, ledger: &ledger{}}
	if w.signer, err = identity.NewSigner(priv, "k", now); err != nil {
		t.Fatal(err)
	}
	verifier, err := identity.NewVerifier(jwks, now)
	if err != nil {
		t.Fatal(err)
	}
	table, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.addr = ln.Addr().String()
	cfg := rpc.ServerConfig{
		Service: "qa", Listener: ln, TLS: w.tls(t, "qa"), Table: table, Verifier: verifier, Recorder: w.ledger,
		Log: slog.New(slog.NewJSONHandler(io.Discard, nil)), Metrics: prometheus.NewRegistry(), Ready: &obs.Readiness{}, Now: now,
	}
	change(&cfg)
	w.server, err = rpc.NewServer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	qav1.RegisterCaseServiceServer(w.server, w.impl)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.server.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) tls(t *testing.T, name string) *tlsfile.Source {
	t.Helper()
	return source(t, w.ca, name)
}

func source(t *testing.T, ca *pki.CA, name string) *tlsfile.Source {
	t.Helper()
	files, err := ca.WriteFiles(t.TempDir(), name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := tlsfile.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *world) dial(t *testing.T, as, expect string) *grpc.ClientConn {
	t.Helper()
	conn, err := rpc.Dial(w.tls(t, as), expect, w.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func reviewer() identity.Principal {
	return identity.Principal{
		Subject: "u-1", Actor: identity.Human, Roles: []string{"qa_reviewer"}, Scopes: []string{"qa:read"},
		AgencyID: 7, ACR: "2", AuthTime: time.Now(),
	}
}

func (w *world) call(t *testing.T, as string, p *identity.Principal, id string) (*qav1.Case, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if p != nil {
		token, err := w.signer.Sign(*p)
		if err != nil {
			t.Fatal(err)
		}
		ctx = metadata.AppendToOutgoingContext(ctx, rpc.HeaderPrincipal, token)
	}
	return qav1.NewCaseServiceClient(w.dial(t, as, "qa")).GetCase(ctx, &qav1.GetCaseRequest{Id: id})
}

const someID = "018f3b1c-7d2e-7c4a-9a3f-2f6f0c1d2e3f"

func TestOrderOfTheChain(t *testing.T) {
	w := start(t)
	want := []string{"request-id", "log", "metrics", "errors", "audit", "authn", "authz", "deadline", "validate"}
	if got := w.server.Chain(); !slices.Equal(got, want) {
		t.Fatalf("chain %v", got)
	}
	if err := (rpc.Chain{{Name: "b", After: []string{"a"}}, {Name: "a"}}).Check(); err == nil {
		t.Error("a chain out of order passed")
	}
	if err := (rpc.Chain{{Name: "a"}, {Name: "a"}}).Check(); err == nil {
		t.Error("a doubled link passed")
	}
}

func TestReadOfProtectedDataIsRecorded(t *testing.T) {
	w := start(t)
	w.impl.get = func(ctx context.Context) (*qav1.Case, error) {
		p, _ := identity.From(ctx)
		audit.Target(ctx, "cases/1")
		return &qav1.Case{Id: "1", AgencyId: p.AgencyID}, nil
	}
	p := reviewer()
	got, err := w.call(t, "gateway", &p, someID)
	if err != nil || got.GetAgencyId() != 7 {
		t.Fatalf("%v %v", got, err)
	}
	e := w.ledger.last(t)
	if e.GetActor() != "u-1" || e.GetRole() != "qa_reviewer" || e.GetResource() != "cases/1" || e.GetAgencyId() != 7 ||
		e.GetOutcome() != auditv1.Outcome_OUTCOME_SUCCESS || e.GetAction() != "fleet.qa.v1.CaseService/GetCase" {
		t.Fatalf("recorded %v", e)
	}
}

func TestWithoutRecordNoProtectedRead(t *testing.T) {
	w := start(t)
	w.ledger.fail = errors.New("disk full")
	w.impl.get = func(context.Context) (*qav1.Case, error) { return &qav1.Case{Id: "1"}, nil }
	p := reviewer()
	if _, err := w.call(t, "gateway", &p, someID); status.Code(err) != codes.Unavailable || rpc.FromStatus(err).Reason != "AUDIT_UNAVAILABLE" {
		t.Fatalf("got %v", err)
	}
}

func TestRefusalsAreRecorded(t *testing.T) {
	w := start(t)
	w.impl.get = func(context.Context) (*qav1.Case, error) { t.Error("the handler ran"); return nil, nil }
	biller := reviewer()
	biller.Roles, biller.Scopes = []string{"billing_staff"}, []string{"billing:read"}
	honest := reviewer()
	for name, tc := range map[string]struct {
		as     string
		p      *identity.Principal
		code   codes.Code
		reason string
	}{
		"wrong role":             {"gateway", &biller, codes.PermissionDenied, authz.ReasonScopeMissing},
		"principal of a service": {"billing", &honest, codes.Unauthenticated, "PRINCIPAL_NOT_FROM_GATEWAY"},
		"service without leave":  {"billing", nil, codes.PermissionDenied, authz.ReasonCallerNotAllowed},
		"gateway without user":   {"gateway", nil, codes.PermissionDenied, authz.ReasonCallerNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.call(t, tc.as, tc.p, someID)
			if status.Code(err) != tc.code || rpc.FromStatus(err).Reason != tc.reason {
				t.Fatalf("got %v", err)
			}
			if e := w.ledger.last(t); e.GetOutcome() != auditv1.Outcome_OUTCOME_DENIED || e.GetReason() != tc.reason {
				t.Fatalf("recorded %v", e)
			}
		})
	}
}

func TestForgedPrincipalIsRefused(t *testing.T) {
	w := start(t)
	_, other, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if w.signer, err = identity.NewSigner(other, "k", time.Now); err != nil {
		t.Fatal(err)
	}
	p := reviewer()
	if _, err := w.call(t, "gateway", &p, someID); rpc.FromStatus(err).Reason != "PRINCIPAL_INVALID" {
		t.Fatalf("got %v", err)
	}
	late := func() time.Time { return time.Now().Add(-2 * time.Minute) }
	if w.signer, err = identity.NewSigner(other, "k", late); err != nil {
		t.Fatal(err)
	}
	if _, err := w.call(t, "gateway", &p, someID); rpc.FromStatus(err).Reason != "PRINCIPAL_INVALID" {
		t.Fatalf("got %v", err)
	}
}

func TestErrorsTellNoInternals(t *testing.T) {
	w := start(t)
	p := reviewer()
	for name, tc := range map[string]struct {
		get    func(context.Context) (*qav1.Case, error)
		code   codes.Code
		reason string
	}{
		"unknown": {func(context.Context) (*qav1.Case, error) { return nil, errors.New("pq: secret 4711") }, codes.Internal, "INTERNAL"},
		"panic":   {func(context.Context) (*qav1.Case, error) { panic("secret 4711") }, codes.Internal, "INTERNAL"},
		"domain": {func(context.Context) (*qav1.Case, error) {
			return nil, errs.New(errs.NotFound, "CASE_NOT_FOUND", "no such case", errs.WithCause(errors.New("secret 4711")))
		}, codes.NotFound, "CASE_NOT_FOUND"},
		"other service": {func(context.Context) (*qav1.Case, error) { return nil, status.Error(codes.Internal, "secret 4711") }, codes.Internal, "INTERNAL"},
	} {
		t.Run(name, func(t *testing.T) {
			w.impl.get = tc.get
			_, err := w.call(t, "gateway", &p, someID)
			if status.Code(err) != tc.code || rpc.FromStatus(err).Reason != tc.reason || strings.Contains(err.Error(), "4711") {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestBadRequestNamesFieldAndRule(t *testing.T) {
	w := start(t)
	p := reviewer()
	_, err := w.call(t, "gateway", &p, "not-a-uuid")
	e := rpc.FromStatus(err)
	if e == nil || e.Reason != "REQUEST_INVALID" || len(e.Fields) != 1 || e.Fields[0].Field != "id" || e.Fields[0].Rule != "string.uuid" {
		t.Fatalf("got %+v", e)
	}
}

func TestLinesSurviveTheWire(t *testing.T) {
	w := start(t)
	want := errs.Field{Field: "eTimes.03", Rule: "nemsis.xsd.missing@x", Message: "must be there", Line: 42}
	w.impl.get = func(context.Context) (*qav1.Case, error) {
		return nil, errs.New(errs.Invalid, "NEMSIS_INVALID", "bad", errs.WithFields(want))
	}
	p := reviewer()
	_, err := w.call(t, "gateway", &p, someID)
	if e := rpc.FromStatus(err); len(e.Fields) != 1 || e.Fields[0] != want {
		t.Fatalf("got %+v", e.Fields)
	}
}

func TestPeersAreWhoTheyClaim(t *testing.T) {
	w := start(t)
	// The server is "qa": a client that looks for "billing" must not talk to it.
	_, err := qav1.NewCaseServiceClient(w.dial(t, "gateway", "billing")).GetCase(t.Context(), &qav1.GetCaseRequest{Id: someID})
	if status.Code(err) != codes.Unavailable {
		t.Fatalf("got %v", err)
	}
	// A certificate of another authority is no identity at all.
	stranger, err := pki.New()
	if err != nil {
		t.Fatal(err)
	}
	files, err := stranger.WriteFiles(t.TempDir(), "gateway")
	if err != nil {
		t.Fatal(err)
	}
	known, err := w.ca.WriteFiles(t.TempDir(), "gateway")
	if err != nil {
		t.Fatal(err)
	}
	files.CA = known.CA
	src, err := tlsfile.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := rpc.Dial(src, "qa", w.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := qav1.NewCaseServiceClient(conn).GetCase(t.Context(), &qav1.GetCaseRequest{Id: someID}); status.Code(err) != codes.Unavailable {
		t.Fatalf("got %v", err)
	}
}

// A service of another trust domain is known by its whole identity: its name in the own one is nobody, and it is nobody where it was not named.
func TestAServiceOfAnotherTrustDomainIsOnlyItself(t *testing.T) {
	const domain = "billing.fusionems.local"
	foreign, err := pki.NewFor(domain)
	if err != nil {
		t.Fatal(err)
	}
	files, err := foreign.WriteFiles(t.TempDir(), "billing")
	if err != nil {
		t.Fatal(err)
	}
	theirs := files.CA
	var ours *pki.CA
	federated := func(ca *pki.CA) *tlsfile.Source {
		t.Helper()
		f, err := ca.WriteFiles(t.TempDir(), "qa")
		if err != nil {
			t.Fatal(err)
		}
		files.Federated = "spiffe://fusionems.local/qa=" + f.CA
		f.Federated = "spiffe://" + domain + "/billing=" + theirs
		s, err := tlsfile.Open(f)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	w := startWith(t, func(c *rpc.ServerConfig) {
		ours, err = pki.New()
		if err != nil {
			t.Fatal(err)
		}
		c.TLS = federated(ours)
	})
	ask := func(own *tlsfile.Source) error {
		t.Helper()
		conn, err := rpc.Dial(own, "qa", w.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, err = qav1.NewCaseServiceClient(conn).GetCase(t.Context(), &qav1.GetCaseRequest{Id: someID})
		return err
	}
	billing, err := tlsfile.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	// It is let in as billing, whom the rule of this method does not name.
	if err := ask(billing); errs.Reason(rpc.FromStatus(err)) != authz.ReasonCallerNotAllowed {
		t.Errorf("billing: %v", err)
	}
	if got := w.ledger.last(t).GetActor(); got != "billing" {
		t.Errorf("the record names %q", got)
	}
	if err := ask(source(t, ours, "billing")); status.Code(err) != codes.Unavailable {
		t.Errorf("billing in the fleet's trust domain: %v", err)
	}
	if err := ask(source(t, ours, "gateway")); errs.Reason(rpc.FromStatus(err)) != authz.ReasonCallerNotAllowed {
		t.Errorf("the control: %v", err)
	}
}

// A connection is ended for age between calls and never under one: the client connects again and shows its certificate anew.
func TestConnectionsAreRenewedUnderTheCaller(t *testing.T) {
	w := startWith(t, func(c *rpc.ServerConfig) { c.ConnectionAge = 200 * time.Millisecond })
	conn := w.dial(t, "gateway", "qa")
	seen := map[string]bool{}
	for deadline := time.Now().Add(time.Minute); len(seen) < 3 && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var p peer.Peer
		if _, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{}, grpc.Peer(&p)); err != nil {
			t.Fatal(err)
		}
		seen[p.LocalAddr.String()] = true
	}
	if len(seen) < 3 {
		t.Errorf("one connection was kept all the time: %v", seen)
	}
}

func TestHealthNamesTheReason(t *testing.T) {
	w := start(t)
	var header metadata.MD
	res, err := grpc_health_v1.NewHealthClient(w.dial(t, "billing", "qa")).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{}, grpc.Header(&header))
	if err != nil || res.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Fatalf("%v %v", res, err)
	}
}

func TestDeadlineLeavesTime(t *testing.T) {
	w := start(t)
	p := reviewer()
	w.impl.get = func(ctx context.Context) (*qav1.Case, error) {
		d, ok := ctx.Deadline()
		if !ok || time.Until(d) > 5*time.Second {
			t.Errorf("deadline %v %v", d, ok)
		}
		return &qav1.Case{}, nil
	}
	if _, err := w.call(t, "gateway", &p, someID); err != nil {
		t.Fatal(err)
	}
}
