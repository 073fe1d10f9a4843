package databench

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/outbox"
	"github.com/fusionems/quantum/pkg/relay"
	"github.com/fusionems/quantum/pkg/testkit/ratio"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
)

const (
	pipelineEvents   = 30_000
	pipelineAgencies = 20
	eventSize        = 600
)

// Pipeline compares the rate of events from outbox rows to applied rows (relay and consumer at once, each event once) with
// that of bare asynchronous publishing of the same bytes.
func (b *Bench) Pipeline(ctx context.Context, nats *bus.Bus) (ratio.Figure, error) {
	p := pipeline{b: b, bus: nats}
	return ratio.Figure{
		Name: "outbox to JetStream to inbox / asynchronous publish", Unit: "msg/s", Least: 0.28,
		Cause: "relay, broker, consumer and the PostgreSQL sessions of both take turns; where other work has the CPUs they wait for each other, while the base is one process",
	}.Compare(ctx, p.endToEnd, p.publish)
}

type pipeline struct {
	b   *Bench
	bus *bus.Bus
}

func messages(n int) ([]outbox.Message, error) {
	list := make([]outbox.Message, n)
	for i := range list {
		var err error
		list[i], err = outbox.Envelope(outbox.Fact{
			ID: uuid.Must(uuid.NewV7()), AgencyID: int64(1 + i%pipelineAgencies), Subject: "policies/x", Time: time.Now(),
			Event: &auditv1.PolicyActivated{Key: strings.Repeat("k", eventSize-200), Version: int32(i % 1000)}, //nolint:gosec // small
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (p pipeline) publish(ctx context.Context) (float64, error) {
	list, err := messages(pipelineEvents)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	for len(list) > 0 {
		n := min(len(list), 500)
		for _, err := range p.bus.Publish(ctx, list[:n]) {
			if err != nil {
				return 0, err
			}
		}
		list = list[n:]
	}
	return pipelineEvents / time.Since(start).Seconds(), p.purge(ctx)
}

func (p pipeline) purge(ctx context.Context) error {
	s, err := p.bus.JetStream().Stream(ctx, "GOVERNANCE")
	if err != nil {
		return err
	}
	return s.Purge(ctx)
}

func (p pipeline) endToEnd(ctx context.Context) (float64, error) {
	// What other measurements left in the outbox is none of this one's events.
	if err := p.reset(ctx); err != nil {
		return 0, err
	}
	if err := p.queue(ctx); err != nil {
		return 0, err
	}
	var counter sync.Mutex
	applied, done := 0, make(chan struct{})
	handler := inbox.Handler{
		Message: (*auditv1.PolicyActivated)(nil),
		ApplyBatch: func(ctx context.Context, tx *db.Tx, evs []inbox.Event, _ []any) error {
			ids, keys := make([][16]byte, len(evs)), make([]string, len(evs))
			for i, ev := range evs {
				ids[i], keys[i] = ev.ID, ev.Message.(*auditv1.PolicyActivated).GetKey()
			}
			_, err := tx.Exec(ctx, "INSERT INTO bench.applied SELECT $1, u.* FROM unnest($2::uuid[], $3::text[]) u", tx.AgencyID(), ids, keys)
			counter.Lock()
			defer counter.Unlock()
			if applied += len(evs); applied == pipelineEvents {
				close(done)
			}
			return err
		},
	}
	log := slog.New(slog.DiscardHandler)
	r, err := relay.New(relay.Config{DB: p.b.db, Bus: p.bus, Log: log})
	if err != nil {
		return 0, err
	}
	c, err := inbox.New(inbox.Config{DB: p.b.db, Bus: p.bus, Service: "bench", Handlers: []inbox.Handler{handler}, Log: log})
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	start := time.Now()
	group.Go(func() { _ = r.Run(ctx) })
	group.Go(func() { _ = c.Run(ctx) })
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		err = fmt.Errorf("only %d of %d events arrived", applied, pipelineEvents)
	}
	rate := pipelineEvents / time.Since(start).Seconds()
	cancel()
	group.Wait()
	if err != nil {
		return 0, err
	}
	return rate, p.reset(context.WithoutCancel(ctx))
}

// queue fills the outbox; that is not part of the time.
func (p pipeline) queue(ctx context.Context) error {
	list, err := messages(pipelineEvents)
	if err != nil {
		return err
	}
	n := len(list)
	ids, agencies, subjects, payloads := make([][16]byte, n), make([]int64, n), make([]string, n), make([][]byte, n)
	for i, m := range list {
		ids[i], agencies[i], subjects[i], payloads[i] = m.ID, m.AgencyID, m.NATSSubject, m.Payload
	}
	_, err = p.b.super.Exec(ctx, `INSERT INTO bench.outbox (event_id, agency_id, nats_subject, payload)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bytea[])`, ids, agencies, subjects, payloads)
	return err
}

func (p pipeline) reset(ctx context.Context) error {
	for _, sql := range []string{"TRUNCATE bench.applied, bench.inbox, bench.outbox", "VACUUM ANALYZE bench.outbox"} {
		if _, err := p.b.super.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return p.purge(ctx)
}
