package report_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/errs"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/reporting/internal/report"
)

// times gives a call all intervals: turnout, response, system response, on scene, transport, turnaround; below 0 is unknown.
func times(seconds ...int32) func(*clinicalv1.ReportFactsReady) {
	return func(m *clinicalv1.ReportFactsReady) {
		m.Transported = true
		for i, at := range []**int32{
			&m.TurnoutSeconds, &m.ResponseSeconds, &m.SystemResponseSeconds, &m.OnSceneSeconds, &m.TransportSeconds, &m.TurnaroundSeconds,
		} {
			if *at = nil; seconds[i] >= 0 {
				*at = proto.Int32(seconds[i])
			}
		}
	}
}

func invalid(names ...string) func(*clinicalv1.ReportFactsReady) {
	return func(m *clinicalv1.ReportFactsReady) { m.InvalidIntervals = names }
}

func refused(m *clinicalv1.ReportFactsReady) { m.Transported = false }

func TestEveryIntervalByHand(t *testing.T) {
	w := open(t)
	for _, m := range []*clinicalv1.ReportFactsReady{
		call("2026-03-01T12:00:00Z", "M1", -1, times(60, 300, 400, 1000, 600, 900)),
		call("2026-03-02T12:00:00Z", "M1", -1, times(80, 400, 500, 1100, 700, 1000)),
		call("2026-03-03T12:00:00Z", "M1", -1, times(100, 500, -1, 1200, 800, -1)),
		// Wrong order from the scene to the hospital.
		call("2026-03-04T12:00:00Z", "M1", -1, times(120, 600, 700, 1300, -1, 1100), invalid("transport")),
		call("2026-03-05T12:00:00Z", "M1", -1, times(140, 700, 800, -1, -1, -1), refused, invalid("systemResponse", "onScene")),
		// A cancelled call has a turnout all the same.
		call("2026-03-06T12:00:00Z", "M1", -1, times(160, -1, -1, -1, -1, -1), refused, cancelled),
	} {
		w.deliver(agencyA, m)
	}
	w.deliver(agencyB, call("2026-03-06T12:00:00Z", "M1", -1, times(1, 2, 3, 4, 5, 6)))
	for template, want := range map[string][2]string{
		// 60 80 100 120 140 160: steps of 20, the 10th percentile lies half a step up, the 90th 4.5.
		"turnout-time": {"6: 70 85 110 135 150, mean 110", "1: 1 1 1 1 1, mean 1"},
		// 300 to 700 in steps of 100.
		"response-time": {"5: 340 400 500 600 660, mean 500 CANCELLED_BEFORE_ARRIVAL=1", "1: 2 2 2 2 2, mean 2"},
		// 400 500 700: the 10th at 0.2 of two steps, the 25th at 0.5, the 75th at 1.5, the 90th at 1.8; mean 1600/3.
		"system-response-time": {
			"3: 420 450 500 600 660, mean 533.333333 CANCELLED_BEFORE_ARRIVAL=1 TIME_INVALID=1 TIME_UNKNOWN=1", "1: 3 3 3 3 3, mean 3",
		},
		// 1000 1100 1200 1300: the 10th at 0.3, the 25th at 0.75, the 75th at 2.25, the 90th at 2.7.
		"on-scene-time": {"4: 1030 1075 1150 1225 1270, mean 1150 CANCELLED_BEFORE_ARRIVAL=1 TIME_INVALID=1", "1: 4 4 4 4 4, mean 4"},
		// 600 700 800; one in the wrong order; the refusal has no transport whatever its times say.
		"transport-time": {
			"3: 620 650 700 750 780, mean 700 CANCELLED_BEFORE_ARRIVAL=1 NOT_TRANSPORTED=1 TIME_INVALID=1", "1: 5 5 5 5 5, mean 5",
		},
		// 900 1000 1100.
		"turnaround-time": {
			"3: 920 950 1000 1050 1080, mean 1000 CANCELLED_BEFORE_ARRIVAL=1 NOT_TRANSPORTED=1 TIME_UNKNOWN=1", "1: 6 6 6 6 6, mean 6",
		},
	} {
		for i, agency := range []int64{agencyA, agencyB} {
			r := request("priority")
			r.Template = template
			e := run(t, w, person("agency", agency), r)
			row := e.Result.Rows[0]
			got := fmt.Sprintf("%d: %v %v %v %v %v, mean %v%s", row.N, *row.P10Seconds, *row.P25Seconds, *row.MedianSeconds, *row.P75Seconds,
				*row.P90Seconds, *row.MeanSeconds, excluded(row.Excluded))
			if got != want[i] || len(e.Result.Rows) != 1 || e.Result.N != row.N || !reflect.DeepEqual(e.Result.Excluded, row.Excluded) {
				t.Errorf("%s of agency %d:\n got %s\nwant %s", template, agency, got, want[i])
			}
		}
	}
}

// The texts are those that version 1 of the catalogue stored, to the byte.
const (
	definition1 = `{"agency":"11","catalogueVersion":"1","from":"2026-03-01T00:00:00Z","groupBy":"unit","maximumSeconds":86400,"metric":"response",` +
		`"percentileMethod":"percentile_cont","percentiles":[0.5,0.9],"template":"response-time","to":"2026-04-01T00:00:00Z"}`
	result1 = `{"excluded":[{"n":2,"reason":"CANCELLED_BEFORE_ARRIVAL"},{"n":2,"reason":"TIME_INVALID"},{"n":2,"reason":"TIME_UNKNOWN"}],"n":6,"rows":[` +
		`{"excluded":[{"n":2,"reason":"CANCELLED_BEFORE_ARRIVAL"},{"n":1,"reason":"TIME_INVALID"},{"n":1,"reason":"TIME_UNKNOWN"}],` +
		`"group":"M1","meanSeconds":450,"medianSeconds":450,"n":4,"p90Seconds":570},` +
		`{"excluded":[{"n":1,"reason":"TIME_INVALID"}],"group":"M2","meanSeconds":480,"medianSeconds":480,"n":1,"p90Seconds":480},` +
		`{"excluded":[{"n":1,"reason":"TIME_UNKNOWN"}],"group":"M3","meanSeconds":null,"medianSeconds":null,"n":0,"p90Seconds":null},` +
		`{"excluded":[],"group":"unknown","meanSeconds":0,"medianSeconds":0,"n":1,"p90Seconds":0}]}`
)

// TestAnOldExecutionIsRepeatedAsItWas: the catalogue went on, the executions of its first version have their answers and hashes.
func TestAnOldExecutionIsRepeatedAsItWas(t *testing.T) {
	w := open(t)
	march(w)
	ctx := person("agency", agencyA)
	now := run(t, w, ctx, request("unit"))
	old := now
	old.Definition = report.Text{Canonical: definition1, SHA256: report.Hash(definition1)}
	old.ResultText = report.Text{Canonical: result1, SHA256: report.Hash(result1)}
	if got := w.at(ctx, old); got != old.ResultText.SHA256 {
		t.Errorf("at mark %d the definition of version 1 gives %s, want %s", old.Mark.Seq, got, old.ResultText.SHA256)
	}
	if got := w.at(ctx, now); got != now.ResultText.SHA256 || got == old.ResultText.SHA256 || now.CatalogueVersion != "2" {
		t.Errorf("version %s gives %s, stored %s; version 1 gave %s", now.CatalogueVersion, got, now.ResultText.SHA256, old.ResultText.SHA256)
	}
	// As it is read from the store.
	if err := old.ReadDefinition(); err != nil || old.TimeZone != "UTC" {
		t.Errorf("zone %q, %v", old.TimeZone, err)
	}
	var r report.Result
	if err := json.Unmarshal([]byte(result1), &r); err != nil || r.Rows[0].P25Seconds != nil || *r.Rows[0].P90Seconds != 570 {
		t.Errorf("%+v, %v", r, err)
	}
	if again, sum, err := report.Canonical(r); err != nil || again != result1 || sum != old.ResultText.SHA256 {
		t.Errorf("written again: %s, %v", again, err)
	}
}

// TestDaysAreOfTheZone: in Chicago March begins at 06:00 UTC, and ends at 05:00 UTC of 1 April, after a day of 23 hours.
func TestDaysAreOfTheZone(t *testing.T) {
	w := open(t)
	for _, at := range []string{"2026-03-01T05:59:59Z", "2026-03-01T06:00:00Z", "2026-03-02T05:59:59Z", "2026-03-09T04:59:59Z", "2026-04-01T04:59:59Z", "2026-04-01T05:00:00Z"} {
		w.deliver(agencyA, call(at, "M1", 300))
	}
	w.deliver(agencyB, call("2026-03-01T06:00:00Z", "M1", 300))
	r := report.Request{Template: "response-time", GroupBy: "day", From: "2026-03-01", To: "2026-03-31", TimeZone: "America/Chicago"}
	e := run(t, w, person("agency", agencyA), r)
	var days []string
	for _, row := range e.Result.Rows {
		days = append(days, fmt.Sprintf("%s=%d", row.Group, row.N))
	}
	if got := strings.Join(days, " "); got != "2026-03-01=2 2026-03-08=1 2026-03-31=1" || e.TimeZone != "America/Chicago" {
		t.Errorf("days %s in %s", got, e.TimeZone)
	}
	if got := w.at(person("agency", agencyA), e); got != e.ResultText.SHA256 {
		t.Errorf("at its mark: %s, want %s", got, e.ResultText.SHA256)
	}
	r.To = "2027-03-01" // 366 days of Chicago
	if _, err := w.service.Run(person("agency", agencyA), r); err != nil {
		t.Errorf("366 days: %v", err)
	}
	for _, zone := range []string{"Local", "Lakeshore", "../etc"} {
		r.TimeZone = zone
		_, err := w.service.Run(person("agency", agencyA), r)
		var e *errs.Error
		if !errors.As(err, &e) || e.Reason != report.ReasonTimeZoneUnknown || len(e.Fields) != 1 || e.Fields[0].Field != "timeZone" {
			t.Errorf("zone %q: %v", zone, err)
		}
	}
}
