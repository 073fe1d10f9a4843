package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/relay"
	"github.com/fusionems/quantum/pkg/testkit/natstest"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
)

const (
	agencyA = 11
	agencyB = 22
	schema  = "consumer"
)

// rig is a service that writes events and consumes its own.
type rig struct {
	t    testing.TB
	db   *db.DB
	raw  *pg.Database
	nats *natstest.Server
	bus  *bus.Bus
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{t: t, nats: natstest.Start(t, nil)}
	r.db, r.raw = pg.Open(t, pg.Service{Schema: schema, Migrations: os.DirFS("testdata/migrations")})
	r.bus = r.nats.Bus("test")
	return r
}

func logger() *slog.Logger {
	if testing.Verbose() {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.DiscardHandler)
}

// start runs f until the returned function is called.
func (r *rig) start(f func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := f(ctx); err != nil {
			r.t.Errorf("run: %v", err)
		}
	}()
	stop = func() { cancel(); <-done }
	r.t.Cleanup(stop)
	return stop
}

func (r *rig) relay() (stop func()) {
	r.t.Helper()
	x, err := relay.New(relay.Config{DB: r.db, Bus: r.bus, Log: logger()})
	if err != nil {
		r.t.Fatal(err)
	}
	return r.start(x.Run)
}

func (r *rig) inbox(attempts int, handlers ...inbox.Handler) *inbox.Inbox {
	r.t.Helper()
	x, err := inbox.New(inbox.Config{DB: r.db, Bus: r.bus, Service: schema, Handlers: handlers, Log: logger(), MaxAttempts: attempts})
	if err != nil {
		r.t.Fatal(err)
	}
	return x
}

// emit commits n events of an agency, numbered from first.
func (r *rig) emit(agency int64, first, n int) {
	r.t.Helper()
	for i := range n {
		if err := r.tryEmit(agency, first+i); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *rig) tryEmit(agency int64, version int) error {
	ctx := identity.With(context.Background(), identity.ForService(schema, agency))
	return r.db.Write(ctx, func(_ context.Context, tx *db.Tx) error {
		tx.Emit("charts/x", &clinicalv1.ChartImported{ChartId: fmt.Sprint(agency), Version: int32(version)})
		return nil
	})
}

func (r *rig) switchModule(agency int64, on bool, revision int64) {
	r.t.Helper()
	ctx := identity.With(context.Background(), identity.ForService(schema, agency))
	if err := r.db.Write(ctx, func(_ context.Context, tx *db.Tx) error {
		tx.Emit("modules/qa", &agencyv1.ModuleChanged{Module: "qa", Enabled: on, Revision: revision})
		return nil
	}); err != nil {
		r.t.Fatal(err)
	}
}

// record is a handler's Apply that notes version and order.
func record(ctx context.Context, tx *db.Tx, ev inbox.Event, _ any) error {
	_, err := tx.Exec(ctx, "INSERT INTO consumer.seen (agency_id, version) VALUES ($1, $2)",
		ev.AgencyID, ev.Message.(*clinicalv1.ChartImported).GetVersion())
	return err
}

func (r *rig) seen(agency int64) []int32 {
	r.t.Helper()
	rs, err := r.raw.Superuser(r.t).Query(context.Background(), "SELECT version FROM consumer.seen WHERE agency_id = $1 ORDER BY position", agency)
	if err != nil {
		r.t.Fatal(err)
	}
	list, err := pgx.CollectRows(rs, pgx.RowTo[int32])
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

func (r *rig) scalar(sql string) (n int) {
	r.t.Helper()
	if err := r.raw.Superuser(r.t).QueryRow(context.Background(), sql).Scan(&n); err != nil {
		r.t.Fatal(err)
	}
	return n
}

func (r *rig) eventually(what string, ok func() bool) {
	r.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			r.t.Fatalf("not reached: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// inOrder says that all of first…last were seen once, in order.
func inOrder(list []int32, first, last int) bool {
	if len(list) != last-first+1 {
		return false
	}
	for i, v := range list {
		if int(v) != first+i {
			return false
		}
	}
	return true
}

func TestEventsArriveOnceAndInOrder(t *testing.T) {
	r := newRig(t)
	r.relay()
	r.emit(agencyA, 1, 50)
	r.emit(agencyB, 1, 50)
	in := r.inbox(0, inbox.Handler{Message: (*clinicalv1.ChartImported)(nil), Apply: record})
	stop := r.start(in.Run)
	r.eventually("both agencies have all", func() bool {
		return inOrder(r.seen(agencyA), 1, 50) && inOrder(r.seen(agencyB), 1, 50)
	})
	r.eventually("the outbox is empty", func() bool { return r.scalar("SELECT count(*) FROM consumer.outbox") == 0 })
	stop()
	// Lose the consumer's position: everything comes again, and nothing happens twice.
	if err := r.bus.JetStream().DeleteConsumer(t.Context(), "CLINICAL", schema); err != nil {
		t.Fatal(err)
	}
	r.start(r.inbox(0, inbox.Handler{Message: (*clinicalv1.ChartImported)(nil), Apply: record}).Run)
	r.emit(agencyA, 51, 1)
	r.eventually("the new one is there", func() bool { return len(r.seen(agencyA)) >= 51 })
	if !inOrder(r.seen(agencyA), 1, 51) || !inOrder(r.seen(agencyB), 1, 50) {
		t.Errorf("doubled or out of order: %v, %v", r.seen(agencyA), r.seen(agencyB))
	}
}

func TestFailingEventKeepsItsAgencyInOrderAndOthersGoOn(t *testing.T) {
	r := newRig(t)
	r.relay()
	var failures atomic.Int32
	in := r.inbox(5, inbox.Handler{Message: (*clinicalv1.ChartImported)(nil), Apply: func(ctx context.Context, tx *db.Tx, ev inbox.Event, p any) error {
		v := ev.Message.(*clinicalv1.ChartImported).GetVersion()
		if ev.AgencyID == agencyA && v == 3 && failures.Add(1) <= 3 {
			return errors.New("not yet")
		}
		return record(ctx, tx, ev, p)
	}})
	r.emit(agencyA, 1, 10)
	r.emit(agencyB, 1, 10)
	r.start(in.Run)
	r.eventually("all arrive", func() bool { return inOrder(r.seen(agencyA), 1, 10) && inOrder(r.seen(agencyB), 1, 10) })
	if n := r.scalar("SELECT count(*) FROM consumer.inbox WHERE state <> 'applied'"); n != 0 {
		t.Errorf("%d events are not applied", n)
	}
}

func TestPoisonBecomesADeadLetterAndIsReplayable(t *testing.T) {
	r := newRig(t)
	r.relay()
	var broken atomic.Bool
	broken.Store(true)
	in := r.inbox(2, inbox.Handler{Message: (*clinicalv1.ChartImported)(nil), Apply: func(ctx context.Context, tx *db.Tx, ev inbox.Event, p any) error {
		if broken.Load() && ev.AgencyID == agencyB && ev.Message.(*clinicalv1.ChartImported).GetVersion() == 2 {
			return errs.New(errs.Invalid, "CHART_UNUSABLE", "no")
		}
		return record(ctx, tx, ev, p)
	}})
	r.emit(agencyA, 1, 3)
	r.emit(agencyB, 1, 3)
	r.start(in.Run)
	r.eventually("the rest arrives", func() bool { return inOrder(r.seen(agencyA), 1, 3) && len(r.seen(agencyB)) == 2 })
	var id uuid.UUID
	var reason string
	var raw [16]byte
	if err := r.raw.Superuser(t).QueryRow(t.Context(), "SELECT event_id, reason FROM consumer.inbox WHERE state = 'dead'").Scan(&raw, &reason); err != nil {
		t.Fatal(err)
	}
	id = raw
	if reason != "CHART_UNUSABLE" {
		t.Errorf("reason %q", reason)
	}
	r.eventually("the dead letter is in its stream", func() bool {
		s, err := r.bus.JetStream().Stream(t.Context(), bus.DeadLetters)
		return err == nil && s.CachedInfo().State.Msgs == 1
	})
	if list, err := in.DeadLetters(t.Context(), 10); err != nil || len(list) != 1 || list[0].ID != id ||
		list[0].AgencyID != agencyB || list[0].Reason != reason || list[0].Received.IsZero() {
		t.Errorf("dead letters: %+v, %v", list, err)
	}
	if err := in.Replay(t.Context(), id); errs.Reason(err) != "CHART_UNUSABLE" {
		t.Errorf("replay while broken: %v", err)
	}
	broken.Store(false)
	if err := in.Replay(t.Context(), id); err != nil {
		t.Errorf("replay: %v", err)
	}
	if got := r.seen(agencyB); len(got) != 3 || got[2] != 2 {
		t.Errorf("after the replay: %v", got)
	}
	if err := in.Replay(t.Context(), id); !errs.IsKind(err, errs.NotFound) {
		t.Errorf("replay of an applied event: %v", err)
	}
}

func TestUnreachableServiceIsNoFaultOfTheEvent(t *testing.T) {
	r := newRig(t)
	r.relay()
	var calls atomic.Int32
	in := r.inbox(2, inbox.Handler{
		Message: (*clinicalv1.ChartImported)(nil),
		Prepare: func(ctx context.Context, ev inbox.Event) (any, error) {
			if db.InTransaction(ctx) {
				t.Error("Prepare inside a transaction")
			}
			if p, _ := identity.From(ctx); p.AgencyID != ev.AgencyID || p.Subject != schema {
				t.Errorf("principal %+v", p)
			}
			if calls.Add(1) <= 4 {
				return nil, errs.New(errs.Unavailable, "PEER_DOWN", "no answer")
			}
			return "prepared", nil
		},
		Apply: func(ctx context.Context, tx *db.Tx, ev inbox.Event, p any) error {
			if p != "prepared" {
				t.Errorf("prepared = %v", p)
			}
			return record(ctx, tx, ev, p)
		},
	})
	r.emit(agencyA, 1, 1)
	r.emit(agencyB, 1, 1)
	r.start(in.Run)
	r.eventually("both arrive", func() bool { return inOrder(r.seen(agencyA), 1, 1) && inOrder(r.seen(agencyB), 1, 1) })
}

func TestEventsAreParkedWhileTheModuleIsOff(t *testing.T) {
	r := newRig(t)
	r.relay()
	handlers := []inbox.Handler{
		{Message: (*clinicalv1.ChartImported)(nil), Module: "qa", Apply: record},
		inbox.ModuleSwitch((*agencyv1.ModuleChanged)(nil)),
	}
	stop := r.start(r.inbox(0, handlers...).Run)
	r.switchModule(agencyA, false, 1)
	parked := func() int {
		return r.scalar("SELECT count(*) FROM consumer.inbox WHERE state = 'parked' AND agency_id = 11")
	}
	// The row of the switch is there before the process has read it; what comes in between is applied.
	sent := 0
	more := func(n int) {
		r.emit(agencyA, sent+1, n)
		sent += n
	}
	r.eventually("the switch is known", func() bool { more(1); return parked() > 0 })
	more(20)
	r.emit(agencyB, 1, 20)
	r.eventually("one agency goes on, the other's events are parked", func() bool {
		return inOrder(r.seen(agencyB), 1, 20) && parked() > 20 && parked()+len(r.seen(agencyA)) == sent
	})
	applied := len(r.seen(agencyA))
	stop()
	r.start(r.inbox(0, handlers...).Run) // a new process knows of it too
	more(5)
	r.eventually("later ones are parked too", func() bool { return parked() == sent-applied })
	r.switchModule(agencyA, true, 2)
	r.switchModule(agencyA, false, 1) // stale: changes nothing
	more(10)
	r.eventually("it catches up in order", func() bool { return inOrder(r.seen(agencyA), 1, sent) })
	if n := r.scalar("SELECT count(*) FROM consumer.inbox WHERE state <> 'applied' OR payload IS NOT NULL"); n != 0 {
		t.Errorf("%d events still wait", n)
	}
}

func TestNothingIsLostWhenNATSGoesAway(t *testing.T) {
	r := newRig(t)
	r.relay()
	r.start(r.inbox(0, inbox.Handler{Message: (*clinicalv1.ChartImported)(nil), Apply: record}).Run)
	r.emit(agencyA, 1, 30)
	r.nats.Down()
	r.emit(agencyA, 31, 30)
	r.emit(agencyB, 1, 30)
	time.Sleep(300 * time.Millisecond)
	r.nats.Up()
	r.emit(agencyB, 31, 30)
	r.eventually("everything arrives once", func() bool {
		return inOrder(r.seen(agencyA), 1, 60) && inOrder(r.seen(agencyB), 1, 60)
	})
}

func TestHandlersAreChecked(t *testing.T) {
	r := newRig(t)
	apply := func(context.Context, *db.Tx, inbox.Event, any) error { return nil }
	for name, hs := range map[string][]inbox.Handler{
		"no message":    {{Apply: apply}},
		"not an event":  {{Message: (*clinicalv1.Chart)(nil), Apply: apply}},
		"no apply":      {{Message: (*clinicalv1.ChartImported)(nil)}},
		"twice":         {{Message: (*clinicalv1.ChartImported)(nil), Apply: apply}, {Message: (*clinicalv1.ChartImported)(nil), Apply: apply}},
		"no switch":     {{Message: (*clinicalv1.ChartImported)(nil), Module: "qa", Apply: apply}},
		"across module": {{Message: (*clinicalv1.ChartImported)(nil), Module: "qa", AcrossAgencies: true, Apply: apply}},
	} {
		if _, err := inbox.New(inbox.Config{DB: r.db, Bus: r.bus, Service: schema, Handlers: hs, Log: logger()}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
