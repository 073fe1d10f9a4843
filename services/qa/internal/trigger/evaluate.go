package trigger

// rule is one row of the catalogue: what it is, and how it reads a chart.
type rule struct {
	code     Code
	class    Class
	measures bool
	// fires gets the threshold of the policy, 0 for events.
	fires func(c *call, threshold float64) (finding, bool)
}

// finding is what a rule saw.
type finding struct {
	measured    *float64
	explanation string
	elements    []string
}

// catalogue is every rule that reads one chart. Class and measure are fixed: a policy moves thresholds, not the law.
// The time rules exclude each other, so that the most specific one judges.
var catalogue = []rule{
	{Arrest, Mandatory, false, arrestEvent},
	{STEMI, Mandatory, false, stemiEvent},
	{Stroke, Mandatory, false, strokeEvent},
	{MajorTrauma, Mandatory, false, traumaEvent},
	{CriticalPediatric, Mandatory, false, criticalPediatricEvent},
	{ResponseCritical, Mandatory, true, responseOf(Critical)},
	{ResponseHigh, Optional, true, responseOf(High)},
	{ResponseStandard, Optional, true, responseOf(Standard)},
	{SceneArrest, Mandatory, true, sceneOf(SceneArrest)},
	{SceneCritical, Mandatory, true, sceneOf(SceneCritical)},
	{SceneOther, Optional, true, sceneOf(SceneOther)},
	{RefusalSignature, Mandatory, false, unsignedRefusal},
	{Refusal, Optional, false, refusalEvent},
	{NoVitals, Optional, false, noVitals},
	{ControlledDrug, Mandatory, false, controlledDrugGap},
}

// call is a chart under evaluation, with what several rules ask for.
type call struct {
	Facts
	policy   *Policy
	priority Priority
	arrest   bool
}

// Evaluate returns the rules that the chart fires, in catalogue order.
func Evaluate(p *Policy, f Facts) []Fired {
	c := &call{
		Facts: f, policy: p, priority: p.PriorityOf(f),
		arrest: f.CardiacArrest.In(p.Definitions.Arrest.CardiacArrest),
	}
	var out []Fired
	for _, r := range catalogue {
		s := p.Triggers[r.code]
		if r.class == Optional && !s.Enabled {
			continue
		}
		var threshold float64
		if s.Threshold != nil {
			threshold = *s.Threshold
		}
		found, ok := r.fires(c, threshold)
		if !ok {
			continue
		}
		fired := Fired{
			Code: r.code, Class: r.class, Measured: found.measured,
			Explanation: found.explanation, Elements: unique(found.elements),
		}
		if r.measures {
			fired.Threshold, fired.Unit = &threshold, s.Unit
		}
		out = append(out, fired)
	}
	return out
}
