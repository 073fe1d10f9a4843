package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/jobs"
	"github.com/fusionems/quantum/pkg/testkit/pg"
)

const (
	agencyA = 11
	agencyB = 22
)

type remind struct {
	Agency int64  `json:"agency"`
	Note   string `json:"note"`
}

func (remind) Kind() string       { return "remind" }
func (r remind) JobAgency() int64 { return r.Agency }

type tick struct{}

func (tick) Kind() string     { return "tick" }
func (tick) JobAgency() int64 { return 0 }

type unknown struct{ tick }

func (unknown) Kind() string { return "unknown" }

func as(role string, agency int64) context.Context {
	return identity.With(context.Background(), identity.Principal{Subject: "u", Actor: identity.Human, ActingRole: role, AgencyID: agency})
}

func newQueue(t *testing.T) (*jobs.Queue, *db.DB) {
	t.Helper()
	d, _ := pg.Open(t, pg.Service{Schema: "jobs_svc"})
	q, err := jobs.New(jobs.Config{DB: d, Service: "jobs_svc", Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return q, d
}

func run(t *testing.T, q *jobs.Queue) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- q.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

func TestJobsRunInTheirAgencyOnceCommitted(t *testing.T) {
	q, d := newQueue(t)
	var mu sync.Mutex
	got := map[int64]int{}
	failed := false
	all := make(chan struct{}, 8)
	err := jobs.Handle(q, func(ctx context.Context, a remind) error {
		p, _ := identity.From(ctx)
		mu.Lock()
		defer mu.Unlock()
		if p.Actor != identity.Service || p.AgencyID != a.Agency || p.Subject != "jobs_svc" {
			t.Errorf("principal %+v for %+v", p, a)
		}
		if !failed {
			failed = true
			return errors.New("the first attempt fails")
		}
		// The job's own transaction works as the service in the agency.
		if err := d.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
			var n int
			return tx.QueryRow(ctx, "SELECT count(*) FROM jobs_svc.module_state").Scan(&n)
		}); err != nil {
			return err
		}
		got[a.Agency]++
		all <- struct{}{}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	add := func(agency int64, then error) error {
		return d.Write(as("qa", agency), func(ctx context.Context, tx *db.Tx) error {
			if err := q.Add(ctx, tx, remind{Agency: agency, Note: "n"}, jobs.Options{}); err != nil {
				return err
			}
			// The role is the caller's again.
			var role string
			if err := tx.QueryRow(ctx, "SELECT current_user").Scan(&role); err != nil || role != "jobs_svc_qa" {
				t.Errorf("role after Add: %s, %v", role, err)
			}
			return then
		})
	}
	if err := errors.Join(add(agencyA, nil), add(agencyB, nil)); err != nil {
		t.Fatal(err)
	}
	if err := add(agencyA, errors.New("rolled back")); err == nil {
		t.Fatal("no error")
	}
	run(t, q)
	for range 2 {
		select {
		case <-all:
		case <-time.After(2 * time.Minute):
			t.Fatal("the jobs did not run")
		}
	}
	time.Sleep(200 * time.Millisecond)
	mu.Lock()
	defer mu.Unlock()
	if got[agencyA] != 1 || got[agencyB] != 1 {
		t.Errorf("got %v", got)
	}
}

func TestAddRefuses(t *testing.T) {
	q, d := newQueue(t)
	if err := jobs.Handle(q, func(context.Context, remind) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string]jobs.Args{"another agency": remind{Agency: agencyB}, "unhandled kind": unknown{}} {
		err := d.Write(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error { return q.Add(ctx, tx, args, jobs.Options{}) })
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	err := d.Read(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error {
		return q.Add(ctx, tx, remind{Agency: agencyA}, jobs.Options{})
	})
	if err == nil {
		t.Error("a job in a transaction that only reads: accepted")
	}
	// The caller's own role cannot touch the queue.
	err = d.Write(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM jobs_svc.river_job")
		return err
	})
	if err == nil {
		t.Error("a group role reached the job table")
	}
}

func TestPeriodicAndUnique(t *testing.T) {
	q, d := newQueue(t)
	ticks := make(chan struct{}, 16)
	reminded := make(chan struct{}, 16)
	err := errors.Join(
		jobs.Handle(q, func(context.Context, tick) error { ticks <- struct{}{}; return nil }),
		jobs.Handle(q, func(context.Context, remind) error { reminded <- struct{}{}; return nil }),
	)
	if err != nil {
		t.Fatal(err)
	}
	q.Every(time.Hour, "tick", tick{})
	for range 3 {
		if err := d.Write(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error {
			return q.Add(ctx, tx, remind{Agency: agencyA}, jobs.Options{Unique: true, MaxAttempts: 2})
		}); err != nil {
			t.Fatal(err)
		}
	}
	run(t, q)
	for name, c := range map[string]chan struct{}{"periodic": ticks, "unique": reminded} {
		select {
		case <-c:
		case <-time.After(2 * time.Minute):
			t.Fatalf("the %s job did not run", name)
		}
	}
	time.Sleep(200 * time.Millisecond)
	if n := len(ticks) + len(reminded); n != 0 {
		t.Errorf("%d jobs too many", n)
	}
}
