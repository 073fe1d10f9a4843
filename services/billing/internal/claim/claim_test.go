package claim_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fusionems/quantum/services/billing/internal/claim"
)

// rules are those of version 1 of the governance document.
func rules(t testing.TB) *claim.Rules {
	t.Helper()
	r, err := claim.ParseRules(document(t))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func document(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "audit", "internal", "governance", "seeds", claim.PolicyKey+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func tenths(n int32) *int32 { return &n }

// emergency is a complete chart: a paramedic crew takes a patient from home to a hospital, 911, lights on the way.
func emergency(change ...func(*claim.Snapshot)) claim.Snapshot {
	s := claim.Snapshot{
		ServiceDate: day("2026-03-01"), ServiceType: "2205001", Capability: "2207015", ResponseMode: "2223001",
		DispatchPriority: "2305003", UnitDisposition: "4227001", CareDisposition: "4228001", TransportDisposition: "4230001",
		LevelOfCare: "4232005", TransportMethod: "4216005", SceneLocation: "Y92.009", DestinationType: "4221003",
		PickupZIP: "53703", LoadedMilesTenths: tenths(74), Impressions: []string{"I20.9"}, Symptoms: []string{"R07.9"},
		Payment: claim.Payment{
			PrimaryMethod: "2601001",
			Insurances:    []claim.Insurance{{PayerType: "MB", Priority: "2611003", Relationship: "2622001", PolicyNumberPresent: true}},
		},
		Signed: true, SignatureStatuses: []string{"4515031"},
		Demographics: claim.Demographics{Name: true, BirthDate: true, Address: true, Sex: true},
	}
	return with(s, change...)
}

// dialysis is a complete chart of a repetitive trip of a BLS crew from a nursing home, with its statement.
func dialysis(change ...func(*claim.Snapshot)) claim.Snapshot {
	s := emergency(func(s *claim.Snapshot) {
		s.ServiceType, s.ResponseMode, s.DispatchPriority = "2205017", "2223005", "2305007"
		s.Capability, s.LevelOfCare = "2207017", "4232001"
		s.SceneLocation, s.DestinationType = "Y92.12", "4221025"
		s.Impressions, s.Symptoms = []string{"N18.6"}, nil
		s.Payment.Certification, s.Payment.CertificationDate, s.Payment.CertificationSigner = "9922005", day("2026-01-15"), "2605005"
	})
	return with(s, change...)
}

func with(s claim.Snapshot, change ...func(*claim.Snapshot)) claim.Snapshot {
	for _, f := range change {
		f(&s)
	}
	return s
}

func codes(missing []claim.Missing) []string {
	out := make([]string, 0, len(missing))
	for _, m := range missing {
		out = append(out, m.Code)
	}
	return out
}

func TestCompleteCharts(t *testing.T) {
	r := rules(t)
	d := claim.Judge(r, emergency())
	if d.State != claim.Ready || len(d.Missing) != 0 || d.NoBill != nil {
		t.Fatalf("state %s, missing %v, no-bill %v", d.State, codes(d.Missing), d.NoBill)
	}
	if d.Level.HCPCS != "A0427" || d.Level.Rule != "als1.level_of_care" || d.OriginDestination != "RH" || d.ServiceDate != "2026-03-01" || d.PickupZIP != "53703" {
		t.Errorf("got %+v, %s, %s, %s", d.Level, d.OriginDestination, d.ServiceDate, d.PickupZIP)
	}
	if d.Mileage.HCPCS != "A0425" || d.Mileage.MilesTenths != 74 {
		t.Errorf("mileage %+v", d.Mileage)
	}
	if !slices.Equal(d.Diagnoses, []string{"I20.9", "R07.9"}) {
		t.Errorf("diagnoses %v", d.Diagnoses)
	}
	want := []claim.Payer{{FilingIndicator: "MB", Priority: "primary", Relationship: "2622001", PolicyNumberPresent: true}}
	if !slices.Equal(d.Payers, want) {
		t.Errorf("payers %+v", d.Payers)
	}

	d = claim.Judge(r, dialysis())
	if d.State != claim.Ready || d.Level.HCPCS != "A0428" || d.OriginDestination != "NJ" {
		t.Errorf("dialysis: %s %+v %s missing %v", d.State, d.Level, d.OriginDestination, codes(d.Missing))
	}
}

func TestLevelOfService(t *testing.T) {
	r := rules(t)
	at := day("2026-03-01").Add(10 * time.Hour)
	iv := func(code string, minute int) claim.Medication {
		return claim.Medication{Code: code, Route: "9927023", Time: at.Add(time.Duration(minute) * time.Minute)}
	}
	bls := func(s *claim.Snapshot) { s.LevelOfCare = "4232001" }
	for _, c := range []struct {
		name        string
		s           claim.Snapshot
		hcpcs, rule string
	}{
		{"BLS 911", emergency(bls), "A0429", "bls"},
		{"BLS 911, downgraded on the way: the response was immediate", emergency(bls, func(s *claim.Snapshot) { s.ResponseMode = "2223003" }), "A0429", "bls"},
		{"BLS 911, non-emergent mode, emergent dispatch", emergency(bls, func(s *claim.Snapshot) { s.ResponseMode = "2223005" }), "A0429", "bls"},
		{"BLS 911, non-emergent mode, lower dispatch", emergency(bls, func(s *claim.Snapshot) { s.ResponseMode, s.DispatchPriority = "2223005", "2305005" }), "A0428", "bls"},
		{"documented urgency decides: not immediate", emergency(func(s *claim.Snapshot) { s.Payment.Urgency = "2640003" }), "A0426", "als1.level_of_care"},
		{"documented urgency decides: immediate", dialysis(func(s *claim.Snapshot) { s.Payment.Urgency = "2640001" }), "A0429", "bls"},
		{"transfer, not emergent", dialysis(), "A0428", "bls"},
		{"transfer, emergent mode is the equal of a 911 call", dialysis(func(s *claim.Snapshot) { s.ResponseMode = "2223001" }), "A0429", "bls"},
		{"paramedic transfer", dialysis(func(s *claim.Snapshot) { s.LevelOfCare = "4232005" }), "A0426", "als1.level_of_care"},
		{"AEMT", emergency(func(s *claim.Snapshot) { s.LevelOfCare = "4232003" }), "A0427", "als1.level_of_care"},
		{"IV line by a crew that recorded BLS", emergency(bls, func(s *claim.Snapshot) { s.Procedures = []string{"392230005"} }), "A0427", "als1.procedure"},
		{"IV drug by a crew that recorded BLS", emergency(bls, func(s *claim.Snapshot) { s.Medications = []claim.Medication{iv("26225", 0)} }), "A0427", "als1.medication"},
		{"manual defibrillation", emergency(func(s *claim.Snapshot) { s.Procedures = []string{"89666000", "426220008"} }), "A0433", "als2.procedure.manual_defibrillation"},
		{"cardioversion", emergency(func(s *claim.Snapshot) { s.Procedures = []string{"250980009"} }), "A0433", "als2.procedure.manual_defibrillation"},
		{"AED shock is none", emergency(bls, func(s *claim.Snapshot) { s.Procedures = []string{"450661000124102"} }), "A0429", "bls"},
		{"intubation", emergency(func(s *claim.Snapshot) { s.Procedures = []string{"232674004"} }), "A0433", "als2.procedure.endotracheal_intubation"},
		{"supraglottic airway is none", emergency(func(s *claim.Snapshot) { s.Procedures = []string{"450611000124100"} }), "A0427", "als1.level_of_care"},
		{"pacing", emergency(func(s *claim.Snapshot) { s.Procedures = []string{"18590009"} }), "A0433", "als2.procedure.cardiac_pacing"},
		{"decompression", emergency(func(s *claim.Snapshot) { s.Procedures = []string{"182705007"} }), "A0433", "als2.procedure.chest_decompression"},
		{"IO line", emergency(func(s *claim.Snapshot) { s.Procedures = []string{"430824005"} }), "A0433", "als2.procedure.intraosseous_line"},
		{"ALS2 has no non-emergency form", dialysis(func(s *claim.Snapshot) { s.Procedures = []string{"18590009"} }), "A0433", "als2.procedure.cardiac_pacing"},
		{"blood on the first day it counts", emergency(func(s *claim.Snapshot) {
			s.ServiceDate, s.Medications = day("2025-01-01"), []claim.Medication{iv("33389009", 0)}
		}), "A0433", "als2.procedure.blood_transfusion"},
		{"blood on the day before", emergency(func(s *claim.Snapshot) {
			s.ServiceDate, s.Medications = day("2024-12-31"), []claim.Medication{iv("33389009", 0)}
		}), "A0427", "als1.level_of_care"},
		{"transfusion as a procedure", emergency(func(s *claim.Snapshot) { s.Procedures = []string{"116859006"} }), "A0433", "als2.procedure.blood_transfusion"},
		{"transfusion procedure too early is still ALS", emergency(bls, func(s *claim.Snapshot) {
			s.ServiceDate, s.Procedures = day("2024-06-01"), []string{"116859006"}
		}), "A0427", "als1.procedure"},
		{"three doses", emergency(func(s *claim.Snapshot) {
			s.Medications = []claim.Medication{iv("4337", 0), iv("4337", 10), iv("26225", 10)}
		}), "A0433", "als2.medications"},
		{"two doses", emergency(func(s *claim.Snapshot) { s.Medications = []claim.Medication{iv("4337", 0), iv("4337", 10)} }), "A0427", "als1.level_of_care"},
		{"one dose entered in three parts", emergency(func(s *claim.Snapshot) {
			s.Medications = []claim.Medication{iv("4337", 0), iv("4337", 0), iv("4337", 0)}
		}), "A0427", "als1.level_of_care"},
		{"fluids and dextrose do not count", emergency(func(s *claim.Snapshot) {
			s.Medications = []claim.Medication{iv("4337", 0), iv("26225", 5), iv("313002", 6), iv("1008377", 7), iv("237653", 8)}
		}), "A0427", "als1.level_of_care"},
		{"other routes do not count", emergency(func(s *claim.Snapshot) {
			s.Medications = []claim.Medication{iv("4337", 0), iv("26225", 5), {Code: "6960", Route: "9927015", Time: at}, {Code: "1191", Route: "9927035", Time: at}}
		}), "A0427", "als1.level_of_care"},
		{"IO and pump count", emergency(func(s *claim.Snapshot) {
			s.Medications = []claim.Medication{iv("317361", 0), {Code: "317361", Route: "9927021", Time: at.Add(4 * time.Minute)}, {Code: "7512", Route: "9927069", Time: at.Add(9 * time.Minute)}}
		}), "A0433", "als2.medications"},
		{"without times a drug counts once", emergency(func(s *claim.Snapshot) {
			s.Medications = []claim.Medication{{Code: "4337", Route: "9927023"}, {Code: "4337", Route: "9927023"}, {Code: "4337", Route: "9927023"}}
		}), "A0427", "als1.level_of_care"},
		{"specialty care", dialysis(func(s *claim.Snapshot) { s.ServiceType, s.LevelOfCare = "2205005", "4232009" }), "A0434", "sct.level_of_care"},
		{"specialty care comes before ALS2", dialysis(func(s *claim.Snapshot) {
			s.ServiceType, s.LevelOfCare, s.Procedures = "2205005", "4232009", []string{"18590009"}
		}), "A0434", "sct.level_of_care"},
		{"nurse on a critical care unit", dialysis(func(s *claim.Snapshot) {
			s.ServiceType, s.LevelOfCare, s.Capability = "2205005", "4232007", "2207019"
		}), "A0434", "sct.level_of_care"},
		{"nurse on an ordinary unit", dialysis(func(s *claim.Snapshot) { s.ServiceType, s.LevelOfCare = "2205005", "4232007" }), "A0428", "bls"},
		{"critical care from a scene is no transfer", emergency(func(s *claim.Snapshot) { s.LevelOfCare = "4232009" }), "A0427", "als1.level_of_care"},
		{"helicopter", emergency(func(s *claim.Snapshot) { s.TransportMethod, s.Procedures = "4216003", []string{"232674004"} }), "A0431", "air.rotor_wing"},
		{"airplane", emergency(func(s *claim.Snapshot) { s.TransportMethod = "4216001" }), "A0430", "air.fixed_wing"},
		{"helicopter by capability", emergency(func(s *claim.Snapshot) { s.TransportMethod, s.Capability = "", "2207011" }), "A0431", "air.rotor_wing"},
		{"flight crew in a ground ambulance", emergency(func(s *claim.Snapshot) { s.Capability = "2207011" }), "A0427", "als1.level_of_care"},
		{"NEMSIS 3.4", emergency(func(s *claim.Snapshot) {
			s.UnitDisposition, s.CareDisposition, s.TransportDisposition, s.DispositionV34 = "", "", "", "4212033"
		}), "A0427", "als1.level_of_care"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := claim.Judge(r, c.s)
			if d.Level == nil {
				t.Fatalf("no level; no-bill %+v", d.NoBill)
			}
			if d.Level.HCPCS != c.hcpcs || d.Level.Rule != c.rule {
				t.Errorf("got %s by %s (%s), want %s by %s", d.Level.HCPCS, d.Level.Rule, d.Level.Explanation, c.hcpcs, c.rule)
			}
			if d.Level.Name == "" || d.Level.Explanation == "" || d.Level.Source == "" {
				t.Errorf("unexplained: %+v", d.Level)
			}
		})
	}
}

func TestDocumentedLevelStandsBeside(t *testing.T) {
	r := rules(t)
	d := claim.Judge(r, emergency(func(s *claim.Snapshot) { s.Payment.ServiceLevel = "2650005" }))
	if d.Level.HCPCS != "A0427" || d.Level.DocumentedHCPCS != "A0433" {
		t.Errorf("got %+v", d.Level)
	}
	if d := claim.Judge(r, emergency()); d.Level.DocumentedHCPCS != "" {
		t.Errorf("nothing documented, got %q", d.Level.DocumentedHCPCS)
	}
}

func TestNoBill(t *testing.T) {
	r := rules(t)
	for _, c := range []struct {
		name, code, element string
		change              func(*claim.Snapshot)
	}{
		{"cancelled on scene", "CANCELLED", "eDisposition.27", func(s *claim.Snapshot) { s.UnitDisposition, s.TransportDisposition = "4227003", "" }},
		{"cancelled en route", "CANCELLED", "eDisposition.27", func(s *claim.Snapshot) { s.UnitDisposition, s.TransportDisposition = "4227005", "" }},
		{"cancelled, 3.4", "CANCELLED", "eDisposition.12", func(s *claim.Snapshot) {
			s.UnitDisposition, s.TransportDisposition, s.DispositionV34 = "", "", "4212007"
		}},
		{"no patient found", "NO_PATIENT", "eDisposition.27", func(s *claim.Snapshot) { s.UnitDisposition, s.TransportDisposition = "4227009", "" }},
		{"no contact", "NO_PATIENT", "eDisposition.27", func(s *claim.Snapshot) { s.UnitDisposition, s.TransportDisposition = "4227007", "4230013" }},
		{"other unit", "OTHER_UNIT_TRANSPORTED", "eDisposition.30", func(s *claim.Snapshot) { s.TransportDisposition = "4230005" }},
		{"other unit with our medic", "OTHER_UNIT_TRANSPORTED", "eDisposition.30", func(s *claim.Snapshot) { s.TransportDisposition = "4230007" }},
		{"refused transport", "PATIENT_REFUSED", "eDisposition.30", func(s *claim.Snapshot) { s.TransportDisposition, s.CareDisposition = "4230009", "4228003" }},
		{"refused care, not transported", "PATIENT_REFUSED", "eDisposition.28", func(s *claim.Snapshot) { s.TransportDisposition, s.CareDisposition = "4230013", "4228007" }},
		{"treated, not transported", "NO_TRANSPORT", "eDisposition.30", func(s *claim.Snapshot) { s.TransportDisposition = "4230013" }},
		{"treated and released, 3.4", "NO_TRANSPORT", "eDisposition.12", func(s *claim.Snapshot) {
			s.UnitDisposition, s.CareDisposition, s.TransportDisposition, s.DispositionV34 = "", "", "", "4212029"
		}},
		{"stand-by", "STANDBY", "eResponse.05", func(s *claim.Snapshot) { s.ServiceType, s.TransportDisposition = "2205013", "4230013" }},
		{"public assist", "PUBLIC_ASSIST", "eResponse.05", func(s *claim.Snapshot) { s.ServiceType, s.TransportDisposition = "2205011", "4230013" }},
		{"organs", "NON_PATIENT_SERVICE", "eResponse.05", func(s *claim.Snapshot) { s.ServiceType = "2205027" }},
		{"wheelchair van", "WHEELCHAIR_VAN", "eDisposition.16", func(s *claim.Snapshot) { s.TransportMethod = "4216015" }},
		{"dead, but the other unit transported", "OTHER_UNIT_TRANSPORTED", "eDisposition.30", func(s *claim.Snapshot) {
			s.TransportDisposition, s.DiedBeforeTransport = "4230005", true
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := claim.Judge(r, emergency(c.change))
			if d.State != claim.Unbilled || d.NoBill == nil || d.NoBill.Code != c.code {
				t.Fatalf("got %s, %+v, want %s", d.State, d.NoBill, c.code)
			}
			if !strings.HasPrefix(d.NoBill.Explanation, c.element+" is ") {
				t.Errorf("explanation %q does not name %s", d.NoBill.Explanation, c.element)
			}
			if d.Level != nil || d.Mileage != nil || d.Missing != nil || d.Payers != nil || d.Diagnoses != nil || d.OriginDestination != "" {
				t.Errorf("a no-bill carries parts of a claim: %+v", d)
			}
		})
	}
	for name, change := range map[string]func(*claim.Snapshot){
		"stand-by that ended as a transport":      func(s *claim.Snapshot) { s.ServiceType = "2205013" },
		"refused a treatment but was transported": func(s *claim.Snapshot) { s.CareDisposition = "4228003" },
		"disposition unknown":                     func(s *claim.Snapshot) { s.TransportDisposition = "" },
	} {
		if d := claim.Judge(r, emergency(change)); d.NoBill != nil || d.Level == nil {
			t.Errorf("%s: no-bill %+v", name, d.NoBill)
		}
	}
}

func TestDeathBeforeLoading(t *testing.T) {
	r := rules(t)
	died := func(s *claim.Snapshot) {
		s.TransportDisposition, s.DiedBeforeTransport, s.DestinationType, s.LoadedMilesTenths = "4230013", true, "", nil
		s.Procedures = []string{"426220008", "232674004"}
	}
	d := claim.Judge(r, emergency(died))
	if d.State != claim.Ready || d.Level.HCPCS != "A0429" || d.Level.Rule != "death.before_loading" || !slices.Equal(d.Modifiers, []string{"QL"}) {
		t.Errorf("got %s %+v %v, missing %v", d.State, d.Level, d.Modifiers, codes(d.Missing))
	}
	if d.Mileage != nil || d.OriginDestination != "" {
		t.Errorf("mileage %+v, modifier %q: want none", d.Mileage, d.OriginDestination)
	}
	if d := claim.Judge(r, dialysis(died)); d.Level.HCPCS != "A0428" || len(d.Missing) != 0 {
		t.Errorf("no emergency: %+v, missing %v", d.Level, codes(d.Missing))
	}
	v34 := claim.Judge(r, emergency(func(s *claim.Snapshot) {
		s.UnitDisposition, s.CareDisposition, s.TransportDisposition, s.DispositionV34 = "", "", "", "4212019"
	}))
	if v34.NoBill != nil || v34.Level.Rule != "death.before_loading" {
		t.Errorf("NEMSIS 3.4: %+v %+v", v34.NoBill, v34.Level)
	}
	during := claim.Judge(r, emergency(func(s *claim.Snapshot) { s.DiedBeforeTransport = true }))
	if during.Level.HCPCS != "A0427" || during.Mileage == nil || len(during.Modifiers) != 0 {
		t.Errorf("transported: %+v %+v %v", during.Level, during.Mileage, during.Modifiers)
	}
	cancelled := claim.Judge(r, emergency(died, func(s *claim.Snapshot) { s.UnitDisposition = "4227005" }))
	if cancelled.NoBill == nil || cancelled.NoBill.Code != "CANCELLED" {
		t.Errorf("cancelled on the way: %+v", cancelled.NoBill)
	}
}

func TestMileage(t *testing.T) {
	r := rules(t)
	for _, c := range []struct {
		given *int32
		want  int32 // 0: missing
	}{
		{tenths(1), 1}, {tenths(74), 74}, {tenths(999), 999}, {tenths(1000), 1000}, {tenths(1001), 1010},
		{tenths(1010), 1010}, {tenths(1234), 1240}, {tenths(0), 0}, {tenths(-5), 0}, {nil, 0},
	} {
		d := claim.Judge(r, emergency(func(s *claim.Snapshot) { s.LoadedMilesTenths = c.given }))
		switch {
		case c.want == 0:
			if d.Mileage != nil || !slices.Contains(codes(d.Missing), claim.MissingMiles) {
				t.Errorf("%v: %+v, missing %v", c.given, d.Mileage, codes(d.Missing))
			}
		case d.Mileage == nil || d.Mileage.MilesTenths != c.want || d.Mileage.Rule == "":
			t.Errorf("%d: %+v, want %d", *c.given, d.Mileage, c.want)
		}
	}
	for method, code := range map[string]string{"4216005": "A0425", "4216001": "A0435", "4216003": "A0436"} {
		d := claim.Judge(r, emergency(func(s *claim.Snapshot) { s.TransportMethod = method }))
		if d.Mileage.HCPCS != code {
			t.Errorf("%s: %s, want %s", method, d.Mileage.HCPCS, code)
		}
	}
}

func TestModifiers(t *testing.T) {
	r := rules(t)
	for _, c := range []struct {
		scene, service, destination, want string
	}{
		{"Y92.009", "2205001", "4221003", "RH"},
		{"Y92.0", "2205001", "4221003", "RH"},
		{"Y92.410", "2205001", "4221003", "SH"},
		{"Y92.9", "2205001", "4221003", "?H"},
		{"", "2205001", "4221003", "?H"},
		{"Y92.230", "2205005", "4221005", "HH"},
		{"", "2205005", "4221005", "HH"},
		{"Y92.9", "2205015", "4221041", "HN"},
		{"Y92.12", "2205019", "4221003", "NH"},
		{"Y92.128", "2205019", "4221003", "NH"},
		{"Y92.14", "2205001", "4221003", "EH"},
		{"Y92.531", "2205001", "4221003", "PH"},
		{"Y92.09", "2205007", "4221025", "RJ"},
		{"Y92.230", "2205015", "4221001", "HR"},
		{"Y92.230", "2205015", "4221029", "HE"},
		{"Y92.5", "2205001", "4221015", "SI"},
		{"Y92.009", "2205001", "4221027", "RD"},
		{"Y92.009", "2205001", "4221013", "R?"},
		{"", "2205001", "", "??"},
	} {
		d := claim.Judge(r, emergency(func(s *claim.Snapshot) {
			s.SceneLocation, s.ServiceType, s.DestinationType = c.scene, c.service, c.destination
		}))
		if d.OriginDestination != c.want {
			t.Errorf("%s, %s to %s: %s, want %s", c.scene, c.service, c.destination, d.OriginDestination, c.want)
		}
		if got := slices.Contains(codes(d.Missing), claim.MissingOrigin); got != (c.want[0] == '?') {
			t.Errorf("%s: origin missing = %v", c.want, got)
		}
		if got := slices.Contains(codes(d.Missing), claim.MissingDestination); got != (c.want[1] == '?') {
			t.Errorf("%s: destination missing = %v", c.want, got)
		}
	}
}

func TestMissing(t *testing.T) {
	r := rules(t)
	for _, c := range []struct {
		name string
		s    claim.Snapshot
		want []string
	}{
		{"no date", emergency(func(s *claim.Snapshot) { s.ServiceDate = time.Time{} }), []string{claim.MissingServiceDate}},
		{"disposition", emergency(func(s *claim.Snapshot) { s.TransportDisposition = "" }), []string{claim.MissingTransport}},
		{"level of care", emergency(func(s *claim.Snapshot) { s.LevelOfCare = "" }), []string{claim.MissingLevelOfCare}},
		{"level of care, told by an intervention", emergency(func(s *claim.Snapshot) { s.LevelOfCare, s.Procedures = "", []string{"392230005"} }), nil},
		{"ZIP", emergency(func(s *claim.Snapshot) { s.PickupZIP = "" }), []string{claim.MissingPickupZIP}},
		{"ZIP of nine digits", emergency(func(s *claim.Snapshot) { s.PickupZIP = "53703-1234" }), nil},
		{"ZIP of four digits", emergency(func(s *claim.Snapshot) { s.PickupZIP = "5370" }), []string{claim.MissingPickupZIP}},
		{"several patients at the scene", emergency(func(s *claim.Snapshot) { s.MultiplePatients = true }), []string{claim.MissingPatientCount}},
		{"diagnosis", emergency(func(s *claim.Snapshot) { s.Impressions, s.Symptoms = nil, nil }), []string{claim.MissingDiagnosis}},
		{"a symptom will do", emergency(func(s *claim.Snapshot) { s.Impressions = nil }), nil},
		{"person", emergency(func(s *claim.Snapshot) { s.Demographics = claim.Demographics{} }),
			[]string{claim.MissingName, claim.MissingBirthDate, claim.MissingAddress, claim.MissingSex}},
		{"no payer", emergency(func(s *claim.Snapshot) { s.Payment.Insurances = nil }), []string{claim.MissingPayer}},
		{"self pay", emergency(func(s *claim.Snapshot) { s.Payment.Insurances, s.Payment.PrimaryMethod = nil, "2601011" }), nil},
		{"none identified is not self pay", emergency(func(s *claim.Snapshot) { s.Payment.Insurances, s.Payment.PrimaryMethod = nil, "2601021" }), []string{claim.MissingPayer}},
		{"Medicaid by method only", emergency(func(s *claim.Snapshot) { s.Payment.Insurances, s.Payment.PrimaryMethod = nil, "2601003" }), []string{claim.MissingPolicyNumber}},
		{"policy number", emergency(func(s *claim.Snapshot) { s.Payment.Insurances[0].PolicyNumberPresent = false }), []string{claim.MissingPolicyNumber}},
		{"payer type; the only one needs no order", emergency(func(s *claim.Snapshot) { s.Payment.Insurances = []claim.Insurance{{PolicyNumberPresent: true}} }),
			[]string{claim.MissingPayerType}},
		{"the only one is said to be second", emergency(func(s *claim.Snapshot) { s.Payment.Insurances[0].Priority = "2611005" }), []string{claim.MissingPrimaryPayer}},
		{"two without order", emergency(func(s *claim.Snapshot) {
			s.Payment.Insurances = []claim.Insurance{{PayerType: "CI", PolicyNumberPresent: true}, {PayerType: "BL", PolicyNumberPresent: true}}
		}), []string{claim.MissingPrimaryPayer}},
		{"the method tells the type of the first", emergency(func(s *claim.Snapshot) {
			s.Payment.PrimaryMethod, s.Payment.Insurances[0].PayerType = "2601005", ""
		}), nil},
		{"the method tells no type of the second", emergency(func(s *claim.Snapshot) {
			s.Payment.PrimaryMethod = "2601005"
			s.Payment.Insurances = append(s.Payment.Insurances, claim.Insurance{Priority: "2611005", PolicyNumberPresent: true})
		}), []string{claim.MissingPayerType}},
		{"signature", emergency(func(s *claim.Snapshot) { s.Signed = false }), []string{claim.MissingSignature}},
		{"emergency needs no statement", emergency(), nil},
		{"transfer without statement", dialysis(func(s *claim.Snapshot) { s.Payment.Certification = "" }), []string{claim.MissingPCS}},
		{"statement: no", dialysis(func(s *claim.Snapshot) { s.Payment.Certification = "9922001" }), []string{claim.MissingPCS}},
		{"statement: unknown", dialysis(func(s *claim.Snapshot) { s.Payment.Certification = "9922003" }), []string{claim.MissingPCS}},
		{"statement without date", dialysis(func(s *claim.Snapshot) { s.Payment.CertificationDate = time.Time{} }), []string{claim.MissingPCSDate}},
		// 60 days before 2026-03-01 is 2025-12-31.
		{"repetitive, 60 days", dialysis(func(s *claim.Snapshot) { s.Payment.CertificationDate = day("2025-12-31") }), nil},
		{"repetitive, 61 days", dialysis(func(s *claim.Snapshot) { s.Payment.CertificationDate = day("2025-12-30") }), []string{claim.PCSTooOld}},
		{"repetitive, the day after", dialysis(func(s *claim.Snapshot) { s.Payment.CertificationDate = day("2026-03-02") }), []string{claim.PCSTooLate}},
		{"repetitive, signed by a nurse", dialysis(func(s *claim.Snapshot) { s.Payment.CertificationSigner = "2605009" }), []string{claim.PCSSignerNotPermitted}},
		{"non-repetitive, 48 hours", dialysis(func(s *claim.Snapshot) {
			s.DestinationType, s.Payment.CertificationDate, s.Payment.CertificationSigner = "4221041", day("2026-03-03"), "2605009"
		}), nil},
		{"non-repetitive, three days", dialysis(func(s *claim.Snapshot) {
			s.DestinationType, s.Payment.CertificationDate = "4221041", day("2026-03-04")
		}), []string{claim.PCSTooLate}},
		{"nobody signed", dialysis(func(s *claim.Snapshot) { s.Payment.CertificationSigner = "" }), []string{claim.MissingPCSSigner}},
		{"unscheduled, from home, no emergency", emergency(func(s *claim.Snapshot) { s.ResponseMode, s.DispatchPriority = "2223005", "2305005" }), nil},
		{"unscheduled, from a nursing home, no emergency", emergency(func(s *claim.Snapshot) {
			s.ResponseMode, s.DispatchPriority, s.SceneLocation = "2223005", "2305005", "Y92.12"
		}), []string{claim.MissingPCS}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := claim.Judge(r, c.s)
			if got := codes(d.Missing); !slices.Equal(got, c.want) {
				t.Errorf("missing %v, want %v", got, c.want)
			}
			if want := map[bool]claim.State{true: claim.Ready, false: claim.Drafted}[len(c.want) == 0]; d.State != want {
				t.Errorf("state %s, want %s", d.State, want)
			}
			for _, m := range d.Missing {
				if m.Element == "" || m.Message == "" {
					t.Errorf("unexplained: %+v", m)
				}
			}
		})
	}
}

func TestUnableToSignIsExplained(t *testing.T) {
	d := claim.Judge(rules(t), emergency(func(s *claim.Snapshot) { s.Signed, s.SignatureStatuses = false, []string{"4515023"} }))
	if len(d.Missing) != 1 || !strings.Contains(d.Missing[0].Message, "could not sign") || !strings.Contains(d.Missing[0].Message, "42 CFR 424.36") {
		t.Errorf("got %+v", d.Missing)
	}
}

func TestPayersInBillingOrder(t *testing.T) {
	d := claim.Judge(rules(t), emergency(func(s *claim.Snapshot) {
		s.Payment.Insurances = []claim.Insurance{
			{PayerType: "ZZ", Priority: "2611001", PolicyNumberPresent: true},
			{PayerType: "CI", Priority: "2611005", PolicyNumberPresent: true},
			{PayerType: "BL", Priority: "2611007", PolicyNumberPresent: true},
			{PayerType: "MB", Priority: "2611003", PolicyNumberPresent: true},
		}
	}))
	var got []string
	for _, p := range d.Payers {
		got = append(got, p.FilingIndicator+" "+p.Priority)
	}
	if want := []string{"MB primary", "CI secondary", "BL tertiary", "ZZ "}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDiagnosesAreOnceAndAtMostTwelve(t *testing.T) {
	many := []string{"A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A09", "A10"}
	d := claim.Judge(rules(t), emergency(func(s *claim.Snapshot) { s.Impressions, s.Symptoms = many, []string{"A01", "", "B01", "B02", "B03"} }))
	if want := append(slices.Clone(many), "B01", "B02"); !slices.Equal(d.Diagnoses, want) {
		t.Errorf("got %v, want %v", d.Diagnoses, want)
	}
}

func TestJudgingChangesNothing(t *testing.T) {
	s := emergency(func(s *claim.Snapshot) {
		s.Payment.Insurances = []claim.Insurance{{Priority: "2611005"}, {Priority: "2611003"}}
	})
	claim.Judge(rules(t), s)
	if s.Payment.Insurances[0].Priority != "2611005" {
		t.Error("the snapshot was sorted in place")
	}
}
