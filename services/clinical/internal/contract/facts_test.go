package contract_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/chart"
	"github.com/fusionems/quantum/services/clinical/internal/contract"
	"github.com/fusionems/quantum/services/clinical/internal/intake"
)

const (
	notRecorded     = "7701003"
	contraindicated = "8801001"
	refused         = "8801019"
	fentanyl        = "4337"
	morphine        = "7052"
)

func at(minute int) chart.Time {
	return chart.Value(time.Date(2026, 3, 1, 23, minute, 0, 0, time.FixedZone("", -6*3600)))
}

// The four answers of an element stay four, also on the wire and through storage.
func TestFourStatesStayApart(t *testing.T) {
	f := &chart.Facts{}
	f.Times.UnitNotified = at(0)
	f.Vitals = []chart.VitalSet{{
		SystolicBP: chart.Value(0),
		HeartRate:  chart.Fact[int]{State: chart.NotValue, Code: notRecorded},
		SpO2:       chart.Fact[int]{State: chart.PertinentNegative, Code: refused},
	}}
	f.Medications = []chart.Medication{
		{Drug: chart.Value(fentanyl), Dose: chart.Value(0.05)},
		{Drug: chart.Code{State: chart.PertinentNegative, Value: morphine, HasValue: true, Code: contraindicated}},
		{Drug: chart.Value(morphine), PriorToArrival: chart.Value("9923003")},
	}
	raw, err := proto.Marshal(contract.Facts(f))
	if err != nil {
		t.Fatal(err)
	}
	got := &clinicalv1.ChartFacts{}
	if err := proto.Unmarshal(raw, got); err != nil {
		t.Fatal(err)
	}
	v, m := got.GetVitals()[0], got.GetMedications()
	for name, c := range map[string]struct{ got, want *clinicalv1.Fact }{
		"time with its offset": {got.GetTimes()["eTimes.03"], &clinicalv1.Fact{State: clinicalv1.Fact_STATE_VALUE, Value: "2026-03-01T23:00:00-06:00"}},
		"absent time":          {got.GetTimes()["eTimes.09"], &clinicalv1.Fact{State: clinicalv1.Fact_STATE_ABSENT}},
		"zero is a value":      {v.GetSystolic(), &clinicalv1.Fact{State: clinicalv1.Fact_STATE_VALUE, Value: "0"}},
		"not value":            {v.GetHeartRate(), &clinicalv1.Fact{State: clinicalv1.Fact_STATE_NOT_VALUE, ReasonCode: notRecorded}},
		"negative alone":       {v.GetPulseOximetry(), &clinicalv1.Fact{State: clinicalv1.Fact_STATE_PERTINENT_NEGATIVE, ReasonCode: refused}},
		"negative with value":  {m[1].GetCode(), &clinicalv1.Fact{State: clinicalv1.Fact_STATE_PERTINENT_NEGATIVE, Value: morphine, ReasonCode: contraindicated}},
		"decimal":              {m[0].GetDose(), &clinicalv1.Fact{State: clinicalv1.Fact_STATE_VALUE, Value: "0.05"}},
	} {
		if !proto.Equal(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	if len(got.GetTimes()) != 17 {
		t.Errorf("%d times, want all 17", len(got.GetTimes()))
	}
	if !m[0].GetGiven() || m[1].GetGiven() || m[2].GetGiven() {
		t.Error("given must be the first medication only")
	}
}

func TestSnapshotCountsOnlyWhatThisUnitGave(t *testing.T) {
	miles := chart.HundredthMiles(1201)
	f := &chart.Facts{}
	f.Times.UnitNotified = at(30) // the next day in UTC
	f.Medications = []chart.Medication{
		{Drug: chart.Code{State: chart.PertinentNegative, Value: morphine, HasValue: true, Code: contraindicated}},
		{Drug: chart.Value(fentanyl)},
	}
	f.Situation.OtherSymptoms = []chart.Code{{State: chart.PertinentNegative, Value: "R07.9", HasValue: true, Code: "8801031"}}
	f.Scene.PickupZIP = chart.Value("53703-1234")
	f.Derived.LoadedMiles = &miles
	f.Payment.PayerType = chart.Value("MB")
	f.Payment.Insurances = []chart.Insurance{
		{Priority: chart.Value("2611001")}, {Priority: chart.Value("2611005")}, {Priority: chart.Value("2611003"), HasPolicy: true},
	}
	f.Signatures = []chart.Signature{
		{Reasons: []chart.Code{chart.Value("4513005")}, Status: chart.Value("4515013")},
		{Reasons: []chart.Code{chart.Value("4513009")}, Status: chart.Value("4515031")},
	}
	got := contract.ClaimSnapshot("c", 2, &intake.Report{Facts: f})
	if d := got.GetServiceDate(); d.GetDay() != 1 || d.GetMonth() != 3 {
		t.Errorf("the service date is that of the scene, got %v", d)
	}
	if len(got.GetMedications()) != 1 || got.GetMedications()[0].GetCode() != fentanyl || len(got.GetSymptoms()) != 0 {
		t.Errorf("medications %v, symptoms %v", got.GetMedications(), got.GetSymptoms())
	}
	if got.GetLoadedMilesTenths() != 121 {
		t.Errorf("12.01 miles are %d tenths, want 121", got.GetLoadedMilesTenths())
	}
	if got.GetPickupZip() != "53703" {
		t.Errorf("pickup ZIP = %q", got.GetPickupZip())
	}
	in := got.GetPayment().GetInsurances()
	if len(in) != 3 || in[0].GetPriority() != "2611003" || in[0].GetPayerType() != "MB" || !in[0].GetPolicyNumberPresent() || in[2].GetPriority() != "2611001" {
		t.Errorf("insurances = %v", in)
	}
	if got.GetBillingSignature() || len(got.GetBillingSignatureStatuses()) != 1 {
		t.Errorf("billing signature = %v, %v: one that says why it is missing is none", got.GetBillingSignature(), got.GetBillingSignatureStatuses())
	}
	f.Derived.LoadedMiles = nil
	if contract.ClaimSnapshot("c", 2, &intake.Report{Facts: f}).LoadedMilesTenths != nil {
		t.Error("unknown miles must stay unknown")
	}
}

func TestReportFactsTellUnknownFromWrong(t *testing.T) {
	f := &chart.Facts{}
	f.Intervals.Response = chart.Interval{State: chart.Known, Duration: 9*time.Minute + 59*time.Second}
	f.Intervals.Turnout = chart.Interval{State: chart.Invalid}
	// Nobody was transported, and the unit left the scene at a time that nobody wrote down.
	f.Intervals.Scene = chart.Interval{State: chart.Known, Duration: time.Hour}
	got := contract.ReportFacts("c", 1, f)
	if got.ResponseSeconds == nil || got.GetResponseSeconds() != 599 {
		t.Errorf("response = %v", got.ResponseSeconds)
	}
	if got.TurnoutSeconds != nil || len(got.GetInvalidIntervals()) != 1 || got.GetInvalidIntervals()[0] != "turnout" {
		t.Errorf("turnout = %v, invalid = %v", got.TurnoutSeconds, got.GetInvalidIntervals())
	}
	if got.OnSceneSeconds != nil || got.TransportSeconds != nil || got.Pediatric != nil {
		t.Errorf("unknown must stay unknown: %v", got)
	}
	f.Times.LeftScene = at(40)
	if contract.ReportFacts("c", 1, f).GetOnSceneSeconds() != 3600 {
		t.Error("on scene is eTimes.06 to .09")
	}
}

func TestPriority(t *testing.T) {
	for name, c := range map[string]struct {
		dispatch, acuity, want string
	}{
		"nothing known":                 {"", "", "standard"},
		"dispatched critical":           {"2305001", "2813005", "critical"},
		"found critical":                {"2305007", "2813001", "critical"},
		"dispatched emergent":           {"2305003", "2813009", "high"},
		"found emergent":                {"2305005", "2813003", "high"},
		"lower acuity":                  {"2305005", "2813005", "standard"},
		"dead without resuscitation":    {"2305005", "2813007", "standard"},
		"critical wins over everything": {"2305003", "2813001", "critical"},
	} {
		f := &chart.Facts{}
		if c.dispatch != "" {
			f.Dispatch.Priority, f.Situation.InitialAcuity = chart.Value(c.dispatch), chart.Value(c.acuity)
		}
		if got := contract.ReportFacts("c", 1, f).GetPriority(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if got := contract.Facts(f).GetResponse().GetPriority(); got != c.want {
			t.Errorf("%s: facts say %s, want %s", name, got, c.want)
		}
	}
}
