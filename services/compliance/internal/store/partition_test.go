package store_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/store"
	"github.com/fusionems/quantum/services/compliance/internal/store/dbsqlc"
)

// An agency that gets its partitions takes the rows along that arrived before, and nobody else's; afterwards everything holds
// as it did: rows by agency, keys, refusals.
func TestRowsMoveFromTheDefaultPartition(t *testing.T) {
	d, raw := pg.Open(t, service())
	for _, agency := range []int64{agencyA, agencyB} {
		for _, number := range []string{"AB1234563", "BB1388568"} {
			if _, err := execute(d, as("compliance", agency), insert(agency, number)); err != nil {
				t.Fatal(err)
			}
		}
	}
	register := func(agency int64) error {
		return d.Write(system(agency), func(ctx context.Context, tx *db.Tx) error { return store.Register(ctx, tx) })
	}
	for range 2 { // again changes nothing
		if err := register(agencyA); err != nil {
			t.Fatal(err)
		}
	}
	su := raw.Superuser(t)
	for table, want := range map[string]int{
		"dea_registrant_metadata": 4, "dea_registrant_metadata_11": 2, "dea_registrant_metadata_default": 2,
		"cms_enrollment_metadata_11": 0, "cms_enrollment_metadata_default": 0,
	} {
		var n int
		if err := su.QueryRow(t.Context(), "SELECT count(*) FROM compliance."+table).Scan(&n); err != nil || n != want {
			t.Errorf("%s has %d rows, %v; want %d", table, n, err, want)
		}
	}
	var forced bool
	if err := su.QueryRow(t.Context(), `SELECT bool_and(relrowsecurity AND relforcerowsecurity) FROM pg_class WHERE relname LIKE '%_metadata_11'`).Scan(&forced); err != nil || !forced {
		t.Errorf("the partitions are not closed: %v", err)
	}
	if _, err := execute(d, as("compliance", agencyA), insert(agencyA, "AB1234563")); db.Constraint(err) == "" {
		t.Errorf("the key is lost: %v", err)
	}
	if n, err := execute(d, as("compliance", agencyA), "UPDATE compliance.dea_registrant_metadata SET registrant_name = 'X'"); err != nil || n != 2 {
		t.Errorf("update: %d rows, %v", n, err)
	}
	if _, err := execute(d, as("compliance", agencyA), "SELECT * FROM compliance.dea_registrant_metadata_11"); !denied(err) {
		t.Errorf("around the table: %v, want it denied", err)
	}
	for _, group := range []string{"founder", "compliance", "agency", "billing"} {
		if _, err := execute(d, as(group, agencyB), "SELECT compliance.ensure_partitions()"); !denied(err) {
			t.Errorf("%s makes partitions: %v, want it denied", group, err)
		}
	}
	if err := register(0); err == nil {
		t.Error("partitions of no agency were made")
	}
}

// Rows that an administrator may read exist under flag and grant only.
func TestTheAdministratorsRows(t *testing.T) {
	d, raw := pg.Open(t, service())
	su := raw.Superuser(t)
	for _, agency := range []int64{agencyA, agencyB} {
		if _, err := execute(d, as("compliance", agency), insert(agency, "AB1234563")); err != nil {
			t.Fatal(err)
		}
	}
	rows := func(agency int64) (n int) {
		t.Helper()
		err := d.ReadOne(as("agency", agency), func(ctx context.Context, tx *db.Tx) error {
			return tx.QueryRow(ctx, "SELECT count(*) FROM compliance.dea_registrant_metadata").Scan(&n)
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i, step := range []struct {
		sql  string
		a, b int
	}{
		{"SELECT 1", 0, 0},
		{"INSERT INTO compliance.dea_access VALUES (11, true, now()), (22, true, now())", 0, 0},
		{"INSERT INTO compliance.dea_grant VALUES (11, gen_random_uuid(), 'somebody', 'x', 'o', now() - interval '1 hour', now() + interval '1 hour')", 1, 0},
		{"UPDATE compliance.dea_access SET enabled = false", 0, 0},
		{"UPDATE compliance.dea_access SET enabled = true", 1, 0},
		{"UPDATE compliance.dea_grant SET expire_time = now() - interval '1 second'", 0, 0},
		{"INSERT INTO compliance.dea_grant VALUES (22, gen_random_uuid(), 'somebody else', 'x', 'o', now(), now() + interval '1 hour')", 0, 0},
		{"UPDATE compliance.dea_grant SET subject = 'somebody' WHERE agency_id = 22", 0, 1},
		{"UPDATE compliance.dea_grant SET revoke_time = now()", 0, 0},
	} {
		if _, err := su.Exec(t.Context(), step.sql); err != nil {
			t.Fatal(err)
		}
		if a, b := rows(agencyA), rows(agencyB); a != step.a || b != step.b {
			t.Errorf("step %d: %d and %d rows, want %d and %d", i, a, b, step.a, step.b)
		}
	}
	if _, err := execute(d, as("compliance", agencyA), "UPDATE compliance.dea_grant SET expire_time = now() + interval '9 years'"); !denied(err) {
		t.Errorf("prolonging a grant: %v, want it denied", err)
	}
	for _, sql := range []string{"UPDATE compliance.compliance_note SET text = 'x'", "DELETE FROM compliance.compliance_note", "UPDATE compliance.notice_acknowledgement SET version = 2"} {
		if _, err := execute(d, as("founder", agencyA), sql); !denied(err) {
			t.Errorf("%s: %v, want it denied", sql, err)
		}
	}
}

// The list of one agency reaches that agency's partition by its index, whatever number of agencies there is: the plan is kept.
func TestThePlanOfTheListReachesOnePartition(t *testing.T) {
	s, _, raw := open(t)
	su := raw.Superuser(t)
	d, err := db.Open(t.Context(), db.Config{URL: raw.As(t, "compliance_login", pg.LoginPassword), Schema: "compliance", Groups: func(r string) (string, bool) { return r, true }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	for agency := int64(1); agency <= 12; agency++ {
		if err := d.Write(system(agency), func(ctx context.Context, tx *db.Tx) error { return store.Register(ctx, tx) }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := su.Exec(t.Context(), fill(12, 400)); err != nil {
		t.Fatal(err)
	}
	if _, err := su.Exec(t.Context(), "ANALYZE compliance.dea_registrant_metadata"); err != nil {
		t.Fatal(err)
	}
	list, err := s.Registrations().List(as("compliance", 7), record.Query{Statuses: []string{"active"}, Limit: 50})
	if err != nil || len(list) != 50 || list[0].AgencyID != 7 {
		t.Fatalf("%d records, %v", len(list), err)
	}
	for order, plan := range plans(t, d, 7) {
		if !onlyOf7(plan) {
			t.Errorf("the plan of %s leaves the partition:\n%s", order, plan)
		}
	}
	// A few hundred records are sorted where they lie. Many are read in the order of the index, a page and no more.
	for _, sql := range []string{strings.ReplaceAll(fill(12, 30000), "generate_series(1, 12)", "generate_series(7, 7)") + " WHERE i > 400", "ANALYZE compliance.dea_registrant_metadata"} {
		if _, err := su.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for order, plan := range plans(t, d, 7) {
		if !onlyOf7(plan) || !strings.Contains(plan, "Index Scan") || strings.Contains(plan, "Sort") {
			t.Errorf("the plan of %s among many records:\n%s", order, plan)
		}
	}
}

var partition = regexp.MustCompile(`dea_registrant_metadata_(\w+) r\b`)

func onlyOf7(plan string) bool {
	reached := partition.FindAllStringSubmatch(plan, -1)
	return len(reached) == 1 && reached[0][1] == "7"
}

// plans explains the queries as the service sends them, a first page in each order.
func plans(t *testing.T, d *db.DB, agency int64) map[string]string {
	t.Helper()
	today := time.Date(2027, 1, 15, 0, 0, 0, 0, time.UTC)
	p := dbsqlc.ListDeaByDueParams{
		AgencyID: agency, Today: today, ExpiringUntil: today.AddDate(0, 0, 90), Statuses: []string{"active", "expiring", "expired", "pending"}, RowLimit: 51,
	}
	q := dbsqlc.New()
	out := map[string]string{}
	for order, ask := range map[string]func(context.Context, dbsqlc.DBTX) error{
		"ListDeaByDue": func(ctx context.Context, tx dbsqlc.DBTX) error { _, err := q.ListDeaByDue(ctx, tx, p); return err },
		"ListDeaByDueDesc": func(ctx context.Context, tx dbsqlc.DBTX) error {
			_, err := q.ListDeaByDueDesc(ctx, tx, dbsqlc.ListDeaByDueDescParams(p))
			return err
		},
	} {
		var sent overheard
		if err := ask(t.Context(), &sent); !errors.Is(err, errOverheard) {
			t.Fatal(err)
		}
		out[order] = explain(t, d, agency, sent)
	}
	return out
}

var errOverheard = errors.New("overheard, not sent")

// overheard stands where a transaction does and keeps what it is asked.
type overheard struct {
	dbsqlc.DBTX
	sql  string
	args []any
}

func (o *overheard) Query(_ context.Context, sql string, args ...any) (pgx.Rows, error) {
	o.sql, o.args = sql, args
	return nil, errOverheard
}

func explain(t *testing.T, d *db.DB, agency int64, sent overheard) (plan string) {
	t.Helper()
	ctx := identity.With(t.Context(), identity.Principal{Subject: "x", Actor: identity.Human, ActingRole: "compliance", AgencyID: agency})
	err := d.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := tx.Query(ctx, "EXPLAIN "+sent.sql, sent.args...)
		if err != nil {
			return err
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		plan = strings.Join(lines, "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// fill makes that many records for each of that many agencies.
func fill(agencies, records int) string {
	return fmt.Sprintf(`INSERT INTO compliance.dea_registrant_metadata (agency_id, id, registrant_name, dea_registration_number, authorized_schedules,
 registered_state, issue_date, expiration_date, create_time, update_time)
SELECT a, gen_random_uuid(), 'EMS', 'AB' || lpad(i::text, 7, '0'), '{II}', 'WI', '2024-01-01', date '2027-01-01' + i, now(), now()
FROM generate_series(1, %d) a, generate_series(1, %d) i`, agencies, records)
}
