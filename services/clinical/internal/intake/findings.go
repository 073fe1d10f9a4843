package intake

import (
	"regexp"
	"strconv"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
)

// placeInDocument reads header and report, counted from 1, off a path such as
// "/EMSDataSet/Header[1]/PatientCareReport[2]/eTimes/eTimes.03".
var placeInDocument = regexp.MustCompile(`^/EMSDataSet/Header(?:\[(\d+)\])?(?:/PatientCareReport(?:\[(\d+)\])?)?(?:/|$)`)

// findingsOf picks what concerns one report: what is about it, about its header, or about the document.
func findingsOf(doc *nemsis.Document, remarks []remark, header, report int) []Finding {
	out := []Finding{}
	for _, r := range remarks {
		if r.header == header && (r.report == every || r.report == report) {
			out = append(out, r.Finding)
		}
	}
	single := len(doc.Headers) == 1 && len(doc.Headers[0].Reports) == 1
	for _, v := range doc.Findings {
		if single || concerns(v.Path, header, report) {
			out = append(out, Finding{Element: v.Element, Line: v.Line, Rule: v.Rule, Message: v.Message})
		}
	}
	return out
}

// concerns is generous where a path does not tell: a remark too many misleads less than one too few.
func concerns(path string, header, report int) bool {
	m := placeInDocument.FindStringSubmatch(path)
	if m == nil {
		return true
	}
	return matches(m[1], header) && matches(m[2], report)
}

func matches(index string, want int) bool {
	n, err := strconv.Atoi(index)
	return err != nil || n-1 == want
}
