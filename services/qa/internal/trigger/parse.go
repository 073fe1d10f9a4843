package trigger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
)

var (
	nemsisCode = regexp.MustCompile(`^[0-9]{7}$`)
	rxNormCode = regexp.MustCompile(`^[0-9]{2,18}$`)
	icd10Code  = regexp.MustCompile(`^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{0,4})?$`)
	schedules  = []string{"I", "II", "III", "IV", "V"}
)

// Parse reads a governance document and refuses one that it could not judge by: an unknown field, a missing rule, a
// mandatory rule switched off, a threshold that is no length of time.
func Parse(document []byte) (*Policy, error) {
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.DisallowUnknownFields()
	p := &Policy{}
	if err := dec.Decode(p); err != nil {
		return nil, fmt.Errorf("%s: %w", PolicyKey, err)
	}
	if err := errors.Join(append(p.checkTriggers(), p.checkDefinitions()...)...); err != nil {
		return nil, fmt.Errorf("%s: %w", PolicyKey, err)
	}
	return p, nil
}

func (p *Policy) checkTriggers() []error {
	var problems []error
	for _, r := range catalogue {
		s, ok := p.Triggers[r.code]
		if !ok {
			problems = append(problems, fmt.Errorf("triggers.%s is missing", r.code))
			continue
		}
		problems = append(problems, r.check(s)...)
	}
	for code := range p.Triggers {
		if !slices.ContainsFunc(catalogue, func(r rule) bool { return r.code == code }) {
			problems = append(problems, fmt.Errorf("triggers.%s is not in the catalogue", code))
		}
	}
	return problems
}

func (r rule) check(s Setting) []error {
	var problems []error
	bad := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("triggers.%s: "+format, append([]any{r.code}, args...)...))
	}
	if s.Class != r.class {
		bad("class must be %s", r.class)
	}
	if r.class == Mandatory && !s.Enabled {
		bad("a mandatory trigger cannot be disabled")
	}
	switch {
	case r.measures && (s.Threshold == nil || math.IsNaN(*s.Threshold) || *s.Threshold <= 0 || *s.Threshold > minutesPerDay):
		bad("threshold must be above 0 and at most %d min", minutesPerDay)
	case r.measures && s.Unit != unitMinute:
		bad("unit must be %s", unitMinute)
	case !r.measures && s.Threshold != nil:
		bad("an event has no threshold")
	}
	if d := s.PermittedDeviationPercent; r.measures && r.class == Optional && (d == nil || *d < 0 || *d > 50) {
		bad("permittedDeviationPercent must be 0 to 50")
	}
	return problems
}

const minutesPerDay = 24 * 60

func (p *Policy) checkDefinitions() []error {
	var problems []error
	set := func(name string, codes []string, form *regexp.Regexp) {
		if len(codes) == 0 {
			problems = append(problems, fmt.Errorf("%s is empty", name))
		}
		for _, c := range codes {
			if !form.MatchString(c) {
				problems = append(problems, fmt.Errorf("%s: a code must match %s", name, form))
			}
		}
	}
	if p.PediatricUnderYears < 1 || p.PediatricUnderYears > 21 {
		problems = append(problems, errors.New("pediatricUnderYears must be 1 to 21"))
	}
	for name, codes := range p.nemsisSets() {
		set(name, codes, nemsisCode)
	}
	d := p.Definitions
	set("stemi.conditionPrefixes", d.STEMI.ConditionPrefixes, icd10Code)
	set("stemi.anginaConditions", d.STEMI.AnginaConditions, icd10Code)
	set("stroke.conditionPrefixes", d.Stroke.ConditionPrefixes, icd10Code)
	return append(problems, d.ControlledSubstances.check()...)
}

// nemsisSets are all sets of NEMSIS codes, by the name shown in an error.
func (p *Policy) nemsisSets() map[string][]string {
	d := p.Definitions
	return map[string][]string{
		"priority.critical.dispatchPriority":          p.Priority.Critical.DispatchPriority,
		"priority.critical.initialAcuity":             p.Priority.Critical.InitialAcuity,
		"priority.high.dispatchPriority":              p.Priority.High.DispatchPriority,
		"priority.high.initialAcuity":                 p.Priority.High.InitialAcuity,
		"arrest.cardiacArrest":                        d.Arrest.CardiacArrest,
		"stemi.rhythms":                               d.STEMI.Rhythms,
		"stemi.anginaRhythms":                         d.STEMI.AnginaRhythms,
		"stemi.protocols":                             d.STEMI.Protocols,
		"stemi.teamActivations":                       d.STEMI.TeamActivations,
		"stroke.strokeScaleResults":                   d.Stroke.StrokeScaleResults,
		"stroke.protocols":                            d.Stroke.Protocols,
		"stroke.teamActivations":                      d.Stroke.TeamActivations,
		"majorTrauma.highRiskCriteria":                d.MajorTrauma.HighRiskCriteria,
		"majorTrauma.moderateRiskCriteria":            d.MajorTrauma.ModerateRiskCriteria,
		"majorTrauma.teamActivations":                 d.MajorTrauma.TeamActivations,
		"criticalPediatric.finalAcuity":               d.CriticalPediatric.FinalAcuity,
		"transport.transportDispositions":             d.Transport.TransportDispositions,
		"refusal.careDispositions":                    d.Refusal.CareDispositions,
		"refusal.crewDispositions":                    d.Refusal.CrewDispositions,
		"refusal.transportDispositions":               d.Refusal.TransportDispositions,
		"refusalSignature.reasons":                    d.RefusalSignature.Reasons,
		"refusalSignature.signers":                    d.RefusalSignature.Signers,
		"refusalSignature.signedStatuses":             d.RefusalSignature.SignedStatuses,
		"refusalSignature.refusedToSignStatuses":      d.RefusalSignature.RefusedToSignStatuses,
		"refusalSignature.witnesses":                  d.RefusalSignature.Witnesses,
		"controlledSubstances.signature.reasons":      d.ControlledSubstances.AdministrationSignature.Reasons,
		"controlledSubstances.signature.signedStatus": d.ControlledSubstances.AdministrationSignature.SignedStatuses,
	}
}

func (c ControlledSubstances) check() []error {
	var problems []error
	if len(c.Medications) == 0 {
		problems = append(problems, errors.New("controlledSubstances.medications is empty"))
	}
	for _, m := range c.Medications {
		if !rxNormCode.MatchString(m.Code) || m.Name == "" || !slices.Contains(schedules, m.Schedule) {
			problems = append(problems, errors.New("controlledSubstances.medications: code, name and schedule I to V are required"))
		}
	}
	if len(c.RequiredElements) == 0 {
		problems = append(problems, errors.New("controlledSubstances.requiredElements is empty"))
	}
	for _, el := range c.RequiredElements {
		if _, ok := doseElement(Medication{}, el); !ok {
			problems = append(problems, errors.New("controlledSubstances.requiredElements: only eMedications.01, .04, .05, .06 and .09"))
		}
	}
	return problems
}
