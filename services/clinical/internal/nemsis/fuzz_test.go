package nemsis_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/fusionems/quantum/services/clinical/democharts"
	"github.com/fusionems/quantum/services/clinical/internal/chart"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/c14n"
)

// demo returns the demo charts of one agency by scenario.
func demo(t testing.TB) map[string][]byte {
	t.Helper()
	docs, err := democharts.Generate(democharts.Config{
		Seed: 1, Base: time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC),
		Agencies: []democharts.Agency{{UniqueID: "DEMO-A", Number: "4701", State: "55", County: "55025", ZIP: "53703",
			Crew:  []democharts.Medic{{ID: "A-1", Level: democharts.Paramedic}, {ID: "A-2", Level: democharts.EMT}},
			Units: []string{"M1"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string][]byte{}
	for _, d := range docs {
		byName[d.Scenario] = d.XML
	}
	return byName
}

// FuzzRead holds for every input: the reader ends with a document or with
// violations that name rule and line, and repeat nothing of the input; what it
// accepts is XML to the standard decoder too, keeps its meaning through
// canonicalization, and has facts.
func FuzzRead(f *testing.F) {
	charts := demo(f)
	f.Add(charts["cancelled"])
	f.Add(charts["stemi"])
	f.Add(bytes.Replace(charts["cancelled"], []byte("IncidentDispositionGroup>"), []byte("Other>"), 2))
	f.Add([]byte("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"))
	f.Add([]byte("\xff\xfe<\x00a\x00"))
	r := newReader(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := r.Read(data)
		if err != nil {
			checkRefusal(t, err)
			return
		}
		checkAccepted(t, r, doc, data)
	})
}

func checkRefusal(t *testing.T, err error) {
	t.Helper()
	var invalid *nemsis.Invalid
	if !errors.As(err, &invalid) || len(invalid.Violations) == 0 || len(invalid.Violations) > nemsis.MaxViolations+1 {
		t.Fatalf("refused with %v", err)
	}
	for _, v := range invalid.Violations {
		if v.Line < 1 || !strings.HasPrefix(v.Rule, "nemsis.") || v.Message == "" {
			t.Fatalf("violation %+v is not complete", v)
		}
	}
}

func checkAccepted(t *testing.T, r *nemsis.Reader, doc *nemsis.Document, data []byte) {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(data))
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for {
		if _, err := dec.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("accepted, but the standard decoder says %v", err)
		}
	}
	var canonical bytes.Buffer
	if err := c14n.Transform(&canonical, string(data)); err != nil {
		t.Fatal(err)
	}
	again, err := r.Read(canonical.Bytes())
	if err != nil {
		t.Fatalf("accepted, but its canonical form is not: %v", err)
	}
	if again.Hash != doc.Hash {
		t.Fatal("the canonical form has another hash")
	}
	for i, h := range doc.Headers {
		for j, report := range h.Reports {
			if again.Headers[i].Reports[j].ContentHash != report.ContentHash {
				t.Fatal("the canonical form has another content hash")
			}
			facts := chart.Extract(h.Agency, report, doc.Version)
			if facts.Key.PCRNumber == "" {
				t.Fatal("an accepted report has no number")
			}
		}
	}
}
