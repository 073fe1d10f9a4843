package chart_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fusionems/quantum/services/clinical/internal/chart"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
)

const official = "../../../../../shared/data/nemsis/ems"

// facts reads the first report of a published chart.
func facts(t *testing.T, name string) *chart.Facts {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(official, name))
	if os.IsNotExist(err) {
		t.Skipf("no published NEMSIS chart at %s", filepath.Join(official, name))
	}
	if err != nil {
		t.Fatal(err)
	}
	return extract(t, data)
}

func extract(t *testing.T, data []byte) *chart.Facts {
	t.Helper()
	r, err := nemsis.NewReader()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := r.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	h := doc.Headers[0]
	return chart.Extract(h.Agency, h.Reports[0], doc.Version)
}

func TestDrugNotGivenIsNotCounted(t *testing.T) {
	f := facts(t, "full/2020-EMS-3-Ped-Interfacility_v350.xml")
	var fentanyl, morphine int
	for i := range f.Medications {
		m := &f.Medications[i]
		switch m.Drug.Value {
		case "4337":
			if m.Given() {
				fentanyl++
			}
		case "7052":
			morphine++
			if m.Given() || m.Drug.State != chart.PertinentNegative || m.Drug.Code != "8801001" || !m.Drug.HasValue {
				t.Errorf("morphine is %+v, want a contraindication that names the drug", m.Drug)
			}
		}
	}
	if fentanyl == 0 || morphine == 0 {
		t.Errorf("fentanyl given %d times, morphine named %d times, want both", fentanyl, morphine)
	}
	if !f.Derived.Interfacility || f.Derived.Emergency || f.Derived.Pediatric == nil || !*f.Derived.Pediatric {
		t.Errorf("derived %+v, want a paediatric transfer", f.Derived)
	}
}

func TestRefusal(t *testing.T) {
	f := facts(t, "national/2022-EMS-3-Trauma-Refusal_v350.xml")
	if !f.Derived.Refusal || f.Derived.Transport {
		t.Errorf("derived %+v, want a refusal without transport", f.Derived)
	}
	if f.Intervals.Transport.State != chart.Unknown {
		t.Errorf("transport interval %+v, want unknown", f.Intervals.Transport)
	}
	if f.Intervals.Scene.State != chart.Known {
		t.Errorf("scene interval %+v, want known until back in service", f.Intervals.Scene)
	}
}

func TestFourStates(t *testing.T) {
	f := facts(t, "national/2022-EMS-1-Cardiac-Transport_v350.xml")
	if f.Key.PCRNumber == "" || f.Key.AgencyNumber == "" || f.Key.UUID == "" {
		t.Errorf("key %+v is not complete", f.Key)
	}
	if f.Response.OdometerScene.State != chart.Absent {
		t.Errorf("odometer at scene is %v, want absent in a national data set", f.Response.OdometerScene.State)
	}
	if f.NEMSISVersion != "3.5.0" {
		t.Errorf("version %q, want 3.5.0", f.NEMSISVersion)
	}
	if f.Intervals.Response.State != chart.Known || f.Intervals.Response.Duration <= 0 || f.Intervals.Response.Duration > time.Hour {
		t.Errorf("response interval %+v", f.Intervals.Response)
	}
	if !f.Derived.Transport || !f.Derived.Emergency {
		t.Errorf("derived %+v, want an emergency transport", f.Derived)
	}
	first := f.Vitals[0]
	if first.SystolicBP.State != chart.PertinentNegative || first.SystolicBP.Code != "8801023" || first.SystolicBP.HasValue {
		t.Errorf("first blood pressure is %+v, want unable to complete without a value", first.SystolicBP)
	}
	if first.ECGType.State != chart.NotValue || first.ECGType.Code != "7701001" {
		t.Errorf("first ECG type is %+v, want the not value Not Applicable", first.ECGType)
	}
	if v, ok := first.HeartRate.Get(); !ok || v != 0 {
		t.Errorf("first heart rate is %+v, want a measured zero", first.HeartRate)
	}
}
