package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/authn"
	"github.com/fusionems/quantum/services/carefusion/internal/broker"
	"github.com/fusionems/quantum/services/carefusion/internal/chat"
	"github.com/fusionems/quantum/services/carefusion/internal/config"
	"github.com/fusionems/quantum/services/carefusion/internal/consent"
	"github.com/fusionems/quantum/services/carefusion/internal/edge"
	"github.com/fusionems/quantum/services/carefusion/internal/issuer"
	"github.com/fusionems/quantum/services/carefusion/internal/ledger"
	"github.com/fusionems/quantum/services/carefusion/internal/live"
	"github.com/fusionems/quantum/services/carefusion/internal/note"
	"github.com/fusionems/quantum/services/carefusion/internal/page"
	"github.com/fusionems/quantum/services/carefusion/internal/patient"
	"github.com/fusionems/quantum/services/carefusion/internal/provider"
	"github.com/fusionems/quantum/services/carefusion/internal/reminder"
	"github.com/fusionems/quantum/services/carefusion/internal/room"
	"github.com/fusionems/quantum/services/carefusion/internal/room/livekit"
	"github.com/fusionems/quantum/services/carefusion/internal/schedule"
	"github.com/fusionems/quantum/services/carefusion/internal/seal"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
	"github.com/fusionems/quantum/services/carefusion/internal/telemetry"
	"github.com/fusionems/quantum/services/carefusion/internal/visit"
)

// Parts is what a deployment chooses.
type Parts struct {
	Log   *slog.Logger
	Clock func() time.Time
	// Room takes the place of the video server that the settings name; Recorder is nil where there is none.
	Room     room.Room
	Recorder room.Recorder
	// Site holds the built page; nil: none is served.
	Site fs.FS
}

// App is the service, ready to run.
type App struct {
	Edge     *edge.Edge
	DB       *store.DB
	Visits   *visit.Service
	Reminder *reminder.Worker
	// video is nil where the settings name no LiveKit.
	video *livekit.Server
	// broker is nil where the settings name none.
	broker  *broker.Broker
	hub     *live.Hub
	metrics *telemetry.Metrics
	traces  trace.TracerProvider
	// flush sends the last traces.
	flush func(context.Context) error
	cfg   config.Config
	log   *slog.Logger
}

// New opens what the settings name. Close must follow.
func New(ctx context.Context, cfg config.Config, p Parts) (*App, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	if cfg.Recording && p.Recorder == nil {
		return nil, errors.New("app: CAREFUSION_RECORDING is on, but there is no recorder")
	}
	if !cfg.Recording {
		p.Recorder = nil
	}
	a := &App{cfg: cfg, log: p.Log, hub: live.NewHub(), metrics: telemetry.New()}
	err := a.connect(ctx, p)
	if err == nil {
		err = a.compose(ctx, p)
	}
	if err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// connect opens the neighbours.
func (a *App) connect(ctx context.Context, p Parts) error {
	url, err := config.Secret(a.cfg.DatabaseURLFile)
	if err != nil {
		return err
	}
	if a.DB, err = store.Open(ctx, url, audit.Pending); err != nil {
		return err
	}
	a.metrics.Backlog(a.DB, p.Clock)
	if a.traces, a.flush, err = telemetry.Tracing(ctx, a.cfg.OTLPEndpoint, a.cfg.TraceRatio); err != nil {
		return err
	}
	a.broker, err = brokerOf(a.cfg, p.Log)
	return err
}

// compose makes the service of its parts.
func (a *App) compose(ctx context.Context, p Parts) error {
	sealer, err := seal.FromFile(a.cfg.DataKeyFile)
	if err != nil {
		return err
	}
	verifier, realm, err := verifierOf(a.cfg, p.Clock)
	if err != nil {
		return err
	}
	video, signals, err := videoOf(a.cfg, p.Clock)
	if err != nil {
		return err
	}
	if a.video = video; p.Room == nil && video != nil {
		p.Room = video
	}
	front, err := pageOf(a.cfg, p, verifier)
	if err != nil {
		return err
	}
	sender, err := senderOf(a.cfg)
	if err != nil {
		return err
	}
	if sender != nil {
		a.Reminder = &reminder.Worker{DB: a.DB, Seal: sealer, Sender: sender, Clock: p.Clock, Queue: a.broker != nil}
	}
	o := edge.Options{Services: a.services(sealer, p), Verifier: verifier, DB: a.DB, Log: p.Log, Clock: p.Clock, Realm: realm, Signals: signals,
		Metrics: a.metrics, Traces: a.traces, RatePerAddress: a.cfg.RatePerAddress, RatePerSubject: a.cfg.RatePerSubject}
	if p.Room != nil {
		a.metrics.Connected("video", a.Visits.RoomAnswers)
	}
	o.Live = edge.Live{Hub: a.hub, Visits: a.Visits}
	if front != nil {
		o.Page, o.Authorize = front, front.Authorize
	}
	a.Edge, err = edge.New(ctx, o)
	return err
}

func (a *App) services(sealer *seal.Sealer, p Parts) edge.Services {
	pages, wake := page.Pages{Sealer: sealer}, make(chan struct{}, 1)
	hours := &schedule.Availability{DB: a.DB, Clock: p.Clock}
	a.Visits = &visit.Service{DB: a.DB, Clock: p.Clock, Room: p.Room, Recorder: p.Recorder, TokenTTL: a.cfg.RoomTokenTTL, CheckInLead: a.cfg.CheckInLead, Wake: wake,
		Opening: make(chan struct{}, 2)}
	return edge.Services{
		Providers:    &provider.Service{DB: a.DB, Pages: pages, Clock: p.Clock},
		Patients:     &patient.Service{DB: a.DB, Seal: sealer, Clock: p.Clock},
		Schedules:    hours,
		Appointments: &schedule.Booking{DB: a.DB, Seal: sealer, Pages: pages, Clock: p.Clock, Availability: hours, Lead: a.cfg.ReminderLead},
		Sessions:     a.Visits,
		Consents:     &consent.Service{DB: a.DB, Clock: p.Clock, Wake: wake, Recording: p.Recorder != nil},
		Messages:     &chat.Service{DB: a.DB, Seal: sealer, Pages: pages, Clock: p.Clock},
		Notes:        &note.Service{DB: a.DB, Seal: sealer, Clock: p.Clock},
		Ledger:       &ledger.Service{DB: a.DB, Pages: pages, Clock: p.Clock},
		Audit:        &audit.Service{DB: a.DB, Pages: pages},
	}
}

func verifierOf(cfg config.Config, clock func() time.Time) (*authn.Verifier, http.Handler, error) {
	v := &authn.Verifier{Issuer: cfg.Issuer, Audience: cfg.Audience, ACR: cfg.ACR, Clock: clock}
	if cfg.LocalRealmFile != "" {
		realm, err := issuer.ReadRealm(cfg.LocalRealmFile)
		if err != nil {
			return nil, nil, err
		}
		local, err := issuer.New(cfg.Issuer, cfg.Audience, realm, cfg.LocalKeyFile, clock)
		if err != nil {
			return nil, nil, err
		}
		v.Keys = local.Key
		return v, local.Handler(), nil
	}
	client, err := trusting(cfg.IssuerCAFile, "CAREFUSION_ISSUER_CA_FILE")
	if err != nil {
		return nil, nil, err
	}
	v.Keys = authn.NewRemote(cfg.Issuer+"/protocol/openid-connect/certs", client, clock).Key
	return v, nil, nil
}

// Close ends the connections to the database and the broker and sends the last traces.
func (a *App) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if a.flush != nil {
		if err := a.flush(ctx); err != nil {
			a.log.WarnContext(ctx, "the last traces were not sent", "error", err)
		}
	}
	if a.broker != nil {
		a.broker.Close()
	}
	if a.DB != nil {
		a.DB.Close()
	}
}

// Run serves until the context is over or a part fails.
func (a *App) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", a.cfg.ListenAddr)
	if err != nil {
		return err
	}
	cert := certificate(a.cfg.TLSCertFile, a.cfg.TLSKeyFile)
	if _, err := cert(nil); err != nil {
		return err
	}
	parts := []func(context.Context) error{
		func(ctx context.Context) error { return a.Edge.Serve(ctx, l, cert, a.cfg.ShutdownTimeout) },
		func(ctx context.Context) error { return a.Visits.Run(ctx, a.log) },
		func(ctx context.Context) error { return a.admin(ctx, cert) },
	}
	if a.video != nil && a.cfg.LiveKitHookAddr != "" {
		parts = append(parts, func(ctx context.Context) error { return a.hook(ctx, cert) })
	}
	parts = append(parts, a.events()...)
	if a.Reminder != nil {
		parts = append(parts, func(ctx context.Context) error { return a.Reminder.Run(ctx, a.log) })
	}
	a.log.InfoContext(ctx, "serving", "address", l.Addr().String(), "video", a.Visits.Room != nil, "recording", a.Visits.Recorder != nil)
	var wg sync.WaitGroup
	errs := make([]error, len(parts))
	for i, run := range parts {
		wg.Go(func() {
			defer cancel()
			errs[i] = run(ctx)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
