package trigger

import (
	"strings"
	"testing"
)

func sign(signer, reason, status string) Signature {
	s := Signature{Status: val(status)}
	if signer != "" {
		s.Signer = val(signer)
	}
	if reason != "" {
		s.Reasons = vals(reason)
	}
	return s
}

const (
	patient, representative, witness, medic = "4512015", "4512017", "4512019", "4512003"
	refuseCare, refuseTransport, billing    = "4513009", "4513021", "4513005"
	signed, signedNotPatient, paper         = "4515031", "4515033", "4515027"
	refusedToSign, unconscious              = "4515019", "4515023"
)

func TestRefusal(t *testing.T) {
	both := []Code{RefusalSignature, Refusal}
	only := []Code{Refusal}
	refused := Facts{TransportDisposition: val("4230009")}
	with := func(s ...Signature) Facts { f := refused; f.Signatures = s; return f }
	for name, tc := range map[string]struct {
		facts Facts
		want  []Code
	}{
		"care refused":                          {Facts{CareDisposition: val("4228003")}, both},
		"evaluation refused":                    {Facts{CareDisposition: val("4228007")}, both},
		"support refused":                       {Facts{CrewDisposition: val("4229013")}, both},
		"transport refused":                     {refused, both},
		"no care required":                      {Facts{CareDisposition: val("4228005")}, []Code{}},
		"no transport":                          {Facts{TransportDisposition: val("4230013")}, []Code{}},
		"disposition not recorded":              {Facts{TransportDisposition: Fact{State: NotValue}}, []Code{}},
		"signed by the patient":                 {with(sign(patient, refuseCare, signed)), only},
		"signed for transport":                  {with(sign(patient, refuseTransport, signed)), only},
		"signed by a representative":            {with(sign(representative, refuseTransport, signedNotPatient)), only},
		"signed on paper":                       {with(sign(patient, refuseCare, paper)), only},
		"signed by the medic":                   {with(sign(medic, refuseCare, signed)), both},
		"signed for billing":                    {with(sign(patient, billing, signed)), both},
		"not signed, unconscious":               {with(sign(patient, refuseCare, unconscious)), both},
		"signer not stated":                     {with(sign("", refuseCare, signed)), both},
		"refused to sign, no witness":           {with(sign(patient, refuseCare, refusedToSign)), both},
		"refused to sign, witnessed":            {with(sign(patient, refuseCare, refusedToSign), sign(witness, refuseCare, signed)), only},
		"refused to sign, witness did not":      {with(sign(patient, refuseCare, refusedToSign), sign(witness, refuseCare, refusedToSign)), both},
		"witness without refusal to sign":       {with(sign(witness, refuseCare, signed)), both},
		"reason is a pertinent negative":        {with(Signature{Signer: val(patient), Reasons: negs(refuseCare), Status: val(signed)}), both},
		"3.4 disposition":                       {Facts{IncidentDispositionV34: val("4212025"), RefusedV34: true}, both},
		"3.4 flag beside a 3.5 disposition":     {Facts{IncidentDispositionV34: val("4212025"), RefusedV34: true, CareDisposition: val("4228001")}, []Code{}},
		"3.4 flag without the element":          {Facts{RefusedV34: true}, []Code{}},
		"3.4 disposition that is not a refusal": {Facts{IncidentDispositionV34: val("4212033")}, []Code{}},
	} {
		t.Run(name, func(t *testing.T) {
			fired := Evaluate(seedPolicy(t), tc.facts)
			same(t, tc.want, codesOf(fired))
			for _, f := range fired {
				same(t, map[Code]Class{Refusal: Optional, RefusalSignature: Mandatory}[f.Code], f.Class)
			}
		})
	}
}

func TestNoVitals(t *testing.T) {
	transport := Facts{TransportDisposition: val("4230001")}
	with := func(v ...VitalSet) Facts { f := transport; f.Vitals = v; return f }
	pulse := []Fact{{}, val("88")}
	for name, tc := range map[string]struct {
		facts Facts
		fires bool
	}{
		"transport without a set":           {transport, true},
		"transport with another crew":       {Facts{TransportDisposition: val("4230003")}, true},
		"our member in another unit":        {Facts{TransportDisposition: val("4230007")}, true},
		"another unit transports":           {Facts{TransportDisposition: val("4230005")}, false},
		"no transport":                      {Facts{TransportDisposition: val("4230013")}, false},
		"transport unknown":                 {Facts{}, false},
		"one value":                         {with(VitalSet{Measurements: pulse}), false},
		"an empty set":                      {with(VitalSet{}), true},
		"all refused":                       {with(VitalSet{Measurements: negs("", "")}), true},
		"all not recorded":                  {with(VitalSet{Measurements: []Fact{{State: NotValue}}}), true},
		"measured before our care only":     {with(VitalSet{PriorToCare: val(priorYes), Measurements: pulse}), true},
		"measured before and by us":         {with(VitalSet{PriorToCare: val(priorYes), Measurements: pulse}, VitalSet{PriorToCare: val("9923001"), Measurements: pulse}), false},
		"prior to care unknown":             {with(VitalSet{PriorToCare: Fact{State: NotValue}, Measurements: pulse}), false},
		"3.4 transport":                     {Facts{IncidentDispositionV34: val("4212033"), TransportedV34: true}, true},
		"rhythm alone is not a measurement": {with(VitalSet{Rhythms: vals("9901047")}), true},
	} {
		t.Run(name, func(t *testing.T) {
			want := []Code{}
			if tc.fires {
				want = []Code{NoVitals}
			}
			same(t, want, codesOf(Evaluate(seedPolicy(t), tc.facts)))
		})
	}
	refused := find(t, Evaluate(seedPolicy(t), with(VitalSet{Measurements: negs("")})), NoVitals)
	holds(t, strings.Contains(refused.Explanation, "pertinent negatives"))
	same(t, Optional, refused.Class)
}

func TestControlledSubstances(t *testing.T) {
	whole := Medication{
		Given: true, Code: val("4337"), Time: val("2026-02-03T10:00:00-06:00"),
		Dose: val("50"), DoseUnit: val("3706015"), CrewID: val("P1"),
	}
	but := func(change func(*Medication)) Medication { m := whole; change(&m); return m }
	ok := []Signature{sign(medic, "4513011", signed)}
	for name, tc := range map[string]struct {
		meds  []Medication
		sigs  []Signature
		fires bool
	}{
		"whole record":                  {[]Medication{whole}, ok, false},
		"route is not required":         {[]Medication{but(func(m *Medication) { m.Route = Fact{} })}, ok, false},
		"no time":                       {[]Medication{but(func(m *Medication) { m.Time = Fact{} })}, ok, true},
		"dose not recorded":             {[]Medication{but(func(m *Medication) { m.Dose = Fact{State: NotValue} })}, ok, true},
		"no unit":                       {[]Medication{but(func(m *Medication) { m.DoseUnit = Fact{} })}, ok, true},
		"no crew id":                    {[]Medication{but(func(m *Medication) { m.CrewID = Fact{} })}, ok, true},
		"no signature":                  {[]Medication{whole}, nil, true},
		"signature for waste only":      {[]Medication{whole}, []Signature{sign(medic, "4513013", signed)}, true},
		"signature refused":             {[]Medication{whole}, []Signature{sign(medic, "4513011", refusedToSign)}, true},
		"not given, contraindicated":    {[]Medication{{Given: false, Code: pn("7052")}}, nil, false},
		"given before our care":         {[]Medication{but(func(m *Medication) { m.Given = false; m.Dose = Fact{} })}, nil, false},
		"flag says given, code negates": {[]Medication{{Given: true, Code: pn("7052")}}, nil, false},
		"aspirin":                       {[]Medication{{Given: true, Code: val("1191")}}, nil, false},
		"no medication":                 {nil, nil, false},
		"one of two has a gap":          {[]Medication{whole, but(func(m *Medication) { m.Code = val("6960"); m.Dose = Fact{} })}, ok, true},
	} {
		t.Run(name, func(t *testing.T) {
			want := []Code{}
			if tc.fires {
				want = []Code{ControlledDrug}
			}
			same(t, want, codesOf(Evaluate(seedPolicy(t), Facts{Medications: tc.meds, Signatures: tc.sigs})))
		})
	}
	gap := find(t, Evaluate(seedPolicy(t), Facts{
		Medications: []Medication{whole, but(func(m *Medication) { m.Code = val("6960"); m.Dose = Fact{} })}, Signatures: ok,
	}), ControlledDrug)
	same(t, "Controlled substance given with gaps in its record: medication 2, midazolam (schedule IV), lacks eMedications.05.", gap.Explanation)
	same(t, []string{"eMedications.03", "eMedications.05"}, gap.Elements)
}
