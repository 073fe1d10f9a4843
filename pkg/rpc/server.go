package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc/filters"
	"go.opentelemetry.io/otel"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"

	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/obs"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

// ServerConfig is what a server is made of; every field is required unless it says otherwise.
type ServerConfig struct {
	Service  string
	Listener net.Listener
	TLS      *tlsfile.Source
	Table    *authz.Table
	Verifier *identity.Verifier
	Recorder Recorder
	Log      *slog.Logger
	Metrics  prometheus.Registerer
	Ready    *obs.Readiness
	Now      func() time.Time
	// MaxMessage is the largest request in bytes; 0 means 4 MiB.
	MaxMessage int
	// Timeout bounds a call whose caller gave no deadline; 0 means 15 s.
	Timeout time.Duration
	// ConnectionAge is how long a connection lives at most; 0 means 30 min.
	ConnectionAge time.Duration
	// AuthzOpen switches the rule check off. Tests use it to show that the database still refuses; nothing else may.
	AuthzOpen bool
}

// Server is a gRPC server of one service.
type Server struct {
	cfg   ServerConfig
	grpc  *grpc.Server
	chain Chain
}

const (
	defaultMaxMessage = 4 << 20
	defaultTimeout    = 15 * time.Second
	drainTimeout      = 10 * time.Second
	// A certificate is looked at when a connection begins, and a client finds new pods when it connects: so each ends at some time, after the calls
	// that are under way, which may be documents.
	defaultConnectionAge = 30 * time.Minute
	connectionGrace      = 2 * time.Minute
)

// NewServer builds the server; it fails when the chain is out of order.
func NewServer(cfg ServerConfig) (*Server, error) {
	if cfg.MaxMessage == 0 {
		cfg.MaxMessage = defaultMaxMessage
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.ConnectionAge == 0 {
		cfg.ConnectionAge = defaultConnectionAge
	}
	validator, err := protovalidate.New()
	if err != nil {
		return nil, fmt.Errorf("rpc: validator: %w", err)
	}
	chain := Chain{
		requestIDLink(),
		logLink(cfg.Log),
		metricsLink(cfg.Metrics),
		errorsLink(cfg.Service),
		auditLink(cfg.Service, cfg.Table, cfg.Recorder, cfg.Log, cfg.Now),
		authnLink(cfg.TLS, cfg.Verifier),
		authzLink(cfg.Table, cfg.Now, cfg.AuthzOpen),
		deadlineLink(cfg.Timeout),
		validateLink(validator),
	}
	if err := chain.Check(); err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, chain: chain}
	// The health service answers any peer with a certificate of the fleet; it holds no data.
	unary, stream := exceptHealth(chain)
	s.grpc = grpc.NewServer(
		grpc.Creds(credentials.NewTLS(cfg.TLS.Server())),
		grpc.ChainUnaryInterceptor(unary), grpc.ChainStreamInterceptor(stream),
		grpc.StatsHandler(tracing()),
		grpc.MaxRecvMsgSize(cfg.MaxMessage), grpc.MaxSendMsgSize(max(cfg.MaxMessage, defaultMaxMessage)),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: cfg.ConnectionAge, MaxConnectionAgeGrace: connectionGrace}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
	)
	grpc_health_v1.RegisterHealthServer(s.grpc, &health{ready: cfg.Ready})
	return s, nil
}

// RegisterService implements grpc.ServiceRegistrar.
func (s *Server) RegisterService(desc *grpc.ServiceDesc, impl any) {
	s.grpc.RegisterService(desc, impl)
}

// Chain returns the names of the links.
func (s *Server) Chain() []string { return s.chain.Names() }

// Serve answers calls until ctx ends, then drains.
func (s *Server) Serve(ctx context.Context) error {
	if err := s.checkRules(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() {
		done := make(chan struct{})
		go func() { s.grpc.GracefulStop(); close(done) }()
		select {
		case <-done:
		case <-time.After(drainTimeout):
			s.grpc.Stop()
		}
	})
	defer stop()
	if err := s.grpc.Serve(s.cfg.Listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return err
	}
	return nil
}

// checkRules refuses to serve an RPC that has no permission rule.
func (s *Server) checkRules() error {
	var missing []string
	for name, info := range s.grpc.GetServiceInfo() {
		if name == grpc_health_v1.Health_ServiceDesc.ServiceName {
			continue
		}
		for _, m := range info.Methods {
			full := "/" + name + "/" + m.Name
			if _, ok := s.cfg.Table.Rule(full); !ok {
				missing = append(missing, full)
			}
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("rpc: no permission rule on %s", strings.Join(missing, ", "))
	}
	return nil
}

func isHealth(method string) bool {
	return strings.HasPrefix(method, "/"+grpc_health_v1.Health_ServiceDesc.ServiceName+"/")
}

func exceptHealth(c Chain) (grpc.UnaryServerInterceptor, grpc.StreamServerInterceptor) {
	unary, stream := c.unary(), c.stream()
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
			if isHealth(info.FullMethod) {
				return h(ctx, req)
			}
			return unary(ctx, req, info, h)
		}, func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, h grpc.StreamHandler) error {
			if isHealth(info.FullMethod) {
				return h(srv, ss)
			}
			return stream(srv, ss, info, h)
		}
}

// tracing is OpenTelemetry without the cost of its metrics: ours are counted in the chain. Probes would be most of all traces
// and say nothing.
func tracing() grpcStats {
	return otelgrpc.NewServerHandler(otelgrpc.WithTracerProvider(otel.GetTracerProvider()), otelgrpc.WithFilter(NotHealth()))
}

// NotHealth filters health checks out of the traces of a client or a server.
func NotHealth() otelgrpc.Filter { return filters.Not(filters.HealthCheck()) }
