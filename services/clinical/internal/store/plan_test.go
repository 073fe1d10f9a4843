package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/services/clinical/internal/period"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

// Many charts of one agency, among them few of the medic and few under review.
const manyCharts = `
INSERT INTO clinical.document SELECT agency_id, gen_random_uuid(), 1, NULL, 1, '\x00', now() FROM (VALUES (11::bigint), (22)) a(agency_id);
ALTER TABLE clinical.chart DISABLE TRIGGER ALL;
INSERT INTO clinical.chart (agency_id, id, nemsis_agency_number, pcr_number, version, content_hash, report_uuid, nemsis_version,
    incident_number, unit_call_sign, unit_notified_time, import_time)
SELECT a, gen_random_uuid(), 'n', 'P' || i, 1, decode(repeat('00', 32), 'hex'), '', '3.5.1', 'I' || i, 'M1',
    '2025-01-01'::timestamptz + i * interval '1 minute', '2025-01-01'::timestamptz + i * interval '1 minute'
FROM generate_series(1, 20000) i, (VALUES (11::bigint), (22)) t(a);
INSERT INTO clinical.chart_version (agency_id, chart_id, version, document_id, report_index, content_hash, nemsis_version,
    incident_number, findings, key_version, sealed_facts, import_time)
SELECT c.agency_id, c.id, 1, (SELECT d.id FROM clinical.document d WHERE d.agency_id = c.agency_id ORDER BY d.import_time DESC LIMIT 1),
    0, c.content_hash, '3.5.1', c.incident_number, '[]', 1, '\x00', c.import_time
FROM clinical.chart c WHERE c.nemsis_agency_number = 'n';
ALTER TABLE clinical.chart ENABLE TRIGGER ALL;
INSERT INTO clinical.chart_crew SELECT agency_id, id, 1, 'C' || (row_number() OVER () % 200) FROM clinical.chart WHERE nemsis_agency_number = 'n';
ANALYZE;`

// No read of a role scans a big table: the policies are index conditions, not filters over everybody's rows.
func TestReadsUseIndexes(t *testing.T) {
	w := populate(t)
	ctx := context.Background()
	if _, err := w.super.Exec(ctx, manyCharts); err != nil {
		t.Fatal(err)
	}
	big := []string{"chart", "chart_version", "chart_crew"}
	from, to := time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(2025, 1, 2, 1, 0, 0, 0, time.UTC)
	days, err := period.Parse("2025-01-02", "2025-01-02", "", from)
	if err != nil {
		t.Fatal(err)
	}
	reads := map[string]func(ctx context.Context) error{
		"list": func(ctx context.Context) error { _, err := w.Charts(ctx, store.Filter{}, nil, 51); return err },
		"by number": func(ctx context.Context) error {
			_, err := w.Charts(ctx, store.Filter{PCRNumber: "P77"}, nil, 51)
			return err
		},
		"by incident": func(ctx context.Context) error {
			_, err := w.Charts(ctx, store.Filter{IncidentNumber: "I77"}, nil, 51)
			return err
		},
		"by time": func(ctx context.Context) error {
			_, err := w.Charts(ctx, store.Filter{NotifiedFrom: &from, NotifiedTo: &to}, nil, 51)
			return err
		},
		"deep page": func(ctx context.Context) error {
			_, err := w.Charts(ctx, store.Filter{}, &store.Position{Time: from, ID: uuid.Max}, 51)
			return err
		},
		"search":        func(ctx context.Context) error { _, err := w.Search(ctx, "p77", nil, 51); return err },
		"count of days": func(ctx context.Context) error { _, err := w.Counts(ctx, days); return err },
		"one":           func(ctx context.Context) error { _, err := w.Chart(ctx, w.own); return ignore(err) },
		"document":      func(ctx context.Context) error { _, err := w.Document(ctx, w.own, 0); return ignore(err) },
	}
	counting := as("agency", north)
	reads["count of an administrator"] = func(context.Context) error { _, err := w.Counts(counting, days); return err }
	for group, reader := range map[string]context.Context{
		"supervisor": as("supervisor", north), "clinical": asSubject("clinical", north, w.medic), "qa": as("qa", north),
	} {
		for name, read := range reads {
			before := w.scans(t, big)
			// Often enough for a generic plan to be chosen, if that one is thought to be cheap.
			start := time.Now()
			for range 8 {
				if err := read(reader); err != nil {
					t.Errorf("%s, %s: %v", group, name, err)
				}
			}
			each := time.Since(start) / 8
			if after := w.scans(t, big); after != before {
				t.Errorf("%s, %s: %d sequential scans of big tables, %v each", group, name, after-before, each)
			}
		}
	}
}

func ignore(err error) error {
	if err != nil && isNotFound(err) {
		return nil
	}
	return err
}

// scans counts sequential scans so far. Sessions report what they did with a delay, and at the latest on their way out.
func (w *world) scans(t testing.TB, tables []string) int64 {
	t.Helper()
	read := func() (n int64) {
		rows, err := w.super.Query(context.Background(), `SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables
			WHERE schemaname = 'clinical' AND relname = ANY ($1)`, tables)
		if err != nil {
			t.Fatal(err)
		}
		if n, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64]); err != nil {
			t.Fatal(err)
		}
		return n
	}
	w.db.Close()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		var left int
		if err := w.super.QueryRow(context.Background(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND usename = 'clinical_login'`).Scan(&left); err != nil || time.Now().After(deadline) {
			t.Fatalf("%d sessions stay: %v", left, err)
		}
		if left == 0 {
			break
		}
	}
	w.reopen(t)
	if _, err := w.super.Exec(context.Background(), "SELECT pg_stat_force_next_flush()"); err != nil {
		t.Fatal(err)
	}
	return read()
}
