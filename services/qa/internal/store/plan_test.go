package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/qa/internal/store/dbsqlc"
)

// Each list is read from an index in its own order, a page and no more, with row-level security in force: of one agency and
// across agencies.
func TestListsAreReadInTheirOrder(t *testing.T) {
	d, raw := pg.Open(t, service())
	fillCases(t, raw)
	urgency, at, id := int16(1), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), uuid.New()
	q := dbsqlc.New()
	for name, tc := range map[string]struct {
		ask          func(context.Context, dbsqlc.DBTX) error
		own, anybody string
	}{
		"newest": {func(ctx context.Context, tx dbsqlc.DBTX) error {
			_, err := q.ListCases(ctx, tx, dbsqlc.ListCasesParams{BeforeTime: &at, BeforeID: &id, RowLimit: 51})
			return err
		}, "review_case_newest", "review_case_newest_across"},
		"oldest": {func(ctx context.Context, tx dbsqlc.DBTX) error {
			_, err := q.ListCasesOldest(ctx, tx, dbsqlc.ListCasesOldestParams{AfterTime: &at, AfterID: &id, RowLimit: 51})
			return err
		}, "review_case_newest", "review_case_newest_across"},
		"urgent": {func(ctx context.Context, tx dbsqlc.DBTX) error {
			_, err := q.ListCasesUrgent(ctx, tx, dbsqlc.ListCasesUrgentParams{AfterUrgency: &urgency, AfterTime: &at, AfterID: &id, RowLimit: 51})
			return err
		}, "review_case_urgent", "review_case_urgent_across"},
		"urgent and pending": {func(ctx context.Context, tx dbsqlc.DBTX) error {
			_, err := q.ListCasesUrgentInState(ctx, tx, dbsqlc.ListCasesUrgentInStateParams{State: "pending", AfterUrgency: &urgency, AfterTime: &at, AfterID: &id, RowLimit: 51})
			return err
		}, "review_case_queue", "review_case_urgent_across"},
	} {
		t.Run(name, func(t *testing.T) {
			for index, ctx := range map[string]context.Context{tc.own: as("qa", agencyA), tc.anybody: across("audit of plans")} {
				plan := explain(t, d, ctx, tc.ask)
				if !strings.Contains(plan, " using "+index+" ") || strings.Contains(plan, "Sort") {
					t.Errorf("not in the order of %s:\n%s", index, plan)
				}
			}
		})
	}
}

// A search reaches the few incidents that begin with the text, and no others.
func TestASearchReadsWhatBeginsWithTheText(t *testing.T) {
	d, raw := pg.Open(t, service())
	fillCases(t, raw)
	plan := explain(t, d, as("qa", agencyA), func(ctx context.Context, tx dbsqlc.DBTX) error {
		_, err := dbsqlc.New().SearchCases(ctx, tx, dbsqlc.SearchCasesParams{Query: "I-1234", RowLimit: 51})
		return err
	})
	if !strings.Contains(plan, "review_case_incident") || !strings.Contains(plan, "incident_search >=") || strings.Contains(plan, "Seq Scan on review_case") {
		t.Errorf("the plan of the search:\n%s", plan)
	}
}

// fillCases makes cases of many states and priorities for both agencies.
func fillCases(t *testing.T, raw *pg.Database) {
	t.Helper()
	su := raw.Superuser(t)
	for _, sql := range []string{
		`INSERT INTO qa.review_case (agency_id, id, incident_key, incident_number, review_cycle, chart_id, chart_version, state, priority,
  trigger_class, policy_key, policy_version, policy_sha256, create_time, update_time)
SELECT a, gen_random_uuid(), 'incident:' || g, 'I-' || g, 1, gen_random_uuid(), 1, (ARRAY['pending', 'under_review', 'closed'])[1 + g % 3],
  (ARRAY['low', 'medium', 'high'])[1 + g % 7 % 3], 'mandatory', 'qa.triggers', 1, repeat('0', 64),
  timestamptz '2026-01-01Z' + g * interval '1 minute', now()
FROM generate_series(1, 20000) g, unnest(ARRAY[11, 22]) a`,
		"ANALYZE qa.review_case",
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
