package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sort"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/internal/grant"
	"github.com/fusionems/quantum/pkg/internal/leader"
	"github.com/fusionems/quantum/pkg/outbox"
)

// Config says what an inbox works with.
type Config struct {
	DB  *db.DB
	Bus *bus.Bus
	// Service is the name of the consuming service; it names its durable consumers and its dead letters.
	Service  string
	Handlers []Handler
	Log      *slog.Logger
	// MaxAttempts is after how many failures an event becomes a dead letter; 0 means 8 (some 12 seconds).
	MaxAttempts int
	// Batch is how many events share a transaction at most; 0 means 200.
	Batch int
	// Metrics is where the figures are registered; nil for nowhere.
	Metrics prometheus.Registerer
}

const (
	defaultAttempts = 8
	defaultBatch    = 200
	workers         = 4
	sweepEvery      = 2 * time.Second
	pruneEvery      = time.Hour
	work            = "inbox"
)

// Inbox consumes events for one service.
type Inbox struct {
	cfg      Config
	mech     db.Mechanism
	election leader.Election
	sql      statements
	metrics  *metrics
	handlers map[string]Handler
	subjects map[string]string   // event type to NATS subject
	streams  map[string][]string // stream to subjects
	modules  *modules
	// moving is held for reading by whoever applies events of a stream and for writing by the sweep: parked events must
	// not be overtaken while they are applied.
	moving sync.RWMutex
	kick   chan struct{}
}

// New checks the handlers; Run works.
func New(cfg Config) (*Inbox, error) {
	if cfg.MaxAttempts == 0 {
		cfg.MaxAttempts = defaultAttempts
	}
	if cfg.Batch == 0 {
		cfg.Batch = defaultBatch
	}
	mech := cfg.DB.Mechanism(grant.New())
	m, err := newMetrics(cfg.Metrics)
	if err != nil {
		return nil, err
	}
	in := &Inbox{
		cfg: cfg, mech: mech, metrics: m, sql: statementsFor(mech.Schema()),
		election: leader.Election{Session: mech.Session, Schema: mech.Schema(), Work: work, Log: cfg.Log},
		handlers: map[string]Handler{}, subjects: map[string]string{}, streams: map[string][]string{},
		modules: newModules(), kick: make(chan struct{}, 1),
	}
	return in, in.register(cfg.Handlers)
}

func (in *Inbox) register(handlers []Handler) error {
	parks, switches := false, false
	for _, h := range handlers {
		if err := h.check(); err != nil {
			return err
		}
		if _, twice := in.handlers[h.name()]; twice {
			return fmt.Errorf("inbox: two handlers for %s", h.name())
		}
		if h.switchesModules {
			h.Apply = in.switchModule
			switches = true
		}
		parks = parks || h.Module != ""
		subject, err := outbox.SubjectOf(h.Message)
		if err != nil {
			return err
		}
		stream, err := bus.StreamOf(subject)
		if err != nil {
			return err
		}
		in.handlers[h.name()], in.subjects[h.name()] = h, subject
		in.metrics.announce(h.name())
		in.streams[stream] = append(in.streams[stream], subject)
	}
	if parks && !switches {
		return errors.New("inbox: a handler is parked by a module, but none listens to module switches: add ModuleSwitch")
	}
	for _, subjects := range in.streams {
		sort.Strings(subjects)
	}
	return nil
}

// Run consumes while this replica leads, until ctx ends.
func (in *Inbox) Run(ctx context.Context) error {
	if len(in.handlers) == 0 {
		<-ctx.Done()
		return nil
	}
	return in.election.Run(ctx, in.lead)
}

func (in *Inbox) lead(ctx context.Context, _ <-chan struct{}) error {
	if err := in.reload(ctx); err != nil {
		return err
	}
	if err := in.cfg.Bus.Ensure(ctx, bus.Streams()...); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var group sync.WaitGroup
	run := func(f func(context.Context) error) {
		group.Go(func() {
			if err := f(ctx); err != nil {
				stop(err)
			}
		})
	}
	for stream, subjects := range in.streams {
		run(func(ctx context.Context) error { return newStream(in, stream, subjects).run(ctx) })
	}
	run(in.sweepLoop)
	run(in.pruneLoop)
	group.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// ModuleSwitch is the handler that keeps the service's table of switched modules. msg is the event type of the module
// registry; it has the fields module, enabled and revision.
func ModuleSwitch(msg proto.Message) Handler {
	return Handler{
		Message:         msg,
		switchesModules: true,
		// Replaced by New; here so that the handler is complete.
		Apply: func(context.Context, *db.Tx, Event, any) error { return errors.New("inbox: not registered") },
	}
}
