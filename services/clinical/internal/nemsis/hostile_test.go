package nemsis_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
)

// TestHostileDocumentsAreCheap feeds documents that are made to be slow, each at a sixteenth of the size limit and at a quarter of it.
// What it must catch is work that grows with the square of the size: sixteen times as much instead of four. Each is accepted
// or called invalid, never an error of ours.
func TestHostileDocumentsAreCheap(t *testing.T) {
	accepted := map[string]bool{"many reports": true, "line breaks": true, "many repeats": true, "older version": true}
	small, large := hostile(t, nemsis.MaxSize/16), hostile(t, nemsis.MaxSize/4)
	for name, data := range large {
		least, _ := processorTime(t, name, small[name])
		most, err := processorTime(t, name, data)
		t.Logf("%-26s %7d ms, %5.1f times as much for four times the size", name, most.Milliseconds(), float64(most)/float64(least))
		// A short reading is within the noise of the collector, so a quarter of a second is given to both.
		if slack := 250 * time.Millisecond; most+slack > 9*(least+slack) {
			t.Errorf("%s took %v of the processor, and %v at a quarter of the size", name, most, least)
		}
		if (err == nil) != accepted[name] {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// hostile makes the documents, each of nearly so many bytes.
func hostile(t *testing.T, size int) map[string]string {
	t.Helper()
	chart := string(demo(t)["refusal-signed"])
	fill := func(piece string) string { return strings.Repeat(piece, (size-len(chart)-8000)/len(piece)) }
	namespaces := "<x"
	for i := range 60 {
		namespaces += fmt.Sprintf(" xmlns:p%d='u%d'", i, i)
	}
	wide := "<x"
	for i := range 60 {
		wide += fmt.Sprintf(" a%d='1'", i)
	}
	report := chart[strings.Index(chart, "<PatientCareReport"):strings.Index(chart, "  </Header>")]
	return map[string]string{
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
	}
}

// read reads the document as an import does, and the parts that are read on demand.
func read(t *testing.T, name, data string) error {
	t.Helper()
	doc, err := newReader(t).Read([]byte(data))
	var invalid *nemsis.Invalid
	if err != nil && !errors.As(err, &invalid) {
		t.Errorf("%s: %v", name, err)
	}
	if doc == nil {
		return err
	}
	for _, h := range doc.Headers {
		for _, r := range h.Reports {
			r.Line()
			r.Legacy("eDisposition.12")
		}
	}
	return err
}

// processorTime is what reading costs whatever else the machine does.
func processorTime(t *testing.T, name, data string) (time.Duration, error) {
	t.Helper()
	runtime.GC()
	before := used(t)
	err := read(t, name, data)
	return used(t) - before, err
}

func used(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
