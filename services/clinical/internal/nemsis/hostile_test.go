package nemsis_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
)

// TestHostileDocumentsAreCheap feeds documents near the size limit that are
// made to be slow. The bound is generous: what it must catch is work that grows
// with the square of the size, which would take minutes.
func TestHostileDocumentsAreCheap(t *testing.T) {
	chart := string(demo(t)["refusal-signed"])
	fill := func(piece string) string { return strings.Repeat(piece, (nemsis.MaxSize-len(chart)-8000)/len(piece)) }
	namespaces := "<x"
	for i := range 60 {
		namespaces += fmt.Sprintf(" xmlns:p%d='u%d'", i, i)
	}
	wide := "<x"
	for i := range 60 {
		wide += fmt.Sprintf(" a%d='1'", i)
	}
	report := chart[strings.Index(chart, "<PatientCareReport"):strings.Index(chart, "  </Header>")]
	for name, data := range map[string]string{
		"one value in pieces":      strings.Replace(chart, "Dizziness", fill("a<!---->"), 1),
		"one long value":           strings.Replace(chart, "Dizziness", fill("a"), 1),
		"references":               strings.Replace(chart, "Dizziness", fill("&lt;"), 1),
		"names with many prefixes": strings.Replace(chart, "</eTimes>", namespaces+">"+fill("<p0:x/>")+"</x></eTimes>", 1),
		"many attributes":          strings.Replace(chart, "</eTimes>", "<x>"+fill(wide+"/>")+"</x></eTimes>", 1),
		"many unknown elements":    strings.Replace(chart, "</eTimes>", fill("<x/>")+"</eTimes>", 1),
		"many repeats":             strings.Replace(chart, "<eResponse.24>", fill("<eResponse.24>2224019</eResponse.24>\n")+"<eResponse.24>", 1),
		"many reports":             strings.Replace(chart, "  </Header>", fill(report)+"  </Header>", 1),
		"line breaks":              strings.Replace(chart, "<eTimes>", "<eTimes>"+fill("\r\n"), 1),
		"unclosed":                 chart[:2000] + fill("<x>"),
		"older version":            strings.Replace(strings.Replace(chart, "release-3.5.1", "release-3.4.0", 1), "</eDisposition>", fill("<eDisposition.12>1</eDisposition.12>")+"</eDisposition>", 1),
	} {
		if len(data) > nemsis.MaxSize {
			t.Fatalf("%s: %d bytes are too many", name, len(data))
		}
		start := time.Now()
		doc, err := newReader(t).Read([]byte(data))
		var invalid *nemsis.Invalid
		if err != nil && !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
		if doc != nil {
			for _, h := range doc.Headers {
				for _, r := range h.Reports {
					r.Line()
					r.Legacy("eDisposition.12")
				}
			}
		}
		took := time.Since(start)
		t.Logf("%-26s %7d ms, accepted: %v", name, took.Milliseconds(), err == nil)
		if took > 20*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}
