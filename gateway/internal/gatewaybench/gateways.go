package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/fusionems/quantum/gateway/internal/access"
	"github.com/fusionems/quantum/gateway/internal/authn"
	"github.com/fusionems/quantum/gateway/internal/decide"
	"github.com/fusionems/quantum/gateway/internal/edge"
	"github.com/fusionems/quantum/gateway/internal/evidence"
	"github.com/fusionems/quantum/gateway/internal/gatewaytest"
	"github.com/fusionems/quantum/gateway/internal/modules"
	"github.com/fusionems/quantum/gateway/internal/route"
	"github.com/fusionems/quantum/gateway/internal/upstream"
	"github.com/fusionems/quantum/gateway/policy"
	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/limit"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
)

const path = "/api/qa/cases/0190b7c4-0000-7000-8000-000000000001"

// bench is what the variants share: one heap, one issuer, one limiter.
type bench struct {
	backend string
	rules   *authz.Table
	routes  *route.Table
	tokens  *authn.Verifier
	issuer  *gatewaytest.Issuer
	policy  *decide.Policy
	limits  *limit.Limiter
	signer  *identity.Signer
	records *access.Log
	out     *os.File
}

func serveGateways(ctx context.Context, backend, redis, logFile string, ratio float64) error {
	b, err := newBench(ctx, backend, redis, logFile)
	if err != nil {
		return err
	}
	defer b.issuer.Close()
	defer b.out.Close()
	go func() { _ = b.tokens.Run(ctx) }()
	go func() { _ = b.limits.Run(ctx) }()
	go func() { _ = b.records.Run(ctx) }()
	listeners := map[string]string{}
	for name, build := range map[string]func(context.Context) (http.Handler, error){
		"bare": b.bare, "full": b.full,
		"traced": func(ctx context.Context) (http.Handler, error) { return b.traced(ctx, ratio) },
	} {
		h, err := build(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if listeners[name], err = listen(ctx, h); err != nil {
			return err
		}
	}
	token, err := b.token()
	if err != nil {
		return err
	}
	if err := b.ready(ctx); err != nil {
		return err
	}
	if err := announce(map[string]any{"pid": os.Getpid(), "path": path, "token": token, "listeners": listeners}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func newBench(ctx context.Context, backend, redis, logFile string) (b *bench, err error) {
	b = &bench{backend: backend}
	if b.rules, err = authz.Load(); err != nil {
		return nil, err
	}
	if b.routes, err = route.Load(b.rules); err != nil {
		return nil, err
	}
	if b.issuer, err = gatewaytest.NewIssuer(); err != nil {
		return nil, err
	}
	b.tokens, err = authn.New(authn.Config{
		Issuer: b.issuer.URL, Audience: gatewaytest.Audience, MaxAge: 24 * time.Hour, Client: http.DefaultClient, Roles: b.rules.Roles(), Now: time.Now,
	})
	if err != nil {
		return nil, err
	}
	if b.policy, err = decide.New(ctx, policy.Module, policy.Data, b.rules); err != nil {
		return nil, err
	}
	opt, err := limit.Options(redis, nil)
	if err != nil {
		return nil, err
	}
	const never = 1 << 40
	if b.limits, err = limit.New(opt, limit.Limits{Window: time.Minute, Tenant: never, Identity: never, Address: never}, time.Now); err != nil {
		return nil, err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	if b.signer, err = identity.NewSigner(key, "bench", time.Now); err != nil {
		return nil, err
	}
	if b.out, err = os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return nil, err
	}
	b.records = access.NewLog(b.out)
	return b, nil
}

// token lives for a day, so that a long measurement does not end in refusals.
func (b *bench) token() (string, error) {
	roles := []string{"qa_reviewer"}
	return b.issuer.Token(b.issuer.Claims(time.Now(), map[string]any{
		"realm_access": map[string]any{"roles": roles}, "scope": strings.Join(b.rules.ScopesOf(roles), " "),
		"exp": time.Now().Add(24 * time.Hour).Unix(),
	}))
}

func (b *bench) ready(ctx context.Context) error {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if b.tokens.Ready(ctx) == nil && b.limits.Ready(ctx) == nil {
			return nil
		}
	}
	return errors.New("issuer or redis does not answer")
}

func (b *bench) dial(opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	return upstream.DialWith(b.routes, "qa", b.backend, append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
}

// bare is grpc-gateway as its documentation starts it, with the same routes.
func (b *bench) bare(ctx context.Context) (http.Handler, error) {
	conn, err := grpc.NewClient(b.backend, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	mux := runtime.NewServeMux()
	return mux, edge.Register(ctx, mux, func(string) *grpc.ClientConn { return conn }, edge.Own{})
}

func (b *bench) full(ctx context.Context) (http.Handler, error) {
	conn, err := b.dial()
	if err != nil {
		return nil, err
	}
	return b.chain(ctx, conn, nil)
}

// traced records a share of the traces and drops them where an exporter would send them.
func (b *bench) traced(ctx context.Context, ratio float64) (http.Handler, error) {
	tp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(discard{}), sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(ratio))))
	conn, err := b.dial(grpc.WithStatsHandler(otelgrpc.NewClientHandler(otelgrpc.WithTracerProvider(tp))))
	if err != nil {
		return nil, err
	}
	return b.chain(ctx, conn, tp)
}

func (b *bench) chain(ctx context.Context, conn *grpc.ClientConn, tp *sdktrace.TracerProvider) (http.Handler, error) {
	registry := modules.New(agencyv1.NewModuleRegistryServiceClient(conn), slog.New(slog.DiscardHandler), time.Now)
	go func() { _ = registry.Run(ctx) }()
	conns := map[string]*grpc.ClientConn{}
	for _, s := range edge.Services() {
		conns[s] = conn
	}
	deps := edge.Deps{
		Config: edge.Config{MaxDocument: 20 << 20, MaxBody: 1 << 20, Timeout: 15 * time.Second, DocumentTimeout: time.Minute},
		Roles:  b.rules.Roles(), Routes: b.routes, Tokens: b.tokens, Policy: b.policy, Modules: registry, Limits: b.limits, Signer: b.signer,
		Refusals: unrecorded{}, Access: b.records, Metrics: access.NewMetrics(prometheus.NewRegistry()),
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Now: time.Now, Conns: conns,
	}
	if tp != nil {
		deps.Tracer = tp.Tracer("bench")
	}
	for deadline := time.Now().Add(5 * time.Second); registry.Current() == nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			return nil, errors.New("the backend does not answer")
		}
	}
	return edge.New(ctx, deps)
}

type unrecorded struct{}

func (unrecorded) Refused(evidence.Refusal) {}
func (unrecorded) Keep(*audit.Call)         {}

type discard struct{}

func (discard) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }
func (discard) Shutdown(context.Context) error                             { return nil }
