package trigger

// PolicyKey is the governance policy that this package evaluates.
const PolicyKey = "qa.triggers"

// Policy is a parsed version of the governance document; make one with Parse.
type Policy struct {
	PediatricUnderYears int              `json:"pediatricUnderYears"`
	Priority            PriorityCodes    `json:"priority"`
	Definitions         Definitions      `json:"definitions"`
	Triggers            map[Code]Setting `json:"triggers"`
}

// PriorityCodes say what makes a call critical or high; everything else is standard.
type PriorityCodes struct {
	Critical AcuityCodes `json:"critical"`
	High     AcuityCodes `json:"high"`
}

// AcuityCodes are codes of eDispatch.05 and of eSituation.13, either of which decides.
type AcuityCodes struct {
	DispatchPriority []string `json:"dispatchPriority"`
	InitialAcuity    []string `json:"initialAcuity"`
}

// Setting is what the policy decides about one rule.
type Setting struct {
	Class   Class `json:"class"`
	Enabled bool  `json:"enabled"`
	// Threshold is set for rules that measure; the rule fires above it.
	Threshold *float64 `json:"threshold"`
	Unit      string   `json:"unit"`
	// PermittedDeviationPercent bounds what an agency may move an optional threshold by.
	PermittedDeviationPercent *int `json:"permittedDeviationPercent"`
}

// PermittedRange is where an agency may move an optional threshold; false when it may not.
func (s Setting) PermittedRange() (lowest, highest float64, ok bool) {
	if s.Class != Optional || s.Threshold == nil || s.PermittedDeviationPercent == nil {
		return 0, 0, false
	}
	d := *s.Threshold * float64(*s.PermittedDeviationPercent) / 100
	return *s.Threshold - d, *s.Threshold + d, true
}

// Definitions are the code sets of the clinical and documentation rules.
type Definitions struct {
	Arrest struct {
		CardiacArrest []string `json:"cardiacArrest"`
	} `json:"arrest"`
	STEMI struct {
		ConditionPrefixes []string `json:"conditionPrefixes"`
		Rhythms           []string `json:"rhythms"`
		AnginaConditions  []string `json:"anginaConditions"`
		AnginaRhythms     []string `json:"anginaRhythms"`
		Protocols         []string `json:"protocols"`
		TeamActivations   []string `json:"teamActivations"`
	} `json:"stemi"`
	Stroke struct {
		ConditionPrefixes  []string `json:"conditionPrefixes"`
		StrokeScaleResults []string `json:"strokeScaleResults"`
		Protocols          []string `json:"protocols"`
		TeamActivations    []string `json:"teamActivations"`
	} `json:"stroke"`
	MajorTrauma struct {
		HighRiskCriteria     []string `json:"highRiskCriteria"`
		ModerateRiskCriteria []string `json:"moderateRiskCriteria"`
		TeamActivations      []string `json:"teamActivations"`
	} `json:"majorTrauma"`
	CriticalPediatric struct {
		FinalAcuity []string `json:"finalAcuity"`
	} `json:"criticalPediatric"`
	Transport struct {
		TransportDispositions []string `json:"transportDispositions"`
	} `json:"transport"`
	Refusal struct {
		CareDispositions      []string `json:"careDispositions"`
		CrewDispositions      []string `json:"crewDispositions"`
		TransportDispositions []string `json:"transportDispositions"`
	} `json:"refusal"`
	RefusalSignature     RefusalSignatureCodes `json:"refusalSignature"`
	ControlledSubstances ControlledSubstances  `json:"controlledSubstances"`
}

// RefusalSignatureCodes say what proves that a refusal was signed.
type RefusalSignatureCodes struct {
	Reasons               []string `json:"reasons"`
	Signers               []string `json:"signers"`
	SignedStatuses        []string `json:"signedStatuses"`
	RefusedToSignStatuses []string `json:"refusedToSignStatuses"`
	Witnesses             []string `json:"witnesses"`
}

// ControlledSubstances say what the record of a controlled dose must hold.
type ControlledSubstances struct {
	Medications             []ControlledMedication `json:"medications"`
	RequiredElements        []string               `json:"requiredElements"`
	AdministrationSignature struct {
		Required       bool     `json:"required"`
		Reasons        []string `json:"reasons"`
		SignedStatuses []string `json:"signedStatuses"`
	} `json:"administrationSignature"`
}

// ControlledMedication is one controlled ingredient by its RxNorm code.
type ControlledMedication struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Schedule string `json:"schedule"`
}

// PriorityOf decides the priority of a call.
func (p *Policy) PriorityOf(f Facts) Priority {
	is := func(c AcuityCodes) bool {
		return f.DispatchPriority.In(c.DispatchPriority) || f.InitialAcuity.In(c.InitialAcuity)
	}
	switch {
	case is(p.Priority.Critical):
		return Critical
	case is(p.Priority.High):
		return High
	default:
		return Standard
	}
}
