package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel"
	"google.golang.org/grpc"

	"github.com/fusionems/quantum/gateway/internal/access"
	"github.com/fusionems/quantum/gateway/internal/authn"
	"github.com/fusionems/quantum/gateway/internal/decide"
	"github.com/fusionems/quantum/gateway/internal/edge"
	"github.com/fusionems/quantum/gateway/internal/evidence"
	"github.com/fusionems/quantum/gateway/internal/modules"
	"github.com/fusionems/quantum/gateway/internal/route"
	"github.com/fusionems/quantum/gateway/internal/rpc"
	"github.com/fusionems/quantum/gateway/internal/session"
	"github.com/fusionems/quantum/gateway/internal/signin"
	"github.com/fusionems/quantum/gateway/internal/upstream"
	"github.com/fusionems/quantum/gateway/policy"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/limit"
	"github.com/fusionems/quantum/pkg/obs"
	"github.com/fusionems/quantum/pkg/run"
	"github.com/fusionems/quantum/pkg/tlsfile"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
)

const name = "gateway"

// Run serves until ctx ends, and then drains.
func Run(ctx context.Context, cfg Config) error {
	g := &gateway{cfg: cfg, metrics: obs.NewRegistry(), ready: &obs.Readiness{}, now: time.Now}
	defer g.close()
	for _, step := range []func(context.Context) error{g.observe, g.identify, g.connect, g.compose, g.listen} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("gateway: %w", err)
		}
	}
	g.log.InfoContext(ctx, "the gateway serves", "address", g.listener.Addr().String())
	return g.parts.Run(ctx)
}

// gateway is what a process is made of.
type gateway struct {
	cfg     Config
	log     *slog.Logger
	metrics *prometheus.Registry
	ready   *obs.Readiness
	now     func() time.Time

	tls    *tlsfile.Source
	rules  *authz.Table
	routes *route.Table
	signer *identity.Signer

	bus     *bus.Bus
	conns   map[string]*grpc.ClientConn
	tokens  *authn.Verifier
	issuer  *signin.Provider
	store   *session.Store
	limits  *limit.Limiter
	board   *upstream.Board
	edge    *edge.Edge
	signin  *signin.Handler
	records *access.Log

	listener net.Listener
	parts    run.Group
	closers  []func()
}

func (g *gateway) onClose(f func()) { g.closers = append(g.closers, f) }

func (g *gateway) close() {
	for i := len(g.closers) - 1; i >= 0; i-- {
		g.closers[i]()
	}
}

const flushTimeout = 5 * time.Second

func (g *gateway) observe(ctx context.Context) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(g.cfg.LogLevel)); err != nil {
		return errors.New("FLEET_LOG_LEVEL: use debug, info, warn or error")
	}
	g.log = obs.NewLogger(os.Stderr, name, level)
	flush, err := obs.StartTracing(ctx, obs.TraceConfig{Service: name, Endpoint: g.cfg.OTLPEndpoint, Ratio: g.cfg.TraceRatio})
	if err != nil {
		return err
	}
	g.onClose(func() {
		fctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
		defer cancel()
		if err := flush(fctx); err != nil {
			g.log.WarnContext(fctx, "traces were not flushed", "error", err)
		}
	})
	var out io.Writer = os.Stdout
	if g.cfg.AccessLogFile != "" {
		f, err := os.OpenFile(g.cfg.AccessLogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		g.onClose(func() { _ = f.Close() })
		out = f
	}
	g.records = access.NewLog(out)
	g.parts.Add("access log", g.records.Run)
	return nil
}

// identify loads certificates, rules and the signing key.
func (g *gateway) identify(context.Context) error {
	var err error
	if g.tls, err = tlsfile.Open(g.cfg.identity()); err != nil {
		return err
	}
	if g.rules, err = authz.Load(); err != nil {
		return err
	}
	if g.routes, err = route.Load(g.rules); err != nil {
		return err
	}
	key, id, err := readPrincipalKey(g.cfg.PrincipalKeyFile)
	if err != nil {
		return err
	}
	g.signer, err = identity.NewSigner(key, id, g.now)
	return err
}

// connect prepares all connections; what they lead to may be away now and come later.
func (g *gateway) connect(context.Context) error {
	peers, err := g.cfg.peers()
	if err != nil {
		return err
	}
	g.conns = map[string]*grpc.ClientConn{}
	for _, service := range edge.Services() {
		conn, err := upstream.Dial(g.tls, g.routes, service, peers[service], g.cfg.OTLPEndpoint != "")
		if err != nil {
			return err
		}
		g.onClose(func() { _ = conn.Close() })
		g.conns[service] = conn
	}
	if g.bus, err = bus.Connect(bus.Config{URL: g.cfg.NATSURL, Name: name, TLS: g.tls.Client("nats"), Log: g.log}); err != nil {
		return err
	}
	g.onClose(g.bus.Close)
	client, err := issuerClient(g.cfg.IssuerCAFile)
	if err != nil {
		return err
	}
	g.issuer = signin.NewProvider(signin.ProviderConfig{
		Issuer: g.cfg.Issuer, ClientID: g.cfg.ClientID, ClientSecret: g.cfg.ClientSecret.Reveal(), Origin: g.cfg.PublicURL, Client: client, Now: g.now,
	})
	g.tokens, err = authn.New(authn.Config{
		Issuer: g.cfg.Issuer, Audience: g.cfg.Audience, MaxAge: g.cfg.TokenMaxAge, Client: client, Roles: g.rules.Roles(), Now: g.now,
	})
	if err != nil {
		return err
	}
	redisTLS, err := trusting(g.cfg.TLSCAFile)
	if err != nil {
		return err
	}
	redis, err := limit.Options(g.cfg.RedisURL.Reveal(), redisTLS)
	if err != nil {
		return err
	}
	if renewed := g.cfg.renewedRedisURL; renewed != nil {
		limit.Renew(&redis, func() (string, error) {
			url, err := renewed()
			return url.Reveal(), err
		})
	}
	g.store = session.NewStore(redis)
	g.limits, err = limit.New(redis, limit.Limits{
		Window: g.cfg.LimitWindow, Tenant: g.cfg.LimitTenant, Identity: g.cfg.LimitIdentity,
		Address: g.cfg.LimitAddress, Failures: g.cfg.LimitFailures,
	}, g.now)
	return err
}

// compose builds the chain and what runs beside it. Parts stop in reverse order: the server first, what it needs after it.
func (g *gateway) compose(ctx context.Context) error {
	decisions, err := decide.New(ctx, policy.Module, policy.Data, g.rules)
	if err != nil {
		return err
	}
	proxies, err := g.cfg.proxies()
	if err != nil {
		return err
	}
	registry := modules.New(agencyv1.NewModuleRegistryServiceClient(g.conns["agency"]), g.log, g.now)
	records := evidence.New(g.bus, g.metrics, g.log, g.now)
	g.readiness(registry)
	browsers, own, err := g.sessions(records)
	if err != nil {
		return err
	}
	metrics := access.NewMetrics(g.metrics)
	deps := edge.Deps{
		Config: edge.Config{
			MaxDocument: g.cfg.MaxDocument, MaxBody: g.cfg.MaxBody, Timeout: g.cfg.Timeout,
			DocumentTimeout: g.cfg.DocumentTimeout, TrustedProxies: proxies,
		},
		Roles: g.rules.Roles(), Routes: g.routes, Tokens: g.tokens, Policy: decisions, Modules: registry, Limits: g.limits,
		Signer: g.signer, Refusals: records, Access: g.records, Metrics: metrics, Log: g.log,
		Now: g.now, Conns: g.conns, Sessions: browsers, Own: own,
	}
	if g.cfg.OTLPEndpoint != "" {
		deps.Tracer = otel.Tracer("github.com/fusionems/quantum/gateway")
	}
	if g.edge, err = edge.New(ctx, deps); err != nil {
		return err
	}
	if g.signin, err = signin.New(signin.Deps{
		Origin: g.cfg.PublicURL, Provider: g.issuer, Sessions: browsers, Tokens: g.tokens, Limits: g.limits, Evidence: records,
		Access: g.records, Metrics: metrics, Log: g.log, Now: g.now,
		AddressOf: func(r *http.Request) string { return edge.ClientAddress(r, proxies) },
	}); err != nil {
		return err
	}
	g.parts.Add("audit", records.Run)
	g.parts.Add("modules", registry.Run)
	g.parts.Add("issuer", g.tokens.Run)
	g.parts.Add("sign-in", g.issuer.Run)
	g.parts.Add("limits", g.limits.Run)
	g.parts.Add("sessions", g.store.Run)
	return nil
}

// sessions makes what keeps browser sessions, and the services that the gateway answers itself.
func (g *gateway) sessions(records *evidence.Recorder) (*session.Manager, edge.Own, error) {
	keys := g.cfg.SessionKey.Reveal()
	manager, err := session.New(session.Config{
		Keys: keys, Origin: g.cfg.PublicURL, Idle: g.cfg.SessionIdle, Max: g.cfg.SessionMax, Tokens: g.tokens, Issuer: g.issuer,
		Evidence: records, Log: g.log, Now: g.now,
	}, g.store)
	if err != nil {
		return nil, edge.Own{}, err
	}
	pages, err := session.NewPages(keys)
	if err != nil {
		return nil, edge.Own{}, err
	}
	return manager, edge.Own{Sessions: rpc.NewSessions(manager, pages), Health: rpc.NewHealth(g.board, g.now)}, nil
}

// readiness lists what the fleet needs. NATS is not in it: refusals wait for it, requests do not.
func (g *gateway) readiness(registry *modules.Registry) {
	g.board = &upstream.Board{}
	for _, service := range edge.Services() {
		g.board.Add(service, upstream.ServiceReady(g.conns[service]))
	}
	g.board.Add("issuer", g.tokens.Ready)
	g.board.Add("redis", g.limits.Ready)
	g.board.Add("modules", registry.Ready)
	for _, condition := range g.board.Names() {
		g.ready.Add(condition, g.board.Ask(condition))
	}
}
