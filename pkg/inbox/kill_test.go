package inbox_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/relay"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
)

const (
	envDatabase = "INBOX_TEST_DATABASE"
	envNATS     = "INBOX_TEST_NATS"
)

// TestMain also is the process that TestNothingIsLostInKills kills: a service with a relay and an inbox.
func TestMain(m *testing.M) {
	if url := os.Getenv(envDatabase); url != "" {
		os.Exit(victim(url, os.Getenv(envNATS)))
	}
	os.Exit(m.Run())
}

func victim(database, nats string) int {
	d, err := db.Open(context.Background(), db.Config{URL: database, Schema: schema, Groups: func(r string) (string, bool) { return r, true }})
	if err != nil {
		return 2
	}
	b, err := bus.Connect(bus.Config{URL: nats, Name: "victim"})
	if err != nil {
		return 2
	}
	r, err := relay.New(relay.Config{DB: d, Bus: b, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 2
	}
	in, err := inbox.New(inbox.Config{DB: d, Bus: b, Service: schema, Log: slog.New(slog.DiscardHandler), Handlers: []inbox.Handler{{
		Message: (*clinicalv1.ChartImported)(nil), Apply: record,
	}}})
	if err != nil {
		return 2
	}
	go func() { _ = r.Run(context.Background()) }()
	_ = in.Run(context.Background())
	return 0
}

func TestNothingIsLostInKills(t *testing.T) {
	r := newRig(t)
	const events = 600
	// The writer's own session stays: whether a commit cut off by a kill took place is not its question here.
	super := r.raw.Superuser(t)
	var mine []int32
	r.emit(agencyA, 1, 1)
	r.emit(agencyB, 1, 1)
	if err := super.QueryRow(t.Context(), "SELECT array_agg(pid) FROM pg_stat_activity WHERE usename = 'consumer_login' AND datname = current_database()").Scan(&mine); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 1; i < events; i++ {
			for _, agency := range []int64{agencyA, agencyB} {
				if err := r.tryEmit(agency, i+1); err != nil {
					t.Errorf("emit: %v", err)
				}
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	writing := true
	for round := 0; writing; round++ {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), envDatabase+"="+r.raw.As(t, schema+"_login", "test-login"), envNATS+"="+r.nats.URL())
		child.Stderr = os.Stderr
		child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			r.eventually("the first process applies something", func() bool { return len(r.seen(agencyA)) > 0 })
		}
		time.Sleep(time.Duration(300+70*round) * time.Millisecond)
		if round%3 == 2 {
			if _, err := super.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'consumer_login' AND datname = current_database() AND pid <> ALL ($1)", mine); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait()
		select {
		case <-done:
			writing = false
		default:
		}
	}
	r.relay()
	r.start(r.inbox(0, inbox.Handler{Message: (*clinicalv1.ChartImported)(nil), Apply: record}).Run)
	r.eventually("every event of both agencies once, in order", func() bool {
		return len(r.seen(agencyA)) >= events && len(r.seen(agencyB)) >= events
	})
	if !inOrder(r.seen(agencyA), 1, events) || !inOrder(r.seen(agencyB), 1, events) {
		t.Errorf("doubled or out of order: %d and %d events", len(r.seen(agencyA)), len(r.seen(agencyB)))
	}
}
