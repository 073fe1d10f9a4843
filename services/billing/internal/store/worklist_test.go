package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/billing/internal/claim"
	"github.com/fusionems/quantum/services/billing/internal/store"
	"github.com/fusionems/quantum/services/billing/internal/store/dbsqlc"
)

// on is the draft with another date of service, "" for none.
func on(d claim.Draft, day string) claim.Draft {
	d.ServiceDate = day
	return d
}

func TestOrdersOfTheWorklist(t *testing.T) {
	d, _ := pg.Open(t, service())
	names := map[uuid.UUID]string{}
	for i, draft := range []claim.Draft{
		on(incomplete("PCS_MISSING"), "2026-03-05"), on(incomplete("SERVICE_DATE_MISSING"), ""), on(ready(), "2026-03-01"),
		on(incomplete("PCS_MISSING"), "2026-03-01"), on(incomplete("SERVICE_DATE_MISSING", "PCS_MISSING"), ""), on(unbilled(), "2026-02-01"),
	} {
		for _, agency := range []int64{agencyA, agencyB} {
			id, _ := put(t, d, record(agency, uuid.New(), 1, draft), noon)
			names[id] = fmt.Sprint(agency, i)
		}
	}
	s := store.NewClaims(d)
	for _, c := range []struct {
		name   string
		filter claim.Filter
		want   string
	}{
		{"newest", claim.Filter{}, "5 4 3 2 1 0"},
		{"oldest", claim.Filter{Order: claim.Oldest}, "0 1 2 3 4 5"},
		{"oldest drafts", claim.Filter{Order: claim.Oldest, State: claim.Drafted}, "0 1 3 4"},
		{"by date of service", claim.Filter{Order: claim.ByService}, "5 2 3 0 1 4"},
		{"drafts by date of service", claim.Filter{Order: claim.ByService, State: claim.Drafted}, "3 0 1 4"},
		{"by what is missing", claim.Filter{Order: claim.ByService, MissingCode: "PCS_MISSING"}, "3 0 4"},
		{"ready and missing", claim.Filter{Order: claim.ByService, State: claim.Ready, MissingCode: "PCS_MISSING"}, ""},
	} {
		for _, size := range []int{1, 2, 10} {
			var want []string
			for _, i := range strings.Fields(c.want) {
				want = append(want, "11"+" "+i)
			}
			if got := walk(t, s, person("billing", agencyA), c.filter, size, names); !slices.Equal(got, want) {
				t.Errorf("%s, %d on a page: %v, want %v", c.name, size, got, want)
			}
		}
	}
	if got := walk(t, s, across(), claim.Filter{Order: claim.ByService}, 5, names); len(got) != 12 || !strings.HasSuffix(got[11], " 4") {
		t.Errorf("across agencies: %v", got)
	}
}

// walk reads a list in pages.
func walk(t *testing.T, s store.Claims, ctx context.Context, f claim.Filter, size int, names map[uuid.UUID]string) (out []string) {
	t.Helper()
	var after *claim.Position
	for {
		rows, err := s.List(ctx, f, after, size)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			return out
		}
		for _, r := range rows {
			out = append(out, names[r.ID])
		}
		after = claim.PositionOf(rows[len(rows)-1])
	}
}

func TestSummary(t *testing.T) {
	d, _ := pg.Open(t, service())
	for _, draft := range []claim.Draft{
		on(incomplete("PCS_MISSING", "SIGNATURE_MISSING"), "2026-03-05"), on(incomplete("PCS_MISSING"), "2026-03-02"),
		on(incomplete("SERVICE_DATE_MISSING"), ""), ready(), ready(), on(unbilled(), "2026-02-01"),
	} {
		put(t, d, record(agencyA, uuid.New(), 1, draft), noon)
	}
	put(t, d, record(agencyB, uuid.New(), 1, on(incomplete("PCS_MISSING"), "2026-01-01")), noon)
	s := store.NewClaims(d)
	count := func(code string, claims int32, oldest string) claim.Count {
		return claim.Count{Code: code, Claims: claims, OldestServiceDate: oldest}
	}
	want := claim.Summary{
		States:  []claim.Count{count("DRAFT", 3, "2026-03-02"), count("NO_BILL", 1, "2026-02-01"), count("READY", 2, "2026-03-01")},
		Missing: []claim.Count{count("PCS_MISSING", 2, "2026-03-02"), count("SERVICE_DATE_MISSING", 1, ""), count("SIGNATURE_MISSING", 1, "2026-03-05")},
		Levels:  []claim.Count{count("A0427", 2, "")},
		NoBills: []claim.Count{count("CANCELLED", 1, "")},
	}
	for _, group := range db.DefaultGroups() {
		if group == "cross" {
			continue
		}
		got, err := s.Summary(person(group, agencyA))
		switch group {
		case "agency", "billing", "founder", "system":
			if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %v, %v; want %v", group, got, err, want)
			}
			if other, err := s.Summary(person(group, agencyB)); err != nil || len(other.States) != 1 || other.States[0].Claims != 1 {
				t.Errorf("%s in the other agency: %v, %v", group, other, err)
			}
		default:
			if !errs.IsKind(err, errs.Denied) {
				t.Errorf("%s counts claims: %v", group, err)
			}
		}
	}
	both, err := s.Summary(across())
	if err != nil || both.Missing[0] != count("PCS_MISSING", 3, "2026-01-01") {
		t.Errorf("across agencies: %v, %v", both, err)
	}
}

// An administrator reads the columns that are counted and none that tells of a claim.
func TestWhoCountsReadsNoClaim(t *testing.T) {
	d, _ := pg.Open(t, service())
	for _, agency := range []int64{agencyA, agencyB} {
		put(t, d, record(agency, uuid.New(), 1, ready()), noon)
	}
	read := func(columns, table string) error {
		return d.ReadOne(person("agency", agencyA), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, "SELECT "+columns+" FROM billing."+table)
			return err
		})
	}
	if err := read("agency_id, state, worklist_date, missing_codes, no_bill_code, level_hcpcs", "claim"); err != nil {
		t.Errorf("what is counted: %v", err)
	}
	for _, column := range []string{"id", "chart_id", "chart_version", "service_date", "draft", "policy_version", "create_time", "*"} {
		if err := read(column, "claim"); !errs.IsKind(err, errs.Denied) {
			t.Errorf("%s: %v, want it denied", column, err)
		}
	}
	if err := read("agency_id", "claim_revision"); !errs.IsKind(err, errs.Denied) {
		t.Errorf("revisions: %v, want it denied", err)
	}
}

// Each list is read from an index in its own order, a page and no more, with row-level security in force, and the counts
// without reading a draft.
func TestListsAreReadInTheirOrder(t *testing.T) {
	d, raw := pg.Open(t, service())
	fillClaims(t, raw)
	id, day := uuid.Max, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	q := dbsqlc.New()
	for name, tc := range map[string]struct {
		ask          func(context.Context, dbsqlc.DBTX) error
		own, anybody string
	}{
		"newest": {func(ctx context.Context, tx dbsqlc.DBTX) error {
			_, err := q.ListClaims(ctx, tx, dbsqlc.ListClaimsParams{Before: &id, Rows: 51})
			return err
		}, "claim_pkey", "claim_newest"},
		"oldest": {func(ctx context.Context, tx dbsqlc.DBTX) error {
			_, err := q.ListClaimsOldest(ctx, tx, dbsqlc.ListClaimsOldestParams{After: &uuid.UUID{}, Rows: 51})
			return err
		}, "claim_pkey", "claim_newest"},
		"by date of service": {func(ctx context.Context, tx dbsqlc.DBTX) error {
			_, err := q.ListClaimsByDate(ctx, tx, dbsqlc.ListClaimsByDateParams{After: &id, AfterDate: &day, Rows: 51})
			return err
		}, "claim_by_date", "claim_by_date_across"},
		"of a state": {func(ctx context.Context, tx dbsqlc.DBTX) error {
			_, err := q.ListClaimsOfStateByDate(ctx, tx, dbsqlc.ListClaimsOfStateByDateParams{State: "DRAFT", After: &id, AfterDate: &day, Rows: 51})
			return err
		}, "claim_worklist", "claim_by_date_across"},
	} {
		t.Run(name, func(t *testing.T) {
			for index, ctx := range map[string]context.Context{tc.own: person("billing", agencyA), tc.anybody: across()} {
				plan := explain(t, d, ctx, tc.ask)
				if !strings.Contains(plan, " using "+index+" ") || strings.Contains(plan, "Sort") {
					t.Errorf("not in the order of %s:\n%s", index, plan)
				}
			}
		})
	}
	for name, ask := range map[string]func(context.Context, dbsqlc.DBTX) error{
		"states":   func(ctx context.Context, tx dbsqlc.DBTX) error { _, err := q.CountStates(ctx, tx); return err },
		"missing":  func(ctx context.Context, tx dbsqlc.DBTX) error { _, err := q.CountMissing(ctx, tx); return err },
		"levels":   func(ctx context.Context, tx dbsqlc.DBTX) error { _, err := q.CountLevels(ctx, tx); return err },
		"no-bills": func(ctx context.Context, tx dbsqlc.DBTX) error { _, err := q.CountNoBills(ctx, tx); return err },
	} {
		if plan := explain(t, d, person("agency", agencyA), ask); !strings.Contains(plan, "Index Only Scan using claim_worklist") {
			t.Errorf("%s are counted from the table:\n%s", name, plan)
		}
	}
}

// fillClaims makes claims of all states for both agencies.
func fillClaims(t *testing.T, raw *pg.Database) {
	t.Helper()
	su := raw.Superuser(t)
	for _, sql := range []string{
		"SET synchronous_commit = on", // VACUUM calls rows visible to all only when their commit is on disk
		`INSERT INTO billing.claim (agency_id, id, chart_id, chart_version, revision, state, service_date, missing_codes, no_bill_code, draft,
  policy_key, policy_version, policy_sha256, create_time, update_time)
SELECT a, gen_random_uuid(), gen_random_uuid(), 1, 1, (ARRAY['DRAFT', 'READY', 'NO_BILL'])[1 + g % 3], date '2025-12-01' + g % 100,
  CASE g % 3 WHEN 0 THEN ARRAY['PCS_MISSING'] ELSE '{}' END, CASE g % 3 WHEN 2 THEN 'CANCELLED' END,
  jsonb_build_object('level', jsonb_build_object('hcpcs', 'A0427', 'explanation', repeat('x', 400))), 'k', 1, repeat('0', 64), now(), now()
FROM generate_series(1, 20000) g, unnest(ARRAY[11, 22]) a`,
		"VACUUM (ANALYZE) billing.claim",
	} {
		if _, err := su.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
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

// explain is the plan of the statement as the service sends it.
func explain(t *testing.T, d *db.DB, ctx context.Context, ask func(context.Context, dbsqlc.DBTX) error) (plan string) {
	t.Helper()
	var sent overheard
	if err := ask(ctx, &sent); !errors.Is(err, errOverheard) {
		t.Fatal(err)
	}
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
