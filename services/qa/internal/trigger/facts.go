package trigger

import "slices"

// State tells the four answers of a NEMSIS element apart.
type State uint8

// States. Absent is the zero value, so that a fact nobody set claims nothing.
const (
	Absent State = iota
	Value
	NotValue
	PertinentNegative
)

// Fact is one NEMSIS element as the chart has it. A pertinent negative may carry a value, e.g. the symptom that is not
// present or the medication that was not given.
type Fact struct {
	State State
	Value string
}

// Known reports whether the element holds a value that is not negated.
func (f Fact) Known() bool { return f.State == Value && f.Value != "" }

// In reports whether the element holds one of the codes.
func (f Fact) In(codes []string) bool { return f.Known() && slices.Contains(codes, f.Value) }

// Interval is a span between two times, in whole seconds. Known is false when a time is missing, when the times are in the
// wrong order, and when the interval does not apply to the call.
type Interval struct {
	Seconds int
	Known   bool
}

// Facts are what the rules read of a chart. They identify nobody.
type Facts struct {
	Response               Interval // eTimes.03 to .06
	OnScene                Interval // eTimes.06 to .09
	CancelledBeforeArrival bool

	DispatchPriority Fact // eDispatch.05

	AgeYears      *int // nil when unknown
	Under18       *bool
	InitialAcuity Fact // eSituation.13
	FinalAcuity   Fact // eDisposition.19

	PrimarySymptom       Fact   // eSituation.09
	OtherSymptoms        []Fact // eSituation.10
	PrimaryImpression    Fact   // eSituation.11
	SecondaryImpressions []Fact // eSituation.12
	TraumaHighRisk       []Fact // eInjury.03
	TraumaModerateRisk   []Fact // eInjury.04

	CardiacArrest Fact   // eArrest.01
	Protocols     []Fact // eProtocols.01

	CareDisposition      Fact   // eDisposition.28
	CrewDisposition      Fact   // eDisposition.29
	TransportDisposition Fact   // eDisposition.30
	TeamActivations      []Fact // eDisposition.24
	// Of a document of NEMSIS 3.4, whose one disposition element the reader has already interpreted.
	IncidentDispositionV34 Fact // eDisposition.12
	TransportedV34         bool
	RefusedV34             bool

	Vitals      []VitalSet
	Medications []Medication
	Signatures  []Signature
}

// VitalSet is one eVitals.VitalGroup.
type VitalSet struct {
	PriorToCare  Fact   // eVitals.02
	Rhythms      []Fact // eVitals.03
	StrokeResult Fact   // eVitals.29
	// Measurements are pressure, rates, saturation, capnography, glucose, consciousness and pain.
	Measurements []Fact
}

// Medication is one eMedications.MedicationGroup.
type Medication struct {
	// Given is false for a pertinent negative and for what somebody gave before this unit's care.
	Given    bool
	Code     Fact // eMedications.03
	Time     Fact // eMedications.01
	Route    Fact // eMedications.04
	Dose     Fact // eMedications.05
	DoseUnit Fact // eMedications.06
	CrewID   Fact // eMedications.09
}

// Signature is one eOther.SignatureGroup.
type Signature struct {
	Signer  Fact   // eOther.12
	Reasons []Fact // eOther.13
	Status  Fact   // eOther.15
}

// priorYes is "Yes" of the NEMSIS yes/no list (dictionary 3.5.1, eVitals.02).
const priorYes = "9923003"

func anyIn(facts []Fact, codes []string) bool {
	return slices.ContainsFunc(facts, func(f Fact) bool { return f.In(codes) })
}
