package relay

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/internal/grant"
	"github.com/fusionems/quantum/pkg/internal/leader"
	"github.com/fusionems/quantum/pkg/outbox"
)

// Config says between what the relay stands.
type Config struct {
	DB  *db.DB
	Bus *bus.Bus
	Log *slog.Logger
	// Metrics is where the relay's figures are registered; nil for nowhere.
	Metrics prometheus.Registerer
}

const (
	batchSize   = 500
	poll        = 500 * time.Millisecond
	backoffMin  = 100 * time.Millisecond
	backoffMax  = 5 * time.Second
	publishWait = 15 * time.Second
	work        = "relay"
)

// Relay is the relay of one service.
type Relay struct {
	cfg      Config
	mech     db.Mechanism
	election leader.Election
	metrics  *metrics
	leading  atomic.Bool
	local    chan struct{}
	remove   string
	fetch    string
}

// New prepares a relay; Run works.
func New(cfg Config) (*Relay, error) {
	mech := cfg.DB.Mechanism(grant.New())
	m, err := newMetrics(cfg.Metrics)
	if err != nil {
		return nil, err
	}
	table := pgx.Identifier{mech.Schema(), "outbox"}.Sanitize()
	return &Relay{
		cfg:  cfg,
		mech: mech,
		election: leader.Election{
			Session: mech.Session, Schema: mech.Schema(), Work: work, Log: cfg.Log,
		},
		metrics: m,
		local:   make(chan struct{}, 1),
		remove:  "DELETE FROM " + table + " WHERE seq = ANY ($1)",
		fetch: "SELECT seq, event_id, agency_id, nats_subject, payload, traceparent FROM " + table +
			" ORDER BY seq LIMIT $1",
	}, nil
}

// Run relays while this replica leads, until ctx ends.
func (r *Relay) Run(ctx context.Context) error {
	forwarding := make(chan struct{})
	go func() {
		defer close(forwarding)
		r.forward(ctx)
	}()
	err := r.election.Run(ctx, r.lead)
	<-forwarding
	return err
}

// forward passes on that this process has committed messages: to its own relay, or to the leading one elsewhere. The
// notification is sent outside of the writer's transaction, since a NOTIFY in it would make all commits queue up.
func (r *Relay) forward(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.mech.Woken():
		}
		if r.leading.Load() {
			wake(r.local)
			continue
		}
		_ = r.mech.Notify(ctx, r.election.Channel()) // the leader polls as well
		pause(ctx, 5*time.Millisecond)
	}
}

func wake(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (r *Relay) lead(ctx context.Context, woken <-chan struct{}) error {
	conn, err := r.session(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	r.leading.Store(true)
	defer r.leading.Store(false)
	backoff := backoffMin
	var done []int64
	ready := false
	for ctx.Err() == nil {
		if !ready {
			// The streams must exist before the first message; after an outage they may have to be made again.
			if err := r.cfg.Bus.Ensure(ctx, bus.Streams()...); err != nil {
				r.retryLater(ctx, &backoff, err)
				continue
			}
			ready = true
		}
		rows, err := r.next(ctx, conn, done)
		if err != nil {
			return fmt.Errorf("relay: reading the outbox: %w", err) // another term, another connection
		}
		done = done[:0]
		if len(rows) == 0 {
			r.metrics.observe(rows, time.Now())
			r.wait(ctx, woken)
			continue
		}
		sent, err := r.publish(ctx, rows)
		done = append(done, sent...)
		if err != nil {
			ready = false
			r.retryLater(ctx, &backoff, err)
			continue
		}
		backoff = backoffMin
	}
	return r.finish(conn, done)
}

// session is a connection that is the relay role for good: it runs no other statements.
func (r *Relay) session(ctx context.Context) (*pgx.Conn, error) {
	conn, err := r.mech.Session(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "SELECT set_config('role', $1, false)", r.mech.Schema()+"_relay"); err != nil {
		_ = conn.Close(ctx)
		return nil, err
	}
	return conn, nil
}

type queued struct {
	seq     int64
	message outbox.Message
}

// next removes what was published and reads what comes then, in one round trip and one implicit transaction.
func (r *Relay) next(ctx context.Context, conn *pgx.Conn, done []int64) ([]queued, error) {
	b := &pgx.Batch{}
	if len(done) > 0 {
		b.Queue(r.remove, done)
	}
	var rows []queued
	b.Queue(r.fetch, batchSize).Query(func(rs pgx.Rows) (err error) {
		rows, err = pgx.CollectRows(rs, func(row pgx.CollectableRow) (q queued, err error) {
			var id [16]byte
			m := &q.message
			err = row.Scan(&q.seq, &id, &m.AgencyID, &m.NATSSubject, &m.Payload, &m.TraceParent)
			m.ID = id
			return q, err
		})
		return err
	})
	err := conn.SendBatch(ctx, b).Close()
	return rows, err
}

// publish returns the rows that JetStream has stored.
func (r *Relay) publish(ctx context.Context, rows []queued) ([]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, publishWait)
	defer cancel()
	messages := make([]outbox.Message, len(rows))
	for i, q := range rows {
		messages[i] = q.message
	}
	sent := make([]int64, 0, len(rows))
	var first error
	for i, err := range r.cfg.Bus.Publish(ctx, messages) {
		if err == nil {
			sent = append(sent, rows[i].seq)
		} else if first == nil {
			first = err
		}
	}
	r.metrics.published.Add(float64(len(sent)))
	if first != nil {
		r.metrics.observe(rows, time.Now())
	}
	return sent, first
}

// finish removes what was published last, when the relay stops in good order.
func (r *Relay) finish(conn *pgx.Conn, done []int64) error {
	if len(done) == 0 || conn.IsClosed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), backoffMax)
	defer cancel()
	_, err := conn.Exec(ctx, r.remove, done)
	return err
}

func (r *Relay) wait(ctx context.Context, woken <-chan struct{}) {
	t := time.NewTimer(poll)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-woken:
	case <-r.local:
	case <-t.C:
	}
}

func (r *Relay) retryLater(ctx context.Context, backoff *time.Duration, err error) {
	r.metrics.failures.Inc()
	r.cfg.Log.WarnContext(ctx, "relay: publishing failed, trying again", "error", err.Error(), "in", backoff.String())
	pause(ctx, *backoff)
	*backoff = min(*backoff*2, backoffMax)
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
