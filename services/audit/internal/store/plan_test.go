package store_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/services/audit/internal/leaf"
)

// literals stand in for the parameters of the queries.
var literals = map[string]string{
	"before": "1000000", "row_limit": "51", "resource": "'cases/77'", "actor": "'user-11'", "request_id": "'r-77'",
	"stream": "0", "outcome": "0", "action_exact": "''", "action_prefix": "'fleet.qa.'", "from_time": "'0001-01-01'", "to_time": "'9999-01-01'",
	"event_id": "'0190b7c4-0000-7000-8000-000000000001'",
}

// plans reads a file of queries and explains each as a role in an agency.
func plans(t *testing.T, conn *pgx.Conn, file, role string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	parameter, optional := regexp.MustCompile(`@([a-z_]+)`), regexp.MustCompile(`\(@[a-z_]+::text = '' OR .*\)`)
	for _, part := range strings.Split(string(text), "-- name: ")[1:] {
		head, sql, _ := strings.Cut(part, "\n")
		name := strings.Fields(head)[0]
		sql = optional.ReplaceAllString(sql, "true") // the filter that drives the query, and none beside it
		sql = parameter.ReplaceAllStringFunc(sql, func(p string) string { return literals[p[1:]] })
		rows, err := conn.Query(context.Background(), "EXPLAIN "+sql, pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s as %s: %v", name, role, err)
		}
		out[name] = strings.Join(lines, "\n")
	}
	return out
}

// A list or a proof must not read the whole log, for a tenant or across tenants.
func TestQueriesUseIndexes(t *testing.T) {
	r := newRig(t)
	for range 10 {
		var batch []leaf.Record
		for i := range 1000 {
			e := entry(int64(1+i%40), i)
			e.RequestID = fmt.Sprintf("r-%d", i)
			e.OccurredTime = time.Now()
			batch = append(batch, e)
		}
		r.append(t, batch...)
	}
	conn := r.raw.Superuser(t)
	ctx := context.Background()
	if _, err := conn.Exec(ctx, "ANALYZE audit.entry, audit.node; SELECT set_config('app.current_agency', '11', false)"); err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"audit_compliance", "audit_cross"} {
		if _, err := conn.Exec(ctx, "SET ROLE "+role); err != nil {
			t.Fatal(err)
		}
		got := plans(t, conn, "queries/entry.sql", role)
		if len(got) != 5 {
			t.Fatalf("%d plans", len(got))
		}
		for name, plan := range got {
			if strings.Contains(plan, "Seq Scan on entry") {
				t.Errorf("%s as %s reads the whole log:\n%s", name, role, plan)
			}
		}
		for name, index := range map[string]string{"ListEntriesByResource": "entry_resource", "ListEntriesByRequest": "entry_request", "EntryByEvent": "entry_event"} {
			if !strings.Contains(got[name], index) {
				t.Errorf("%s as %s does not use %s:\n%s", name, role, index, got[name])
			}
		}
		if _, err := conn.Exec(ctx, "RESET ROLE"); err != nil {
			t.Fatal(err)
		}
	}
}
