package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"google.golang.org/grpc"

	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/obs"
	"github.com/fusionems/quantum/pkg/page"
	"github.com/fusionems/quantum/pkg/relay"
	"github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/run"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

// Options are for tests; the zero value is how a service runs.
type Options struct {
	Clock clock.Clock
	// LogTo receives the log; nil means standard error.
	LogTo io.Writer
	// AuthzOpen switches the service's own rule check off, to show that the database still refuses.
	AuthzOpen bool
	// PlainNATS connects without TLS, to a server inside the test process.
	PlainNATS bool
}

// Service is a composed service, ready to run.
type Service struct {
	kit     *Kit
	group   run.Group
	inbox   *inbox.Inbox
	window  db.Window
	closers []func()
	admin   net.Listener
	rpc     net.Listener
}

// Open composes the service. What it opened is closed again when a later step fails.
func Open(ctx context.Context, def Definition, settings Settings, opts Options) (_ *Service, err error) {
	s := &Service{kit: &Kit{Name: def.Name, Settings: settings, Clock: opts.Clock, conns: map[string]*grpc.ClientConn{}}}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.kit.Clock == nil {
		s.kit.Clock = clock.System{}
	}
	steps := []func(context.Context, Definition, *Config, Options) error{
		s.observe, s.identify, s.connect, s.listen, s.compose,
	}
	for _, step := range steps {
		if err := step(ctx, def, settings.Base(), opts); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Service) onClose(f func()) { s.closers = append(s.closers, f) }

func (s *Service) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
	s.closers = nil
}

const closeTimeout = 5 * time.Second

// observe sets up log, traces, metrics and readiness.
func (s *Service) observe(ctx context.Context, def Definition, cfg *Config, opts Options) error {
	level, err := parseLevel(cfg.LogLevel)
	if err != nil {
		return fmt.Errorf("service: FLEET_LOG_LEVEL: %w", err)
	}
	to := opts.LogTo
	if to == nil {
		to = os.Stderr
	}
	s.kit.Log = obs.NewLogger(to, def.Name, level)
	s.kit.Metrics = obs.NewRegistry()
	s.kit.Ready = &obs.Readiness{}
	flush, err := obs.StartTracing(ctx, obs.TraceConfig{Service: def.Name, Endpoint: cfg.OTLPEndpoint, Ratio: cfg.TraceRatio})
	if err != nil {
		return err
	}
	s.onClose(func() {
		fctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		if err := flush(fctx); err != nil {
			s.kit.Log.WarnContext(fctx, "traces were not flushed", "error", err)
		}
	})
	return nil
}

// identify loads certificates, permission rules and keys.
func (s *Service) identify(_ context.Context, _ Definition, cfg *Config, _ Options) error {
	var err error
	s.kit.tls, err = tlsfile.Open(cfg.identity())
	if err != nil {
		return err
	}
	if s.kit.Table, err = authz.Load(); err != nil {
		return err
	}
	if s.kit.Pages, err = page.NewSealer(cfg.PageTokenKey.Reveal()); err != nil {
		return err
	}
	s.kit.peers, err = parsePeers(cfg.Peers)
	return err
}

// connect opens the database and the bus; both may be away now and come later.
func (s *Service) connect(ctx context.Context, def Definition, cfg *Config, opts Options) error {
	var err error
	if s.window, err = db.WindowOf(def.Migrations); err != nil {
		return err
	}
	s.kit.DB, err = db.Open(ctx, db.Config{
		URL: cfg.DatabaseURL.Reveal(), Renewed: cfg.databaseURL(), Schema: def.Name, MaxConns: cfg.DatabaseConns,
		Groups: s.kit.Table.DatabaseGroup, Now: s.kit.Clock.Now,
	})
	if err != nil {
		return err
	}
	s.onClose(s.kit.DB.Close)
	poolMetrics(s.kit.Metrics, s.kit.DB)
	broker := bus.Config{URL: cfg.NATSURL, Name: def.Name, Log: s.kit.Log}
	if !opts.PlainNATS {
		broker.TLS = s.kit.tls.Client("nats")
	}
	s.kit.Bus, err = bus.Connect(broker)
	if err != nil {
		return err
	}
	s.onClose(s.kit.Bus.Close)
	s.kit.Ready.Add("database", s.kit.DB.Ping)
	s.kit.Ready.Add("schema", func(ctx context.Context) error { return s.kit.DB.CheckSchema(ctx, s.window) })
	s.kit.Ready.Add("nats", s.kit.Bus.Ready)
	return nil
}

func (s *Service) listen(ctx context.Context, _ Definition, cfg *Config, _ Options) error {
	var lc net.ListenConfig
	var err error
	if s.rpc, err = lc.Listen(ctx, "tcp", cfg.ListenAddr); err != nil {
		return fmt.Errorf("service: FLEET_LISTEN_ADDR: %w", err)
	}
	s.onClose(func() { _ = s.rpc.Close() })
	if s.admin, err = lc.Listen(ctx, "tcp", cfg.AdminAddr); err != nil {
		return fmt.Errorf("service: FLEET_ADMIN_ADDR: %w", err)
	}
	s.onClose(func() { _ = s.admin.Close() })
	return nil
}

// compose lets the definition fill the kit and puts the parts in the order in which they start; they stop the other way
// round: first no new calls, then no new events, then the outbox is emptied, last the admin server.
func (s *Service) compose(ctx context.Context, def Definition, cfg *Config, opts Options) error {
	k := s.kit
	keys, err := os.ReadFile(cfg.PrincipalKeysFile)
	if err != nil {
		return fmt.Errorf("service: FLEET_PRINCIPAL_KEYS_FILE: %w", err)
	}
	verifier, err := identity.NewVerifier(keys, k.Clock.Now)
	if err != nil {
		return err
	}
	server, err := rpc.NewServer(rpc.ServerConfig{
		Service: def.Name, Listener: s.rpc, TLS: k.tls, Table: k.Table, Verifier: verifier,
		Recorder: newRecorder(k.DB), Log: k.Log, Metrics: k.Metrics, Ready: k.Ready, Now: k.Clock.Now,
		MaxMessage: def.MaxMessage, AuthzOpen: opts.AuthzOpen,
	})
	if err != nil {
		return err
	}
	k.Server = server
	if err := def.Register(ctx, k); err != nil {
		return fmt.Errorf("service: %s: %w", def.Name, err)
	}
	s.group.Add("admin", obs.Admin(s.admin, k.tls, k.Metrics, k.Ready))
	r, err := relay.New(relay.Config{DB: k.DB, Bus: k.Bus, Log: k.Log, Metrics: k.Metrics})
	if err != nil {
		return err
	}
	s.group.Add("relay", r.Run)
	if err := s.consume(k); err != nil {
		return err
	}
	s.group.Append(k.group)
	s.group.Add("rpc", server.Serve)
	return nil
}

func (s *Service) consume(k *Kit) error {
	if len(k.handlers) == 0 {
		return nil
	}
	c, err := inbox.New(inbox.Config{
		Service: k.Name, DB: k.DB, Bus: k.Bus, Log: k.Log, Metrics: k.Metrics, Handlers: k.handlers,
	})
	if err != nil {
		return err
	}
	s.inbox = c
	s.group.Add("inbox", c.Run)
	return nil
}

// checkSchema keeps a binary away from a schema that was migrated beyond what it stands: its consumers and jobs would work on tables that they
// misunderstand, ready or not. One that is not migrated yet, or a database that is away, is waited for by the readiness.
func (s *Service) checkSchema(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	err := s.kit.DB.CheckSchema(ctx, s.window)
	if errors.Is(err, db.ErrSchemaNewer) {
		return fmt.Errorf("service: %s does not start: %w", s.kit.Name, err)
	}
	if err != nil {
		s.kit.Log.WarnContext(ctx, "not ready until the schema fits", "error", err)
	}
	return nil
}

// Addr is where the gRPC server listens.
func (s *Service) Addr() string { return s.rpc.Addr().String() }

// Run serves until ctx ends, then stops in order.
func (s *Service) Run(ctx context.Context) error {
	defer s.close()
	if err := s.checkSchema(ctx); err != nil {
		return err
	}
	s.kit.Log.InfoContext(ctx, "serving", "rpc", s.rpc.Addr().String(), "admin", s.admin.Addr().String())
	err := s.group.Run(ctx)
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		s.kit.Log.ErrorContext(ctx, "stopped late", "error", err)
	}
	s.kit.Log.InfoContext(ctx, "stopped")
	return err
}
