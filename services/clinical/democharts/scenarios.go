package democharts

// scenario is one row of the table: what happens and what should follow from it.
type scenario struct {
	name   string
	expect Expect
	build  func(*call)
}

// Codes of quality review triggers.
const (
	arrestTrigger     = "CLIN.ARREST"
	stemiTrigger      = "CLIN.STEMI"
	strokeTrigger     = "CLIN.STROKE"
	traumaTrigger     = "CLIN.TRAUMA"
	pediatricTrigger  = "CLIN.PEDS_CRITICAL"
	slowCritical      = "TIME.RESP_CRIT"
	slowHigh          = "TIME.RESP_HIGH"
	slowStandard      = "TIME.RESP_STD"
	longArrest        = "TIME.SCENE_ARREST"
	longCritical      = "TIME.SCENE_CRIT"
	longOther         = "TIME.SCENE_OTHER"
	refusalTrigger    = "PRAC.REFUSAL"
	unsignedTrigger   = "DOC.REFUSAL_SIG"
	noVitalsTrigger   = "DOCQ.NO_VITALS"
	controlledTrigger = "REG.CS_DOC"
)

// scenarios is the table. Its order sets the dates of the charts.
func scenarios() []scenario {
	return []scenario{
		{"arrest-rosc", Expect{Triggers: []string{arrestTrigger}, LevelOfService: "A0433", Modifiers: "RH"},
			func(c *call) { c.arrest(course{6, 7, 28, 37, 45, 60}, true) }},
		{"arrest-no-rosc", Expect{Triggers: []string{arrestTrigger}, LevelOfService: "A0433", Modifiers: "RH"},
			func(c *call) { c.arrest(course{5, 6, 27, 35, 41, 58}, false) }},
		{"arrest-long-scene", Expect{Triggers: []string{arrestTrigger, longArrest}, LevelOfService: "A0433", Modifiers: "RH"},
			func(c *call) { c.arrest(course{7, 8, 39, 49, 57, 75}, true) }},
		{"death-on-scene", Expect{Triggers: []string{arrestTrigger}}, deathOnScene},
		{"stemi", Expect{Triggers: []string{stemiTrigger}, LevelOfService: "A0427", Modifiers: "RH"}, stemi},
		{"stroke", Expect{Triggers: []string{strokeTrigger}, LevelOfService: "A0427", Modifiers: "RH"}, stroke},
		{"major-trauma", Expect{Triggers: []string{traumaTrigger}, LevelOfService: "A0427", Modifiers: "SH"}, majorTrauma},
		{"pediatric-critical", Expect{Triggers: []string{pediatricTrigger}, LevelOfService: "A0427", Modifiers: "RH"}, pediatricCritical},
		{"refusal-signed", Expect{Triggers: []string{refusalTrigger}, NoBill: Refused}, func(c *call) { c.refusal(true) }},
		{"refusal-unsigned", Expect{Triggers: []string{refusalTrigger, unsignedTrigger}, NoBill: Refused}, func(c *call) { c.refusal(false) }},
		{"slow-critical", Expect{Triggers: []string{slowCritical}, LevelOfService: "A0427", Modifiers: "RH"},
			func(c *call) { c.breathing(critical, course{14, 15, 33, 46, 55, 70}) }},
		{"slow-high", Expect{Triggers: []string{slowHigh}, LevelOfService: "A0427", Modifiers: "RH"},
			func(c *call) { c.breathing(emergent, course{18, 19, 40, 55, 63, 80}) }},
		{"slow-standard", Expect{Triggers: []string{slowStandard}, LevelOfService: "A0429", Modifiers: "RH"},
			func(c *call) { c.fall(course{26, 28, 50, 66, 75, 90}) }},
		{"scene-critical", Expect{Triggers: []string{longCritical}, LevelOfService: "A0427", Modifiers: "RH"},
			func(c *call) { c.breathing(critical, course{8, 9, 44, 55, 64, 82}) }},
		{"scene-other", Expect{Triggers: []string{longOther}, LevelOfService: "A0429", Modifiers: "RH"},
			func(c *call) { c.fall(course{12, 13, 63, 78, 86, 100}) }},
		{"transfer-pcs", Expect{LevelOfService: "A0426", Modifiers: "HH"}, transfer},
		{"dialysis", Expect{LevelOfService: "A0428", Modifiers: "RJ"}, dialysis},
		{"opioid", Expect{LevelOfService: "A0427", Modifiers: "RH"}, opioid},
		{"controlled-gap", Expect{Triggers: []string{controlledTrigger}, LevelOfService: "A0427", Modifiers: "RH"},
			func(c *call) { c.pain(false) }},
		{"controlled-signed", Expect{LevelOfService: "A0427", Modifiers: "RH"}, func(c *call) { c.pain(true) }},
		{"no-vitals", Expect{Triggers: []string{noVitalsTrigger}, LevelOfService: "A0429", Modifiers: "RH"}, noVitals},
		{"routine-fall", Expect{LevelOfService: "A0429", Modifiers: "RH"},
			func(c *call) { c.fall(course{9, 10, 31, 45, 54, 68}) }},
		{"cancelled", Expect{NoBill: Cancelled}, cancelled},
	}
}

// Priorities as the dispatcher and the crew see them (eDispatch.05,
// eSituation.13, eDisposition.19).
type priority struct{ dispatch, initial, final string }

var (
	critical = priority{"2305001", "2813001", "4219003"}
	emergent = priority{"2305003", "2813003", "4219003"}
	lower    = priority{"2305005", "2813005", "4219005"}
	planned  = priority{"2305007", "2813009", "4219011"}
)

// Services, capabilities and places.
const (
	emergency      = "2205001"
	betweenHospits = "2205005"
	routine        = "2205007"
	groundALS      = "2207015"
	groundBLS      = "2207017"
	home           = "Y92.009"
	street         = "Y92.410"
	hospitalPlace  = "Y92.239"
	toED           = "4221003"
	toHospitalBed  = "4221005"
	toDialysis     = "4221025"
)
