package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/catalog"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/reporting/internal/store"
)

const (
	agencyA = int64(11)
	agencyB = int64(22)
)

func service() pg.Service { return pg.Service{Schema: "reporting", Migrations: store.Migrations} }

func TestCatalog(t *testing.T) {
	catalog.Check(t, service(), catalog.Reviewed{
		Platform: map[string]string{"cross_execution": "runs over all agencies belong to the platform; the founder alone has grants"},
	})
}

func TestMigrationsAreUnchanged(t *testing.T) {
	catalog.MigrationsUnchanged(t, store.Migrations, "testdata/migrations.sha256")
}

func person(group string, agency int64) context.Context {
	return identity.With(context.Background(), identity.Principal{
		Subject: "user-" + group, Actor: identity.Human, ActingRole: group, AgencyID: agency,
	})
}

func across() context.Context {
	return identity.With(context.Background(), identity.Principal{
		Subject: "founder", Actor: identity.Human, ActingRole: "founder", CrossAgency: true, AccessReason: "quarterly review",
	})
}

func system(agency int64) context.Context {
	return identity.With(context.Background(), identity.ForService("reporting", agency))
}

func fact(agency int64, chart uuid.UUID, version int32, seconds int32) store.Fact {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return store.Fact{
		AgencyID: agency, ChartID: chart, Version: version, UnitNotifiedTime: &at, UnitCallSign: "M1", ResponseSeconds: &seconds,
		InvalidIntervals: []string{},
	}
}

func put(t testing.TB, d *db.DB, f store.Fact) (changed bool) {
	t.Helper()
	s := store.NewFacts(d)
	err := d.Write(system(f.AgencyID), func(ctx context.Context, tx *db.Tx) (err error) {
		changed, err = s.Put(ctx, tx, f)
		return err
	})
	if err != nil {
		t.Fatalf("putting a fact: %v", err)
	}
	return changed
}

func TestTheNewestVersionCountsAndNothingIsForgotten(t *testing.T) {
	d, raw := pg.Open(t, service())
	chart := uuid.New()
	for _, step := range []struct {
		agency  int64
		version int32
		changed bool
	}{
		{agencyA, 1, true}, {agencyA, 1, false}, {agencyB, 1, true}, {agencyA, 3, true}, {agencyA, 2, false}, {agencyA, 4, true},
	} {
		if got := put(t, d, fact(step.agency, chart, step.version, 100*step.version)); got != step.changed {
			t.Errorf("agency %d version %d: changed %v", step.agency, step.version, got)
		}
	}
	var got string
	err := raw.Superuser(t).QueryRow(t.Context(), `SELECT string_agg(format('%s/%s:%s', agency_id, version,
  coalesce((SELECT n.version::text FROM reporting.call_fact n WHERE n.seq = f.superseded_seq), '-')), ' ' ORDER BY seq)
FROM reporting.call_fact f`).Scan(&got)
	if err != nil || got != "11/1:3 22/1:- 11/3:4 11/4:-" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestNumbersFollowCommits: a writer that took its number first commits first, whatever the scheduler does. Otherwise a fact
// with a lower number could appear behind a mark that a report was made at.
func TestNumbersFollowCommits(t *testing.T) {
	d, _ := pg.Open(t, service())
	s := store.NewFacts(d)
	inside, release := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		first <- d.Write(system(agencyA), func(ctx context.Context, tx *db.Tx) error {
			_, err := s.Put(ctx, tx, fact(agencyA, uuid.New(), 1, 100))
			close(inside)
			<-release
			return err
		})
	}()
	<-inside
	second := make(chan error, 1)
	go func() {
		second <- d.Write(system(agencyB), func(ctx context.Context, tx *db.Tx) error {
			_, err := s.Put(ctx, tx, fact(agencyB, uuid.New(), 1, 100))
			return err
		})
	}()
	select {
	case err := <-second:
		t.Errorf("the second writer committed (%v) while the first, with the lower number, had not", err)
	case <-time.After(300 * time.Millisecond):
	}
	close(release)
	for name, c := range map[string]chan error{"first": first, "second": second} {
		if err := <-c; err != nil {
			t.Errorf("%s writer: %v", name, err)
		}
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	d, _ := pg.Open(t, service())
	for _, agency := range []int64{agencyA, agencyB} {
		put(t, d, fact(agency, uuid.New(), 1, 100))
	}
	count := func(ctx context.Context, table string) (n int, err error) {
		err = d.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
			return tx.QueryRow(ctx, "SELECT count(*) FROM reporting."+table).Scan(&n)
		})
		return n, err
	}
	try := func(ctx context.Context, sql string) error {
		return d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, sql)
			return err
		})
	}
	const columns = `(%s id, template, period_from, period_to, group_by, data_as_of, watermark, definition, definition_sha256, result,
result_sha256, catalogue_version, executed_by, access_reason, create_time, duration_ms)`
	const values = ` gen_random_uuid(), 't', now(), now() + interval '1 day', 'unit', now(), 0, '{}', repeat('a', 64), '{}', repeat('a', 64), '1', 'u', 'why', now(), 0)`
	own := "INSERT INTO reporting.execution " + fmt.Sprintf(columns, "agency_id,") + " VALUES (11," + values
	platform := "INSERT INTO reporting.cross_execution " + fmt.Sprintf(columns, "") + " VALUES (" + values
	for _, group := range db.DefaultGroups() {
		if group == "cross" {
			continue
		}
		reads := map[string]bool{"agency": true, "founder": true, "system": true}[group]
		runs := map[string]bool{"agency": true, "founder": true}[group]
		for _, agency := range []int64{agencyA, agencyB} {
			n, err := count(person(group, agency), "call_fact")
			if reads && (err != nil || n != 1) || !reads && !errs.IsKind(err, errs.Denied) {
				t.Errorf("%s in agency %d reads %d facts, %v", group, agency, n, err)
			}
		}
		if n, err := count(person(group, 0), "call_fact"); err == nil {
			t.Errorf("%s without an agency reads %d facts", group, n)
		}
		if err := try(person(group, agencyA), own); (err == nil) != runs {
			t.Errorf("%s keeps a run of its agency: %v", group, err)
		}
		if err := try(person(group, agencyB), own); !errs.IsKind(err, errs.Denied) {
			t.Errorf("%s keeps a run of another agency: %v", group, err)
		}
		if err := try(person(group, 0), platform); (err == nil) != (group == "founder") {
			t.Errorf("%s keeps a run of the platform: %v", group, err)
		}
		for _, table := range []string{"execution", "cross_execution", "call_fact"} {
			for _, sql := range []string{"UPDATE reporting." + table + " SET arrive_time = now()", "DELETE FROM reporting." + table} {
				if table != "call_fact" {
					sql = strings.ReplaceAll(sql, "arrive_time = now()", "result = '{}'")
				}
				if err := try(person(group, agencyA), sql); !errs.IsKind(err, errs.Denied) {
					t.Errorf("%s: %s: %v, want it denied", group, sql, err)
				}
			}
		}
		if _, err := count(person(group, agencyA), "cross_execution"); !errs.IsKind(err, errs.Denied) {
			t.Errorf("%s reads runs of the platform: %v", group, err)
		}
	}
	for table, want := range map[string]int{"call_fact": 2, "execution": 2, "cross_execution": 1} {
		if n, err := count(across(), table); err != nil || n != want {
			t.Errorf("founder across agencies reads %d rows of %s, %v; want %d", n, table, err, want)
		}
	}
	if n, err := count(person("agency", agencyB), "execution"); err != nil || n != 0 {
		t.Errorf("agency B sees %d runs of agency A, %v", n, err)
	}
	if err := try(across(), platform); !errs.IsKind(err, errs.Denied) {
		t.Errorf("a write across agencies: %v", err)
	}
}
