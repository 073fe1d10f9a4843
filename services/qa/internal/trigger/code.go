package trigger

// Code names a rule in the trigger catalogue.
type Code string

// Rules of the catalogue that read one chart.
const (
	Arrest            Code = "CLIN.ARREST"
	STEMI             Code = "CLIN.STEMI"
	Stroke            Code = "CLIN.STROKE"
	MajorTrauma       Code = "CLIN.TRAUMA"
	CriticalPediatric Code = "CLIN.PEDS_CRITICAL"

	ResponseCritical Code = "TIME.RESP_CRIT"
	ResponseHigh     Code = "TIME.RESP_HIGH"
	ResponseStandard Code = "TIME.RESP_STD"
	SceneArrest      Code = "TIME.SCENE_ARREST"
	SceneCritical    Code = "TIME.SCENE_CRIT"
	SceneOther       Code = "TIME.SCENE_OTHER"

	Refusal          Code = "PRAC.REFUSAL"
	RefusalSignature Code = "DOC.REFUSAL_SIG"
	NoVitals         Code = "DOCQ.NO_VITALS"
	ControlledDrug   Code = "REG.CS_DOC"
)

// Class says whether an agency may switch a trigger off.
type Class string

// Classes.
const (
	Mandatory Class = "mandatory"
	Optional  Class = "optional"
)

// Clinical reports whether the rule marks a clinical event rather than a time or a document.
func (c Code) Clinical() bool { return len(c) > 5 && c[:5] == "CLIN." }

// Priority of a call, decided by the policy from dispatch priority and initial acuity.
type Priority string

// Priorities.
const (
	Critical Priority = "critical"
	High     Priority = "high"
	Standard Priority = "standard"
)

// Fired is one rule that the chart fired.
type Fired struct {
	Code  Code
	Class Class
	// Measured and Threshold are nil for events that are not measured.
	Measured  *float64
	Threshold *float64
	Unit      string
	// Explanation is plain text with element numbers and codes; nothing in it identifies a person.
	Explanation string
	// Elements are the NEMSIS elements that the rule read.
	Elements []string
}
