package claim

import (
	"fmt"
	"slices"
	"time"
)

// isEmergency tells whether the call was an immediate response, and from what that follows. The urgency that the crew
// documented for billing decides; without it the response mode, then the priority at dispatch of a 911 call.
func (r *Rules) isEmergency(s Snapshot) (bool, string) {
	e := r.Emergency
	switch {
	case slices.Contains(e.Urgency.Immediate, s.Payment.Urgency):
		return true, "immediate response (ePayment.40 is " + s.Payment.Urgency + ")"
	case slices.Contains(e.Urgency.NonImmediate, s.Payment.Urgency):
		return false, "no immediate response (ePayment.40 is " + s.Payment.Urgency + ")"
	case slices.Contains(e.ResponseModes, s.ResponseMode):
		return true, "emergent response (eResponse.23 is " + s.ResponseMode + ")"
	case slices.Contains(e.ServiceTypes, s.ServiceType) && slices.Contains(e.DispatchPriorities, s.DispatchPriority):
		return true, "911 response with emergent dispatch (eResponse.05 is " + s.ServiceType + ", eDispatch.05 is " + s.DispatchPriority + ")"
	}
	return false, "no emergent response (eResponse.23 is " + orNone(s.ResponseMode) + ")"
}

func (r *Rules) vehicle(s Snapshot) string {
	if v := r.Air.Methods[s.TransportMethod]; v != "" {
		return v
	}
	if v := r.Air.Capabilities[s.Capability]; v != "" && s.TransportMethod == "" {
		return v
	}
	return ground
}

// level suggests the code. The rules are tried from the most specific to the most general.
func (r *Rules) level(s Snapshot, c call) *Level {
	for _, try := range []func(Snapshot, call) *Level{
		r.deathLevel, r.airLevel, r.specialtyCareLevel, r.als2Procedure, r.als2Medications, r.als1Level,
	} {
		if l := try(s, c); l != nil {
			return r.documented(l, s)
		}
	}
	return r.documented(r.blsLevel(c, "bls", "no ALS intervention in the chart (eDisposition.32 is "+orNone(s.LevelOfCare)+")", r.ALS1.Source), s)
}

func (r *Rules) documented(l *Level, s Snapshot) *Level {
	l.DocumentedHCPCS = r.DocumentedLevels[s.Payment.ServiceLevel]
	return l
}

func (r *Rules) blsLevel(c call, rule, why, source string) *Level {
	svc := r.Levels.BLSNonEmergency
	if c.emergency {
		svc = r.Levels.BLSEmergency
	}
	return levelOf(svc, rule, why+"; "+c.whyEmergency, source)
}

func (r *Rules) deathLevel(_ Snapshot, c call) *Level {
	if !c.diedBeforeLoading {
		return nil
	}
	const rule, why = "death.before_loading", "the patient died after dispatch and before loading: base rate without mileage"
	if c.vehicle != ground {
		return levelOf(r.airService(c.vehicle), rule, why, r.Death.Source)
	}
	return r.blsLevel(c, rule, why, r.Death.Source)
}

func (r *Rules) airLevel(s Snapshot, c call) *Level {
	rules := map[string]string{fixedWing: "air.fixed_wing", rotorWing: "air.rotor_wing"}
	rule, ok := rules[c.vehicle]
	if !ok {
		return nil
	}
	why := fmt.Sprintf("transport by air (eDisposition.16 is %s, eResponse.07 is %s)", orNone(s.TransportMethod), orNone(s.Capability))
	return levelOf(r.airService(c.vehicle), rule, why, r.Air.Source)
}

func (r *Rules) airService(vehicle string) Service {
	if vehicle == fixedWing {
		return r.Levels.FixedWing
	}
	return r.Levels.RotorWing
}

func (r *Rules) specialtyCareLevel(s Snapshot, _ call) *Level {
	if !slices.Contains(r.SpecialtyCare.ServiceTypes, s.ServiceType) {
		return nil
	}
	for _, c := range r.SpecialtyCare.LevelsOfCare {
		if c.LevelOfCare == s.LevelOfCare && (c.Capability == "" || c.Capability == s.Capability) {
			why := fmt.Sprintf("interfacility transport (eResponse.05 is %s) beyond the scope of a paramedic (eDisposition.32 is %s)", s.ServiceType, s.LevelOfCare)
			return levelOf(r.Levels.SpecialtyCare, "sct.level_of_care", why, r.SpecialtyCare.Source)
		}
	}
	return nil
}

func (r *Rules) als2Procedure(s Snapshot, _ call) *Level {
	for _, set := range r.ALS2.Procedures {
		if !set.Contains(s.ServiceDate) {
			continue
		}
		for _, code := range s.Procedures {
			if slices.Contains(set.Procedures, code) {
				return levelOf(r.Levels.ALS2, set.Rule, set.Name+" (eProcedures.03 is "+code+")", set.Source)
			}
		}
		for _, m := range s.Medications {
			if slices.Contains(set.Medications, m.Code) {
				return levelOf(r.Levels.ALS2, set.Rule, set.Name+" (eMedications.03 is "+m.Code+")", set.Source)
			}
		}
	}
	return nil
}

func (r *Rules) als2Medications(s Snapshot, _ call) *Level {
	m := r.ALS2.Medications
	if !m.Contains(s.ServiceDate) {
		return nil
	}
	n := r.separateDoses(s.Medications)
	if n < m.Minimum {
		return nil
	}
	why := fmt.Sprintf("%d separate administrations by IV or IO (eMedications.03 and .04), at least %d are needed; fluids are not counted", n, m.Minimum)
	return levelOf(r.Levels.ALS2, m.Rule, why, m.Source)
}

// separateDoses counts administrations: the same drug twice at one time is one, since a dose given in parts is one dose.
// Of rows without a time each drug counts once: that they were separate is not known.
func (r *Rules) separateDoses(given []Medication) int {
	type dose struct {
		code string
		at   time.Time
	}
	seen := map[dose]bool{}
	for _, g := range given {
		m := r.ALS2.Medications
		if g.Code == "" || !slices.Contains(m.Routes, g.Route) || slices.Contains(m.NotCounted, g.Code) {
			continue
		}
		seen[dose{g.Code, g.Time.UTC()}] = true
	}
	return len(seen)
}

func (r *Rules) als1Level(s Snapshot, c call) *Level {
	rule, why := r.als1Reason(s)
	if rule == "" {
		return nil
	}
	svc := r.Levels.ALS1NonEmergency
	if c.emergency {
		svc = r.Levels.ALS1Emergency
	}
	return levelOf(svc, rule, why+"; "+c.whyEmergency, r.ALS1.Source)
}

func (r *Rules) als1Reason(s Snapshot) (rule, why string) {
	if slices.Contains(r.ALS1.LevelsOfCare, s.LevelOfCare) {
		return "als1.level_of_care", "ALS care (eDisposition.32 is " + s.LevelOfCare + ")"
	}
	for _, p := range s.Procedures {
		if slices.Contains(r.ALS1.Procedures, p) || r.isALS2Procedure(p) {
			return "als1.procedure", "ALS intervention (eProcedures.03 is " + p + ")"
		}
	}
	for _, m := range s.Medications {
		if slices.Contains(r.ALS1.MedicationRoutes, m.Route) {
			return "als1.medication", "ALS intervention (eMedications.03 is " + orNone(m.Code) + ", eMedications.04 is " + m.Route + ")"
		}
	}
	return "", ""
}

// isALS2Procedure: what is too early or too late for ALS2 is still an ALS intervention.
func (r *Rules) isALS2Procedure(code string) bool {
	return slices.ContainsFunc(r.ALS2.Procedures, func(set CodeSet) bool { return slices.Contains(set.Procedures, code) })
}

func levelOf(s Service, rule, why, source string) *Level {
	return &Level{HCPCS: s.HCPCS, Name: s.Name, Rule: rule, Explanation: why, Source: source}
}

func orNone(code string) string {
	if code == "" {
		return "not recorded"
	}
	return code
}
