package export_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/reporting/internal/export"
	"github.com/fusionems/quantum/services/reporting/internal/report"
)

func seconds(v float64) *float64 { return &v }

func execution() report.Execution {
	excluded := []report.Exclusion{{Reason: report.TimeUnknown, N: 3}}
	e := report.Execution{
		ID: uuid.MustParse("0190b7c4-0000-7000-8000-000000000001"), AgencyID: 11, Template: "response-time", GroupBy: "unit",
		From: time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC), To: time.Date(2026, 4, 1, 5, 0, 0, 0, time.UTC), TimeZone: "America/Chicago",
		Mark:       report.Mark{Seq: 42, Time: time.Date(2026, 4, 2, 12, 0, 0, 0, time.UTC)},
		Definition: report.Text{Canonical: `{"agency":"11"}`, SHA256: strings.Repeat("d", 64)},
		ResultText: report.Text{Canonical: `{"n":2}`, SHA256: strings.Repeat("e", 64)},
		Result: report.Result{N: 2, Excluded: excluded, Rows: []report.Row{
			{
				Group: "=1+1", N: 2, MedianSeconds: seconds(450), P90Seconds: seconds(570.5), MeanSeconds: seconds(450), P10Seconds: seconds(330),
				P25Seconds: seconds(375), P75Seconds: seconds(525),
			},
			{Group: "M, 2", Excluded: excluded},
		}},
		CatalogueVersion: "2", ExecutedBy: "lakeshore-admin", CreateTime: time.Date(2026, 4, 2, 13, 0, 0, 0, time.UTC), Duration: 12 * time.Millisecond,
	}
	return e
}

const csvText = "unit,n,p10_seconds,p25_seconds,median_seconds,p75_seconds,p90_seconds,mean_seconds," +
	"excluded_CANCELLED_BEFORE_ARRIVAL,excluded_NOT_TRANSPORTED,excluded_TIME_INVALID,excluded_TIME_UNKNOWN\r\n" +
	"'=1+1,2,330,375,450,525,570.5,450,0,0,0,0\r\n" +
	"\"M, 2\",0,,,,,,,0,0,0,3\r\n" +
	"\r\nHow this was computed\r\n" +
	"Template,response-time\r\nAgency,11\r\n" +
	"\"Period from, inclusive\",2026-03-01T00:00:00-06:00\r\n\"Period to, exclusive\",2026-04-01T00:00:00-05:00\r\n" +
	"Time zone,America/Chicago\r\nGrouped by,unit\r\nCalls in the figures,2\r\n\"Calls left out, TIME_UNKNOWN\",3\r\n" +
	"Data as of,2026-04-02T07:00:00-05:00\r\nWatermark,42\r\nMetric catalogue version,2\r\n" +
	"Definition,\"{\"\"agency\"\":\"\"11\"\"}\"\r\n" +
	"Definition SHA-256,dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\r\n" +
	"Result SHA-256,eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee\r\n" +
	"Execution,0190b7c4-0000-7000-8000-000000000001\r\nExecuted by,lakeshore-admin\r\n" +
	"Executed at,2026-04-02T08:00:00-05:00\r\nDuration,12 ms\r\n"

func TestCSV(t *testing.T) {
	for _, format := range []string{"", export.FormatCSV} {
		f, err := export.Write(execution(), format)
		if err != nil || string(f.Data) != csvText {
			t.Errorf("%q: %v; got\n%s\nwant\n%s", format, err, f.Data, csvText)
		}
		if f.Name != "response-time_2026-03-01_2026-03-31_0190b7c4-0000-7000-8000-000000000001.csv" {
			t.Errorf("name %s", f.Name)
		}
	}
}

func TestAcrossAgenciesTheReasonIsInTheFile(t *testing.T) {
	e := execution()
	e.AgencyID, e.AccessReason, e.TimeZone = 0, "=quarterly review", "gone"
	f, err := export.Write(e, export.FormatCSV)
	for _, want := range []string{"Agency,all agencies\r\n", "Reason for access across agencies,'=quarterly review\r\n", "2026-03-01T06:00:00Z"} {
		if err != nil || !strings.Contains(string(f.Data), want) {
			t.Errorf("%v; no %q in\n%s", err, want, f.Data)
		}
	}
}

func TestWorkbook(t *testing.T) {
	f, err := export.Write(execution(), export.FormatXLSX)
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(f.Data))
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]struct {
		value string
		kind  excelize.CellType
	}{
		"A1": {"unit", excelize.CellTypeSharedString}, "A2": {"'=1+1", excelize.CellTypeSharedString}, "B2": {"2", excelize.CellTypeUnset},
		"G2": {"570.5", excelize.CellTypeUnset}, "C3": {"", excelize.CellTypeUnset}, "L3": {"3", excelize.CellTypeUnset},
	} {
		value, err := book.GetCellValue("Report", cell)
		kind, err2 := book.GetCellType("Report", cell)
		if err != nil || err2 != nil || value != want.value || kind != want.kind {
			t.Errorf("%s: %q of type %d, %v, %v", cell, value, kind, err, err2)
		}
		if formula, err := book.GetCellFormula("Report", cell); err != nil || formula != "" {
			t.Errorf("%s is the formula %q, %v", cell, formula, err)
		}
	}
	lines, err := book.GetRows("How this was computed")
	if err != nil || len(lines) != 18 || lines[13][0] != "Result SHA-256" || lines[13][1] != strings.Repeat("e", 64) {
		t.Errorf("%v, %v", lines, err)
	}
}

func TestJSONIsTheHashedText(t *testing.T) {
	f, err := export.Write(execution(), export.FormatJSON)
	if err != nil || string(f.Data) != `{"n":2}` || f.ContentType != "application/json" {
		t.Errorf("%s %s, %v", f.ContentType, f.Data, err)
	}
	if _, err := export.Write(execution(), "pdf"); errs.Reason(err) != "FORMAT_UNKNOWN" {
		t.Errorf("pdf: %v", err)
	}
}
