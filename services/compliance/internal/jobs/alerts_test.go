package jobs_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/jobs"
	"github.com/fusionems/quantum/pkg/policy"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	alertjobs "github.com/fusionems/quantum/services/compliance/internal/jobs"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/store"
)

const envDatabase = "ALERTS_TEST_DATABASE"

// TestMain also is the process that a test kills.
func TestMain(m *testing.M) {
	if url := os.Getenv(envDatabase); url != "" {
		os.Exit(victim(url))
	}
	os.Exit(m.Run())
}

func victim(url string) int {
	d, err := db.Open(context.Background(), db.Config{URL: url, Schema: "compliance", Groups: func(r string) (string, bool) { return r, true }})
	if err != nil {
		return 2
	}
	if err := run(context.Background(), d, noon); err != nil {
		return 2
	}
	return 0
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type fixed[T any] struct{ rules T }

func (f fixed[T]) Active(context.Context, *db.Tx) (T, policy.Ref, error) {
	return f.rules, policy.Ref{}, nil
}

// run works as the service does, at a time.
func run(ctx context.Context, d *db.DB, now time.Time) error {
	c := clock.NewFake(now)
	s := store.Open(d, store.Policies{
		Rules:  fixed[record.Rules]{record.Rules{ExpiringWithinDays: 90}},
		Alerts: fixed[record.AlertRules]{record.AlertRules{DaysBefore: []int{90, 60, 30, 7, 0}, VerificationMaxAgeDays: 365, MaxGrantDays: 90}},
	}, c)
	q, err := jobs.New(jobs.Config{DB: d, Service: "compliance", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if err := alertjobs.Register(q, d, "compliance", s, c); err != nil {
		return err
	}
	return q.Run(ctx)
}

const agencies, records = 30, 40

func seed(t *testing.T, su *pgx.Conn) {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO compliance.agency SELECT generate_series(1, 30)`,
		// 25 days left: the threshold of 30.
		`INSERT INTO compliance.dea_registrant_metadata (agency_id, id, registrant_name, dea_registration_number, authorized_schedules,
 registered_state, issue_date, expiration_date, create_time, update_time)
SELECT a, gen_random_uuid(), 'EMS', 'AB' || lpad((a * 100 + i)::text, 7, '0'), '{II}', 'WI', '2024-01-01', '2026-03-26', now(), now()
FROM generate_series(1, 30) a, generate_series(1, 40) i`,
	} {
		if _, err := su.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// raised counts the events in the outbox by alert.
func raised(t *testing.T, su *pgx.Conn) map[string]int {
	t.Helper()
	rows, err := su.Query(t.Context(), "SELECT payload FROM compliance.outbox WHERE nats_subject = 'compliance.alert.raised.v1'")
	if err != nil {
		t.Fatal(err)
	}
	payloads, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, b := range payloads {
		ev, m := &commonv1.Event{}, &compliancev1.AlertRaised{}
		if err := proto.Unmarshal(b, ev); err != nil {
			t.Fatal(err)
		}
		if err := ev.GetPayload().UnmarshalTo(m); err != nil || m.GetThresholdDays() != 30 {
			t.Fatalf("%v, %v", m, err)
		}
		out[m.GetAlertId()]++
	}
	return out
}

func number(t *testing.T, su *pgx.Conn, sql string) (n int) {
	t.Helper()
	if err := su.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

const countAlerts = "SELECT count(*) FROM compliance.alert"

func until(t *testing.T, su *pgx.Conn, want int) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); number(t, su, countAlerts) < want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d alerts of %d in time", number(t, su, countAlerts), want)
		}
	}
}

// once holds when every alert is there once and told once, agency by agency all or nothing. It looks at one moment: a commit that
// a killed process had sent may still be under way.
func once(t *testing.T, su *pgx.Conn) {
	t.Helper()
	if _, err := su.Exec(t.Context(), "BEGIN ISOLATION LEVEL REPEATABLE READ"); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, err := su.Exec(context.Background(), "COMMIT"); err != nil {
			t.Error(err)
		}
	}()
	if n := number(t, su, "SELECT count(*) FROM (SELECT agency_id FROM compliance.alert GROUP BY 1 HAVING count(*) <> 40) x"); n != 0 {
		t.Errorf("%d agencies have some of their alerts", n)
	}
	events := raised(t, su)
	for id, n := range events {
		if n != 1 {
			t.Errorf("alert %s was told %d times", id, n)
		}
	}
	if n := number(t, su, countAlerts); n != len(events) {
		t.Errorf("%d alerts, %d told", n, len(events))
	}
}

// Killed in the middle, and begun again by two replicas at once: nothing is doubled, nothing is lost.
func TestAlertsSurviveAKill(t *testing.T) {
	d, raw := pg.Open(t, pg.Service{Schema: "compliance", Migrations: store.Migrations})
	su := raw.Superuser(t)
	seed(t, su)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), envDatabase+"="+raw.As(t, "compliance_login", pg.LoginPassword))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, su, 1)
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	t.Logf("killed after %d of %d alerts", number(t, su, countAlerts), agencies*records)
	once(t, su)

	// The next hour plans again; jobs that the kill left running are not waited for.
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- run(ctx, d, noon.Add(time.Hour)) }()
	}
	until(t, su, agencies*records)
	time.Sleep(300 * time.Millisecond)
	stop()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	once(t, su)
	if n := number(t, su, countAlerts); n != agencies*records {
		t.Errorf("%d alerts", n)
	}
}
