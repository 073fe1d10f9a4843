package export

import (
	"fmt"
	"strconv"
	"time"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/spreadsheet"
	"github.com/fusionems/quantum/services/reporting/internal/report"
)

// Formats of a file.
const (
	FormatCSV  = "csv"
	FormatXLSX = "xlsx"
	FormatJSON = "json"
)

// File is an export.
type File struct {
	Name        string
	ContentType string
	Data        []byte
}

// Write writes an execution; an empty format is CSV. JSON is the very text that the hash of the result is of, so that
// anybody can compute the hash again.
func Write(e report.Execution, format string) (File, error) {
	f := File{Name: name(e) + "." + format}
	var err error
	switch format {
	case "", FormatCSV:
		f.Name, f.ContentType = name(e)+".csv", "text/csv; charset=utf-8; header=present"
		f.Data, err = spreadsheet.CSV(append(append(rows(e), nil, []string{howTitle}), how(e)...))
	case FormatXLSX:
		f.ContentType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		f.Data, err = workbook(e)
	case FormatJSON:
		f.ContentType, f.Data = "application/json", []byte(e.ResultText.Canonical)
	default:
		return File{}, errs.New(errs.Invalid, "FORMAT_UNKNOWN", "the format of the export is not known",
			errs.WithFields(errs.Field{Field: "format", Rule: "in", Message: "must be one of csv, xlsx, json"}))
	}
	return f, err
}

// name has nothing in it that a file system or a header could take for anything else: template keys are words and hyphens.
func name(e report.Execution) string {
	zone := zoneOf(e)
	last := e.To.Add(-time.Microsecond) // the period ends before its end
	return fmt.Sprintf("%s_%s_%s_%s", e.Template, e.From.In(zone).Format(time.DateOnly), last.In(zone).Format(time.DateOnly), e.ID)
}

// zoneOf is the zone that the execution was asked for in. It was checked then; a zone that went away is shown in UTC.
func zoneOf(e report.Execution) *time.Location {
	if zone, err := time.LoadLocation(e.TimeZone); err == nil {
		return zone
	}
	return time.UTC
}

// reasons have a column each, also when no call was left out for them: files of two periods then have the same columns.
var reasons = []string{report.CancelledBeforeArrival, report.NotTransported, report.TimeInvalid, report.TimeUnknown}

// header is the row of names; figures of rows follow it in this order.
func header(e report.Execution) []string {
	h := []string{e.GroupBy, "n", "p10_seconds", "p25_seconds", "median_seconds", "p75_seconds", "p90_seconds", "mean_seconds"}
	for _, r := range reasons {
		h = append(h, "excluded_"+r)
	}
	return h
}

func seconds(r report.Row) []*float64 {
	return []*float64{r.P10Seconds, r.P25Seconds, r.MedianSeconds, r.P75Seconds, r.P90Seconds, r.MeanSeconds}
}

func excluded(list []report.Exclusion, reason string) int64 {
	for _, e := range list {
		if e.Reason == reason {
			return e.N
		}
	}
	return 0
}

func rows(e report.Execution) [][]string {
	out := [][]string{header(e)}
	for _, r := range e.Result.Rows {
		row := []string{r.Group, strconv.FormatInt(r.N, 10)}
		for _, s := range seconds(r) {
			cell := ""
			if s != nil {
				cell = strconv.FormatFloat(*s, 'f', -1, 64)
			}
			row = append(row, cell)
		}
		for _, reason := range reasons {
			row = append(row, strconv.FormatInt(excluded(r.Excluded, reason), 10))
		}
		out = append(out, row)
	}
	return out
}
