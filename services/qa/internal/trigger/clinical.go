package trigger

import "slices"

// arrestEvent reads eArrest.01 alone: the official case definition counts cardiac causes only, a review concerns every arrest.
func arrestEvent(c *call, _ float64) (finding, bool) {
	var h hits
	h.codes("eArrest.01", c.policy.Definitions.Arrest.CardiacArrest, c.CardiacArrest)
	return h.finding("Cardiac arrest during the call")
}

// stemiEvent follows the NEMSIS case definition (26 August 2021), corrected: prefixes are anchored, septal ischemia counts,
// and the protocol is read from where it stands.
func stemiEvent(c *call, _ float64) (finding, bool) {
	d := c.policy.Definitions.STEMI
	var h, angina, block hits
	h.conditions(c, h.prefixes, d.ConditionPrefixes)
	angina.conditions(c, angina.codes, d.AnginaConditions)
	for _, v := range c.Vitals {
		h.codes("eVitals.03", d.Rhythms, v.Rhythms...)
		block.codes("eVitals.03", d.AnginaRhythms, v.Rhythms...)
	}
	if angina.any() && block.any() {
		h.found = append(h.found, append(angina.found, block.found...)...)
		h.elements = append(h.elements, append(angina.elements, block.elements...)...)
	}
	h.codes("eProtocols.01", d.Protocols, c.Protocols...)
	h.codes("eDisposition.24", d.TeamActivations, c.TeamActivations...)
	h.elements = unique(h.elements)
	return h.finding("ST-elevation myocardial infarction documented or alerted")
}

func strokeEvent(c *call, _ float64) (finding, bool) {
	d := c.policy.Definitions.Stroke
	var h hits
	h.conditions(c, h.prefixes, d.ConditionPrefixes)
	for _, v := range c.Vitals {
		h.codes("eVitals.29", d.StrokeScaleResults, v.StrokeResult)
	}
	h.codes("eProtocols.01", d.Protocols, c.Protocols...)
	h.codes("eDisposition.24", d.TeamActivations, c.TeamActivations...)
	return h.finding("Stroke documented or alerted")
}

// traumaEvent is the NEMSIS definition of trauma-centre need, by severity (eInjury.03) or mechanism (eInjury.04), or an alert
// of the trauma team.
func traumaEvent(c *call, _ float64) (finding, bool) {
	d := c.policy.Definitions.MajorTrauma
	var h hits
	h.codes("eInjury.03", d.HighRiskCriteria, c.TraumaHighRisk...)
	h.codes("eInjury.04", d.ModerateRiskCriteria, c.TraumaModerateRisk...)
	h.codes("eDisposition.24", d.TeamActivations, c.TeamActivations...)
	return h.finding("Major trauma by triage criteria or trauma alert")
}

// criticalPediatricEvent needs a child, by age, and a critical call: by priority, by acuity at release, or by arrest.
func criticalPediatricEvent(c *call, _ float64) (finding, bool) {
	if !c.pediatric() {
		return finding{}, false
	}
	p := c.policy
	var h hits
	h.codes("eDispatch.05", p.Priority.Critical.DispatchPriority, c.DispatchPriority)
	h.codes("eSituation.13", p.Priority.Critical.InitialAcuity, c.InitialAcuity)
	h.codes("eDisposition.19", p.Definitions.CriticalPediatric.FinalAcuity, c.FinalAcuity)
	h.codes("eArrest.01", p.Definitions.Arrest.CardiacArrest, c.CardiacArrest)
	h.elements = append([]string{"ePatient.15", "ePatient.16"}, h.elements...)
	return h.finding("Critical paediatric patient by age (ePatient.15, ePatient.16) and")
}

// flagAge is the age that the chart's own paediatric flag means.
const flagAge = 18

// pediatric is false when the age is unknown. The chart's flag decides only while the policy draws the line where it does.
func (c *call) pediatric() bool {
	limit := c.policy.PediatricUnderYears
	if c.AgeYears != nil {
		return *c.AgeYears >= 0 && *c.AgeYears < limit
	}
	return c.Under18 != nil && *c.Under18 && limit == flagAge
}

func unique(in []string) []string {
	var out []string
	for _, s := range in {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
