package export

import (
	"fmt"
	"strconv"
	"time"

	"github.com/fusionems/quantum/services/reporting/internal/report"
)

const howTitle = "How this was computed"

// how is everything that is needed to ask the same again, or to check the answer: names and values.
func how(e report.Execution) [][]string {
	zone := zoneOf(e)
	at := func(t time.Time) string { return t.In(zone).Format(time.RFC3339Nano) }
	agency := "all agencies"
	if e.AgencyID != 0 {
		agency = strconv.FormatInt(e.AgencyID, 10)
	}
	out := [][]string{
		{"Template", e.Template},
		{"Agency", agency},
		{"Period from, inclusive", at(e.From)},
		{"Period to, exclusive", at(e.To)},
		{"Time zone", e.TimeZone},
		{"Grouped by", e.GroupBy},
		{"Calls in the figures", strconv.FormatInt(e.Result.N, 10)},
	}
	for _, reason := range reasons {
		if n := excluded(e.Result.Excluded, reason); n > 0 {
			out = append(out, []string{"Calls left out, " + reason, strconv.FormatInt(n, 10)})
		}
	}
	out = append(out, [][]string{
		{"Data as of", at(e.Mark.Time)},
		{"Watermark", strconv.FormatInt(e.Mark.Seq, 10)},
		{"Metric catalogue version", e.CatalogueVersion},
		{"Definition", e.Definition.Canonical},
		{"Definition SHA-256", e.Definition.SHA256},
		{"Result SHA-256", e.ResultText.SHA256},
		{"Execution", e.ID.String()},
		{"Executed by", e.ExecutedBy},
		{"Executed at", at(e.CreateTime)},
		{"Duration", fmt.Sprintf("%d ms", e.Duration.Milliseconds())},
	}...)
	if e.AccessReason != "" {
		out = append(out, []string{"Reason for access across agencies", e.AccessReason})
	}
	return out
}
