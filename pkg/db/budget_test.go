//go:build bench

package db_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/pkg/testkit/ratio"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
)

const (
	benchAgencies = 1000
	benchRows     = 100
)

// filled gives a database with as many rows in each of many agencies, and the same rows in a table without row-level security.
func filled(t *testing.T, agencies int) (*db.DB, *pgxpool.Pool) {
	t.Helper()
	d, raw := pg.Open(t, service())
	conn := raw.Superuser(t)
	fill := fmt.Sprintf(`
INSERT INTO notes_svc.notes SELECT a, i, repeat('x', 200) FROM generate_series(1, %d) a, generate_series(1, %d) i;
CREATE TABLE public.plain (agency_id bigint, id bigint, body text, PRIMARY KEY (agency_id, id));
INSERT INTO public.plain SELECT * FROM notes_svc.notes;
ANALYZE notes_svc.notes; ANALYZE public.plain;`, agencies, benchRows)
	if _, err := conn.Exec(context.Background(), fill); err != nil {
		t.Fatal(err)
	}
	cfg, err := pgxpool.ParseConfig(raw.URL)
	if err != nil {
		t.Fatal(err)
	}
	cfg.MaxConns = 1
	plain, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(plain.Close)
	return d, plain
}

func readOne(d *db.DB, agencies int) func(n int) error {
	return func(n int) error {
		var body string
		for i := range n {
			agency := int64(i%agencies + 1)
			err := d.ReadOne(as("agency", agency), func(ctx context.Context, tx *db.Tx) error {
				return tx.QueryRow(ctx, "SELECT body FROM notes_svc.notes WHERE agency_id = $1 AND id = $2", agency, i%benchRows+1).Scan(&body)
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func TestBudgetSingleRowRead(t *testing.T) {
	d, plain := filled(t, benchAgencies)
	ratio.Compare(t, 2000, []ratio.Way{
		{Name: "plain", Run: func(n int) error {
			var body string
			for i := range n {
				err := plain.QueryRow(context.Background(), "SELECT body FROM public.plain WHERE agency_id = $1 AND id = $2",
					int64(i%benchAgencies+1), i%benchRows+1).Scan(&body)
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{Name: "agency and role", Run: readOne(d, benchAgencies)},
	}, ratio.Budget{Way: "agency and role", Most: 1.4})
}

func TestBudgetManyAgencies(t *testing.T) {
	one, _ := filled(t, 1)
	many, _ := filled(t, benchAgencies)
	ratio.Compare(t, 2000, []ratio.Way{
		{Name: "1 agency", Run: readOne(one, 1)},
		{Name: "1,000 agencies", Run: readOne(many, benchAgencies)},
	}, ratio.Budget{Way: "1,000 agencies", Most: 1.05})
}

func TestBudgetWriteWithOutboxAndAudit(t *testing.T) {
	d, plain := filled(t, 2)
	next := int64(1_000_000)
	ctx := as("qa", 1)
	ratio.Compare(t, 500, []ratio.Way{
		{Name: "plain insert", Run: func(n int) error {
			for range n {
				next++
				if _, err := plain.Exec(context.Background(), "INSERT INTO public.plain VALUES (1, $1, 'note')", next); err != nil {
					return err
				}
			}
			return nil
		}},
		{Name: "with outbox and audit", Run: func(n int) error {
			for range n {
				next++
				call, _ := audit.Start(ctx, "notes_svc", "test.Notes/Create", time.Now)
				err := d.Write(call, func(ctx context.Context, tx *db.Tx) error {
					tx.Emit("notes/1", &agencyv1.ModuleChanged{Module: "qa", Enabled: true, Revision: 1})
					_, err := tx.Exec(ctx, "INSERT INTO notes_svc.notes VALUES (1, $1, 'note')", next)
					return err
				})
				if err != nil {
					return err
				}
			}
			return nil
		}},
	}, ratio.Budget{Way: "with outbox and audit", Most: 1.8})
}
