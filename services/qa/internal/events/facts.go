package events

import (
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

// factsOf is the one place where the clinical contract becomes what the rules read.
func factsOf(f *clinicalv1.ChartFacts) trigger.Facts {
	s, d, p := f.GetSituation(), f.GetDisposition(), f.GetPatient()
	out := trigger.Facts{
		Response:               interval(f, f.GetIntervals().GetResponse(), "eTimes.03", "eTimes.06"),
		OnScene:                interval(f, f.GetIntervals().GetOnScene(), "eTimes.06", "eTimes.09"),
		CancelledBeforeArrival: f.GetIntervals().GetCancelledBeforeArrival(),

		DispatchPriority: fact(f.GetResponse().GetDispatchPriority()),
		InitialAcuity:    fact(p.GetInitialAcuity()),
		FinalAcuity:      fact(p.GetFinalAcuity()),

		PrimarySymptom:       fact(s.GetPrimarySymptom()),
		OtherSymptoms:        each(s.GetOtherSymptoms(), fact),
		PrimaryImpression:    fact(s.GetPrimaryImpression()),
		SecondaryImpressions: each(s.GetSecondaryImpressions(), fact),
		TraumaHighRisk:       each(s.GetTraumaHighRisk(), fact),
		TraumaModerateRisk:   each(s.GetTraumaModerateRisk(), fact),

		CardiacArrest: fact(f.GetArrest().GetCardiacArrest()),
		Protocols:     each(f.GetProtocols(), fact),

		CareDisposition:        fact(d.GetCare()),
		CrewDisposition:        fact(d.GetCrew()),
		TransportDisposition:   fact(d.GetTransport()),
		TeamActivations:        each(d.GetTeamActivations(), fact),
		IncidentDispositionV34: fact(d.GetIncidentV34()),
		TransportedV34:         d.GetTransported(),
		RefusedV34:             d.GetRefused(),

		Vitals:      each(f.GetVitals(), vitals),
		Medications: each(f.GetMedications(), medication),
		Signatures:  each(f.GetSignatures(), signature),
	}
	if p != nil && p.AgeYears != nil {
		years := int(p.GetAgeYears())
		out.AgeYears = &years
	}
	if p != nil && p.Pediatric != nil {
		under := p.GetPediatric()
		out.Under18 = &under
	}
	return out
}

// interval is known when it has a length and both of its times hold a value: an interval that was closed with another time
// is not the one that the rule is about.
func interval(f *clinicalv1.ChartFacts, i *clinicalv1.Interval, from, to string) trigger.Interval {
	known := i != nil && i.Seconds != nil && !i.GetInvalid() && fact(f.GetTimes()[from]).Known() && fact(f.GetTimes()[to]).Known()
	return trigger.Interval{Seconds: int(i.GetSeconds()), Known: known}
}

func fact(f *clinicalv1.Fact) trigger.Fact {
	out := trigger.Fact{Value: f.GetValue()}
	switch f.GetState() {
	case clinicalv1.Fact_STATE_VALUE:
		out.State = trigger.Value
	case clinicalv1.Fact_STATE_NOT_VALUE:
		out.State = trigger.NotValue
	case clinicalv1.Fact_STATE_PERTINENT_NEGATIVE:
		out.State = trigger.PertinentNegative
	case clinicalv1.Fact_STATE_ABSENT, clinicalv1.Fact_STATE_UNSPECIFIED:
		out.State = trigger.Absent
	}
	return out
}

func vitals(v *clinicalv1.VitalSet) trigger.VitalSet {
	return trigger.VitalSet{
		PriorToCare: fact(v.GetPriorToCare()), Rhythms: each(v.GetRhythms(), fact), StrokeResult: fact(v.GetStrokeResult()),
		Measurements: each([]*clinicalv1.Fact{
			v.GetSystolic(), v.GetDiastolic(), v.GetHeartRate(), v.GetPulseOximetry(), v.GetRespiratoryRate(), v.GetEtco2(),
			v.GetGlucose(), v.GetGcsTotal(), v.GetAvpu(), v.GetPain(),
		}, fact),
	}
}

func medication(m *clinicalv1.Medication) trigger.Medication {
	return trigger.Medication{
		Given: m.GetGiven(), Code: fact(m.GetCode()), Time: fact(m.GetTime()), Route: fact(m.GetRoute()),
		Dose: fact(m.GetDose()), DoseUnit: fact(m.GetDoseUnit()), CrewID: fact(m.GetCrewId()),
	}
}

func signature(s *clinicalv1.Signature) trigger.Signature {
	return trigger.Signature{Signer: fact(s.GetSigner()), Reasons: each(s.GetReasons(), fact), Status: fact(s.GetStatus())}
}

func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, 0, len(in))
	for _, x := range in {
		out = append(out, f(x))
	}
	return out
}
