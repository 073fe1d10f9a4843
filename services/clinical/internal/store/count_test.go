package store_test

import (
	"context"
	"strconv"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/clinical/internal/period"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

func parsed(t testing.TB, from, to, zone string) period.Period {
	t.Helper()
	p, err := period.Parse(from, to, zone, time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCountsFollowTheDaysOfTheZone(t *testing.T) {
	f := open(t)
	at := func(text string) {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		f.clock.Add(when.Sub(f.clock.Now()))
	}
	at("2026-03-08T04:30:00Z") // 22:30 of the day before in Chicago
	f.putOne(t, north, demo(t)[north]["stemi"].XML)
	// A second UUID under the same number is a finding.
	at("2026-03-08T12:00:00Z")
	doc := demo(t)[north]["stroke"].XML
	f.putOne(t, north, doc)
	at("2026-03-09T04:59:59Z") // the last second of the 23 hours of the day clocks change
	f.putOne(t, north, demo(t)[north]["transfer-pcs"].XML)
	f.putOne(t, south, demo(t)[south]["stemi"].XML)
	if _, err := f.super.Exec(context.Background(), `UPDATE clinical.chart_version v SET findings = '[{"rule": "x", "message": "y"}]'
		FROM clinical.chart c WHERE c.id = v.chart_id AND c.import_time = '2026-03-08T12:00:00Z'`); err != nil {
		t.Fatal(err)
	}
	chicago := parsed(t, "2026-03-07", "2026-03-09", "America/Chicago")
	want := []store.Count{{Charts: 1}, {Charts: 2, WithFindings: 1}, {}}
	for _, group := range []string{"founder", "supervisor", "agency"} {
		got, err := f.Counts(as(group, north), chicago)
		if err != nil || len(got.Days) != 3 || got.Days[0] != want[0] || got.Days[1] != want[1] || got.Days[2] != want[2] {
			t.Errorf("%s counts %+v, %v; want %+v", group, got, err, want)
		}
		if got.LastImport == nil || !got.LastImport.Equal(f.clock.Now()) {
			t.Errorf("%s: last import %v", group, got.LastImport)
		}
	}
	got, err := f.Counts(as("agency", south), chicago)
	if err != nil || got.Days[0] != (store.Count{}) || got.Days[1] != (store.Count{Charts: 1}) {
		t.Errorf("south counts %+v, %v", got, err)
	}
	across, err := f.Counts(as("cross", 0), parsed(t, "2026-03-08", "2026-03-09", ""))
	if err != nil || across.Days[0] != (store.Count{Charts: 2, WithFindings: 1}) || across.Days[1] != (store.Count{Charts: 2}) {
		t.Errorf("across agencies: %+v, %v", across, err)
	}
	none, err := f.Counts(as("qa", south), chicago)
	if err != nil || none.LastImport != nil || none.Days[1] != (store.Count{}) {
		t.Errorf("a reviewer without a case counts %+v, %v", none, err)
	}
}

func TestAdministratorsCountAndReadNothing(t *testing.T) {
	w := populate(t)
	conn := w.login(t)
	for _, agency := range []int64{north, south} {
		for table, columns := range map[string]map[string]bool{
			"chart": {
				"agency_id": true, "id": true, "version": true, "import_time": true,
				"nemsis_agency_number": false, "pcr_number": false, "content_hash": false, "report_uuid": false, "nemsis_version": false,
				"incident_number": false, "unit_call_sign": false, "unit_notified_time": false,
				"pcr_number_key": false, "incident_number_key": false, "unit_call_sign_key": false,
			},
			"chart_version": {
				"agency_id": true, "chart_id": true, "version": true, "finding_count": true,
				"document_id": false, "report_index": false, "content_hash": false, "nemsis_version": false, "incident_number": false,
				"findings": false, "key_version": false, "sealed_facts": false, "import_time": false,
			},
		} {
			for _, column := range w.columns(t, table) {
				allowed, known := columns[column]
				if !known {
					t.Errorf("%s.%s: may administrators read it? Decide here", table, column)
				}
				_, err := countOf(conn, "clinical_agency", strconv.FormatInt(agency, 10), "clinical."+table, column)
				if !allowed && code(err) != "42501" || allowed && err != nil {
					t.Errorf("agency %d: an administrator reads %s.%s: %v, allowed %v", agency, table, column, err, allowed)
				}
			}
		}
		got, err := w.Counts(as("agency", agency), parsed(t, "2026-03-01", "2026-03-01", ""))
		if want := map[int64]int32{north: 3, south: 2}[agency]; err != nil || got.Days[0].Charts != want {
			t.Errorf("agency %d: %+v, %v", agency, got, err)
		}
	}
	for _, group := range []string{"peer", "billing", "compliance", "substances", "ai"} {
		if _, err := w.Counts(as(group, north), parsed(t, "2026-03-01", "2026-03-01", "")); !errs.IsKind(err, errs.Denied) {
			t.Errorf("%s counts charts: %v", group, err)
		}
	}
}
