package democharts_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/fusionems/quantum/services/clinical/democharts"
	"github.com/fusionems/quantum/services/clinical/internal/chart"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
)

func config() democharts.Config {
	return democharts.Config{
		Seed: 7, Base: time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC),
		Agencies: []democharts.Agency{
			{UniqueID: "DEMO-A", Number: "4701", State: "55", County: "55025", ZIP: "53703",
				Crew: []democharts.Medic{{ID: "A-1001", Level: democharts.Paramedic}, {ID: "A-1002", Level: democharts.EMT}}, Units: []string{"M1", "M2"}},
			{UniqueID: "DEMO-B", Number: "4702", State: "17", County: "17031", ZIP: "60601",
				Crew: []democharts.Medic{{ID: "B-2001", Level: democharts.EMT}, {ID: "B-2002", Level: democharts.Paramedic}}, Units: []string{"A7"}},
		},
	}
}

func generate(t *testing.T) []democharts.Document {
	t.Helper()
	docs, err := democharts.Generate(config())
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

func TestEveryChartIsAcceptedWithoutFindings(t *testing.T) {
	r, err := nemsis.NewReader()
	if err != nil {
		t.Fatal(err)
	}
	perAgency := map[int]int{}
	for _, d := range generate(t) {
		perAgency[d.AgencyIndex]++
		doc, err := r.Read(d.XML)
		if err != nil {
			t.Errorf("%s: %v", d.Name, err)
			continue
		}
		for _, f := range doc.Findings {
			t.Errorf("%s: finding %+v", d.Name, f)
		}
		if doc.Version != "3.5.1" {
			t.Errorf("%s: version %q", d.Name, doc.Version)
		}
	}
	if perAgency[0] < 12 || perAgency[1] < 12 {
		t.Errorf("charts per agency %v, want at least 12 each", perAgency)
	}
}

func TestChartsHaveTheFactsTheirScenarioNeeds(t *testing.T) {
	r, err := nemsis.NewReader()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range generate(t) {
		doc, err := r.Read(d.XML)
		if err != nil {
			t.Fatalf("%s: %v", d.Name, err)
		}
		f := chart.Extract(doc.Headers[0].Agency, doc.Headers[0].Reports[0], doc.Version)
		has := func(trigger string) bool { return slices.Contains(d.Expect.Triggers, trigger) }
		if f.Derived.Arrest != has("CLIN.ARREST") {
			t.Errorf("%s: arrest %v", d.Name, f.Derived.Arrest)
		}
		if f.Derived.Refusal != has("PRAC.REFUSAL") {
			t.Errorf("%s: refusal %v", d.Name, f.Derived.Refusal)
		}
		if f.Derived.Transport != (d.Expect.LevelOfService != "") {
			t.Errorf("%s: transport %v with level %q", d.Name, f.Derived.Transport, d.Expect.LevelOfService)
		}
		if f.Derived.Transport && f.Derived.LoadedMiles == nil {
			t.Errorf("%s: no loaded miles", d.Name)
		}
		if f.Derived.CancelledBeforeArrival != (d.Expect.NoBill == democharts.Cancelled) {
			t.Errorf("%s: cancelled %v", d.Name, f.Derived.CancelledBeforeArrival)
		}
		if len(f.Intervals.QualityFlags) > 0 {
			t.Errorf("%s: quality flags %v", d.Name, f.Intervals.QualityFlags)
		}
		checkClock(t, d, f)
	}
}

// checkClock holds the response and scene times against the limits of the
// first policy, so that a scenario fires what it says and nothing else.
func checkClock(t *testing.T, d democharts.Document, f *chart.Facts) {
	t.Helper()
	response, scene := 20*time.Minute, 45*time.Minute
	responseTrigger, sceneTrigger := "TIME.RESP_STD", "TIME.SCENE_OTHER"
	switch {
	case chart.Is(f.Dispatch.Priority, "2305001") || chart.Is(f.Situation.InitialAcuity, "2813001"):
		response, scene, responseTrigger, sceneTrigger = 10*time.Minute, 30*time.Minute, "TIME.RESP_CRIT", "TIME.SCENE_CRIT"
	case chart.Is(f.Dispatch.Priority, "2305003") || chart.Is(f.Situation.InitialAcuity, "2813003"):
		response, responseTrigger = 15*time.Minute, "TIME.RESP_HIGH"
	}
	if f.Derived.Arrest {
		scene, sceneTrigger = 25*time.Minute, "TIME.SCENE_ARREST"
	}
	if slow := f.Intervals.Response.Duration > response; slow != slices.Contains(d.Expect.Triggers, responseTrigger) {
		t.Errorf("%s: response %v, %s expected %v", d.Name, f.Intervals.Response.Duration, responseTrigger, !slow)
	}
	if long := f.Intervals.Scene.Duration > scene; long != slices.Contains(d.Expect.Triggers, sceneTrigger) {
		t.Errorf("%s: scene %v, %s expected %v", d.Name, f.Intervals.Scene.Duration, sceneTrigger, !long)
	}
}

func TestSameConfigSameBytes(t *testing.T) {
	a, b := generate(t), generate(t)
	for i := range a {
		if !bytes.Equal(a[i].XML, b[i].XML) {
			t.Errorf("%s differs between two runs", a[i].Name)
		}
	}
	keys := map[string]bool{}
	for _, d := range a {
		if keys[d.PCRNumber] {
			t.Errorf("%s: PCR number %s is used twice", d.Name, d.PCRNumber)
		}
		keys[d.PCRNumber] = true
	}
}

// TestOfficialSchema holds the charts against the official schema with xmllint,
// where both are at hand.
func TestOfficialSchema(t *testing.T) {
	schema := "../../../../shared/data/nemsis/xsd-v351/EMSDataSet_v3.xsd"
	if _, err := os.Stat(schema); err != nil {
		t.Skipf("no official schema at %s", schema)
	}
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed")
	}
	dir := t.TempDir()
	args := []string{"--noout", "--schema", schema}
	for _, d := range generate(t) {
		path := filepath.Join(dir, d.Name)
		if err := os.WriteFile(path, d.XML, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	if out, err := exec.Command(xmllint, args...).CombinedOutput(); err != nil {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
}
