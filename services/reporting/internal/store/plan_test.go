package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/testkit/pg"
)

// TestAPeriodIsReadFromItsIndexAlone: with row-level security in force, a report of one agency touches no table row.
func TestAPeriodIsReadFromItsIndexAlone(t *testing.T) {
	d, raw := pg.Open(t, service())
	su := raw.Superuser(t)
	for _, sql := range []string{
		"SET synchronous_commit = on", // VACUUM calls rows visible to all only when their commit is on disk
		`INSERT INTO reporting.call_fact (agency_id, chart_id, version, arrive_time, unit_notified_time, unit_call_sign, service_type,
  response_mode, priority, dispatch_reason, unit_disposition, transport_disposition, response_seconds, invalid_intervals,
  cancelled_before_arrival, transported)
SELECT CASE g % 2 WHEN 0 THEN 11 ELSE 22 END, gen_random_uuid(), 1, now(), timestamptz '2026-01-01Z' + g * interval '10 minutes',
  'M' || g % 7, '2205001', '2223001', 'standard', '', '', '', g % 1200, '{}', false, true FROM generate_series(1, 20000) g`,
		"VACUUM (ANALYZE) reporting.call_fact",
	} {
		if _, err := su.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	const query = `EXPLAIN SELECT unit_call_sign, priority, service_type, response_mode, turnout_seconds, response_seconds,
  system_response_seconds, on_scene_seconds, transport_seconds, turnaround_seconds, 'response' = ANY (invalid_intervals),
  cancelled_before_arrival, transported
FROM reporting.call_fact WHERE unit_notified_time >= '2026-02-01Z' AND unit_notified_time < '2026-02-08Z'
AND seq <= 20000 AND (superseded_seq IS NULL OR superseded_seq > 20000)`
	var plan string
	err := d.ReadOne(person("agency", agencyA), func(ctx context.Context, tx *db.Tx) error {
		rows, err := tx.Query(ctx, query)
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
	if !strings.Contains(plan, "Index Only Scan using call_fact_intervals") || !strings.Contains(plan, "Index Cond: ((agency_id =") {
		t.Errorf("the plan reads more than the index of the period:\n%s", plan)
	}
}
