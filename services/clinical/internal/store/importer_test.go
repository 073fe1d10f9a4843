package store_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

// People hand charts in as the group that imports, and gain nothing by it.
func TestPeopleImport(t *testing.T) {
	for _, group := range []string{"founder", "agency", "supervisor"} {
		f := open(t)
		for _, agency := range []int64{north, south} {
			doc := demo(t)[agency]["stemi"].XML
			first, err := f.importer.Import(as(group, agency), agency, doc)
			if err != nil || len(first) != 1 || !first[0].Changed {
				t.Fatalf("%s imports: %v, %v", group, first, err)
			}
			again, err := f.importer.Import(as(group, agency), agency, doc)
			if err != nil || again[0].Changed || again[0].ChartID != first[0].ChartID {
				t.Errorf("%s imports it again: %v, %v", group, again, err)
			}
			if _, err := f.importer.Import(as(group, agency), agency, demo(t)[north+south-agency]["stroke"].XML); !errs.IsKind(err, errs.Denied) {
				t.Errorf("%s imports a document of the other agency: %v", group, err)
			}
			got, err := f.Charts(as("supervisor", agency), store.Filter{}, nil, 10)
			if err != nil || len(got) != 1 || got[0].ID != first[0].ChartID {
				t.Errorf("%s: stored %v, %v", group, got, err)
			}
			if _, err := f.Chart(as("agency", agency), first[0].ChartID); !errs.IsKind(err, errs.Denied) {
				t.Errorf("an administrator reads a chart: %v", err)
			}
		}
	}
}

func TestNobodyElseImports(t *testing.T) {
	f := open(t)
	may := map[string]bool{"founder": true, "agency": true, "supervisor": true, "integration": true}
	for _, group := range db.DefaultGroups() {
		if may[group] || group == "cross" {
			continue
		}
		for _, agency := range []int64{north, south} {
			if _, err := f.importer.Import(as(group, agency), agency, demo(t)[agency]["stemi"].XML); !errs.IsKind(err, errs.Denied) {
				t.Errorf("%s imports: %v", group, err)
			}
		}
	}
	if _, err := f.importer.Import(as("cross", 0), north, demo(t)[north]["stemi"].XML); err == nil {
		t.Error("an import across agencies")
	}
	if n := f.count(t, "SELECT count(*) FROM clinical.chart"); n != 0 {
		t.Errorf("%d charts stored", n)
	}
}

// A session serves one group after the other, with the plans it has kept.
func TestTheDoorIsCheckedForEachGroupOfASession(t *testing.T) {
	f := open(t)
	w := &world{fixture: f}
	conn := w.login(t)
	for range 8 {
		for group, want := range map[string]string{"agency": "", "billing": "42501", "clinical": "42501", "supervisor": ""} {
			if _, err := countOf(conn, "clinical_"+group, strconv.FormatInt(north, 10), "clinical.may_import()", "may_import"); code(err) != want {
				t.Errorf("%s: %v", group, err)
			}
		}
	}
}

// countOf counts one column of a table as a group.
func countOf(conn *pgx.Conn, role, agency, from, column string) (n int, err error) {
	ctx := context.Background()
	tx, err := conn.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	_, err = tx.Exec(ctx, "SELECT set_config('role',$1,true), set_config('app.current_agency',$2,true), set_config('app.current_subject','x',true)", role, agency)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, "SELECT count("+pgx.Identifier{column}.Sanitize()+") FROM "+from).Scan(&n)
	return n, err
}

// columns are those of a table, from the catalog.
func (w *world) columns(t testing.TB, table string) []string {
	t.Helper()
	rows, err := w.super.Query(context.Background(), `SELECT column_name::text FROM information_schema.columns
		WHERE table_schema = 'clinical' AND table_name = $1 ORDER BY 1`, table)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(out) == 0 {
		t.Fatalf("columns of %s: %v, %v", table, out, err)
	}
	return out
}
