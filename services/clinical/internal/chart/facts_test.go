package chart_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/fusionems/quantum/services/clinical/democharts"
	"github.com/fusionems/quantum/services/clinical/internal/chart"
)

// demoFacts are the facts of a demo chart after replacing texts in it, given
// as pairs of old and new.
func demoFacts(t *testing.T, scenario string, pairs ...string) *chart.Facts {
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
	for _, d := range docs {
		if d.Scenario != scenario {
			continue
		}
		for i := 0; i < len(pairs); i += 2 {
			if !bytes.Contains(d.XML, []byte(pairs[i])) {
				t.Fatalf("%s does not hold %q", scenario, pairs[i])
			}
			d.XML = bytes.Replace(d.XML, []byte(pairs[i]), []byte(pairs[i+1]), 1)
		}
		return extract(t, d.XML)
	}
	t.Fatalf("no scenario %s", scenario)
	return nil
}

func known(t *testing.T, name string, i chart.Interval, want time.Duration) {
	t.Helper()
	if i.State != chart.Known || i.Duration != want {
		t.Errorf("%s is %v %v, want %v", name, i.State, i.Duration, want)
	}
}

func TestIntervalsOfATransport(t *testing.T) {
	f := demoFacts(t, "stemi") // 7 on scene, 8 at patient, 24 left, 38 at destination, 44 transferred, 62 in service
	i := f.Intervals
	known(t, "call processing", i.CallProcessing, 90*time.Second)
	known(t, "turnout", i.Turnout, time.Minute)
	known(t, "travel", i.Travel, 6*time.Minute)
	known(t, "response", i.Response, 7*time.Minute)
	known(t, "system response", i.SystemResponse, 8*time.Minute+30*time.Second)
	known(t, "patient access", i.PatientAccess, time.Minute)
	known(t, "scene", i.Scene, 17*time.Minute)
	known(t, "patient scene", i.PatientScene, 16*time.Minute)
	known(t, "transport", i.Transport, 14*time.Minute)
	known(t, "offload", i.Offload, 6*time.Minute)
	known(t, "turnaround", i.Turnaround, 24*time.Minute)
	known(t, "task", i.Task, 62*time.Minute)
	if len(i.QualityFlags) != 0 {
		t.Errorf("quality flags %v", i.QualityFlags)
	}
}

func TestUnknownStaysUnknown(t *testing.T) {
	f := demoFacts(t, "refusal-signed")
	if f.Intervals.Transport.State != chart.Unknown || f.Times.LeftScene.State != chart.NotValue || f.Times.LeftScene.Code != "7701001" {
		t.Errorf("transport %v, left scene %+v", f.Intervals.Transport, f.Times.LeftScene)
	}
	known(t, "scene", f.Intervals.Scene, 23*time.Minute) // until back in service
}

func TestNegativeIntervalIsInvalid(t *testing.T) {
	f := demoFacts(t, "stemi", "<eTimes.06>2026", "<eTimes.06>2025")
	if f.Intervals.Response.State != chart.Invalid || f.Intervals.Response.Duration != 0 {
		t.Errorf("response %+v, want invalid", f.Intervals.Response)
	}
	flags := map[string]bool{}
	for _, name := range f.Intervals.QualityFlags {
		flags[name] = true
	}
	if !flags["response"] || !flags["travel"] || !flags["scene"] || flags["turnout"] {
		t.Errorf("quality flags %v", f.Intervals.QualityFlags)
	}
}

func TestCancelledBeforeArrivalIsExcluded(t *testing.T) {
	f := demoFacts(t, "cancelled")
	if !f.Derived.CancelledBeforeArrival || f.Intervals.Response.State != chart.Excluded || f.Intervals.Scene.State != chart.Excluded {
		t.Errorf("derived %+v, response %v, scene %v", f.Derived, f.Intervals.Response, f.Intervals.Scene)
	}
	known(t, "turnout", f.Intervals.Turnout, time.Minute)
	known(t, "task", f.Intervals.Task, 6*time.Minute) // until cancelled
	if len(f.Intervals.QualityFlags) != 0 {
		t.Errorf("quality flags %v", f.Intervals.QualityFlags)
	}
}

func TestAge(t *testing.T) {
	for name, c := range map[string]struct {
		age, unit string
		years     float64
		pediatric bool
	}{
		"18 years":   {"18", "2516009", 18, false},
		"17 years":   {"17", "2516009", 17, true},
		"30 months":  {"30", "2516007", 2.5, true},
		"20 days":    {"20", "2516001", 20 / 365.25, true},
		"12 hours":   {"12", "2516003", 0.5 / 365.25, true},
		"45 minutes": {"45", "2516005", 45 / (365.25 * 1440), true},
	} {
		f := demoFacts(t, "stemi", "<ePatient.15>63", "<ePatient.15>"+c.age, "<ePatient.16>2516009", "<ePatient.16>"+c.unit)
		d := f.Derived
		if d.AgeYears == nil || *d.AgeYears-c.years > 1e-9 || c.years-*d.AgeYears > 1e-9 || *d.Pediatric != c.pediatric {
			t.Errorf("%s: %+v", name, d)
		}
	}
	f := demoFacts(t, "stemi", "<ePatient.15>63</ePatient.15>", `<ePatient.15 xsi:nil="true" NV="7701003"/>`)
	if f.Derived.AgeYears != nil || f.Derived.Pediatric != nil {
		t.Errorf("an unrecorded age gives %+v", f.Derived)
	}
}

func TestLoadedMilesAreExact(t *testing.T) {
	f := demoFacts(t, "dialysis")
	if f.Derived.LoadedMiles == nil || *f.Derived.LoadedMiles != 1130 {
		t.Errorf("loaded miles %v, want 11.30", f.Derived.LoadedMiles)
	}
	f = demoFacts(t, "dialysis", "<eResponse.21>", "<eResponse.21>-")
	if f.Derived.LoadedMiles != nil || len(f.Intervals.QualityFlags) != 1 || f.Intervals.QualityFlags[0] != "loadedMiles" {
		t.Errorf("loaded miles %v with flags %v, want none and a flag", f.Derived.LoadedMiles, f.Intervals.QualityFlags)
	}
}

func TestPaymentKeepsNoNumbers(t *testing.T) {
	p := demoFacts(t, "transfer-pcs").Payment
	if !chart.Is(p.PCS, "9922005") || !chart.Is(p.PCSSigner, "2605009") || len(p.PCSReasons) != 1 || p.PCSDate.State != chart.Valued {
		t.Errorf("certificate %+v", p)
	}
	if len(p.Insurances) != 1 || !p.Insurances[0].HasPolicy || !p.Insurances[0].HasCompany || p.Insurances[0].HasGroup {
		t.Errorf("insurances %+v", p.Insurances)
	}
	if !chart.Is(p.PayerType, "MB") || !chart.Any(p.Conditions, "12") || p.RoundTrip {
		t.Errorf("payment %+v", p)
	}
}

func TestClinicalFacts(t *testing.T) {
	f := demoFacts(t, "arrest-rosc")
	if !f.Derived.Arrest || !chart.Any(f.Arrest.ROSC, "3012007") || !chart.Is(f.Arrest.FirstRhythm, "3011011") {
		t.Errorf("arrest %+v", f.Arrest)
	}
	if len(f.Medications) != 3 || len(f.Procedures) != 5 || len(f.Crew) != 2 || len(f.Protocols) != 2 {
		t.Fatalf("%d medications, %d procedures, %d crew, %d protocols", len(f.Medications), len(f.Procedures), len(f.Crew), len(f.Protocols))
	}
	if dose, ok := f.Medications[1].Dose.Get(); !ok || dose != 300 || !f.Medications[1].Given() {
		t.Errorf("second medication %+v", f.Medications[1])
	}
	last := f.Vitals[len(f.Vitals)-1]
	if gcs, ok := last.GCS(); !ok || gcs != 6 {
		t.Errorf("GCS %d, %v", gcs, ok)
	}
	if v, ok := last.ETCO2.Get(); !ok || v != 38 || last.ETCO2Unit != "3340001" {
		t.Errorf("ETCO2 %+v %s", last.ETCO2, last.ETCO2Unit)
	}
	if len(f.Disposition.TeamActivations) != 1 || !chart.Is(f.Disposition.TeamActivations[0].Team, "4224005") {
		t.Errorf("activations %+v", f.Disposition.TeamActivations)
	}
	if n, ok := f.NarrativeLength.Get(); !ok || n < 200 {
		t.Errorf("narrative length %+v", f.NarrativeLength)
	}
	if len(f.Signatures) != 3 || !chart.Any(f.Signatures[1].Reasons, "4513005") {
		t.Errorf("signatures %+v", f.Signatures)
	}
	medication := demoFacts(t, "stemi").Medications[2]
	if medication.Given() || medication.Drug.Value != "7052" || medication.Drug.State != chart.PertinentNegative {
		t.Errorf("contraindicated drug %+v", medication.Drug)
	}
}
