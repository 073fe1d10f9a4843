//go:build bench

package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/pkg/testkit/ratio"
	"github.com/fusionems/quantum/services/compliance/internal/store"
	"github.com/fusionems/quantum/services/compliance/internal/store/dbsqlc"
)

const measured = int64(1)

// filled is a database with the partitions and 100 records of each of that many agencies.
func filled(t *testing.T, agencies int) *pg.Database {
	t.Helper()
	d, raw := pg.Open(t, service())
	for agency := 1; agency <= agencies; agency++ {
		if err := d.Write(system(int64(agency)), func(ctx context.Context, tx *db.Tx) error { return store.Register(ctx, tx) }); err != nil {
			t.Fatal(err)
		}
	}
	su := raw.Superuser(t)
	for _, sql := range []string{fill(agencies, 100), "ANALYZE"} {
		if _, err := su.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return raw
}

// reader is a connection in the role and agency of a compliance officer. Both sides plan anew for each query, as a server with many
// partitions does by itself; left alone, one with a single agency keeps a generic plan and saves the third of the time that planning is.
func reader(t *testing.T, raw *pg.Database) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), raw.As(t, "compliance_login", pg.LoginPassword))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	_, err = conn.Exec(t.Context(), "SELECT set_config('role', 'compliance_compliance', false), set_config('app.current_agency', '1', false), set_config('app.current_subject', 'x', false), set_config('plan_cache_mode', 'force_custom_plan', false)")
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// pages reads first pages of 50 for a while and answers what one costs.
func pages(conn *pgx.Conn) ratio.Side {
	today := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	p := dbsqlc.ListDeaByDueParams{
		AgencyID: measured, Today: today, ExpiringUntil: today.AddDate(0, 0, 90), Statuses: []string{"active", "expiring", "expired", "pending"}, RowLimit: 50,
	}
	return func(ctx context.Context) (float64, error) {
		return ratio.PerCall(50*time.Millisecond, func(int) error {
			rows, err := dbsqlc.New().ListDeaByDue(ctx, conn, p)
			if err == nil && len(rows) != 50 {
				err = fmt.Errorf("%d rows", len(rows))
			}
			return err
		})
	}
}

// A page of 50 out of 100,000 records over 1,000 agencies: what row-level security adds to the same query, and what the other
// 999 agencies add to one.
func TestListBudgets(t *testing.T) {
	many, one := filled(t, 1000), filled(t, 1)
	secured, err := ratio.Figure{Name: "list page with row-level security / without", Most: 1.2, Rounds: 40}.
		Compare(t.Context(), pages(reader(t, many)), pages(many.Superuser(t)))
	if err != nil {
		t.Fatal(err)
	}
	grown, err := ratio.Figure{Name: "list page among 1,000 agencies / with one", Most: 1.1, Rounds: 40}.
		Compare(t.Context(), pages(reader(t, many)), pages(reader(t, one)))
	if err != nil {
		t.Fatal(err)
	}
	if err := ratio.Write(t.Output(), secured, grown); err != nil {
		t.Fatal(err)
	}
	for _, f := range []ratio.Figure{secured, grown} {
		if !f.Met() {
			t.Errorf("%s: %.2f, the budget is %.2f", f.Name, ratio.Median(f.PerRound()), f.Most)
		}
	}
}
