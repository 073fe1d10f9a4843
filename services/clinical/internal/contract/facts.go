package contract

import (
	"fmt"
	"math"

	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/chart"
)

// Facts are what readers of a chart and other services are given.
func Facts(f *chart.Facts) *clinicalv1.ChartFacts {
	return &clinicalv1.ChartFacts{
		Times:       times(&f.Times),
		Intervals:   intervals(f),
		Response:    response(f),
		Patient:     patient(f),
		Situation:   situation(f),
		Arrest:      arrest(&f.Arrest),
		Disposition: disposition(f),
		Crew:        crew(f.Crew),
		Vitals:      vitals(f.Vitals),
		Medications: medications(f.Medications),
		Procedures:  procedures(f.Procedures),
		Protocols:   protocols(f.Protocols),
		Signatures:  signatures(f.Signatures),
	}
}

func times(t *chart.Times) map[string]*clinicalv1.Fact {
	list := []chart.Time{
		t.PSAPCall, t.DispatchNotified, t.UnitNotified, t.DispatchAcknowledged, t.EnRoute, t.ArrivedScene, t.ArrivedPatient,
		t.TransferOfCare, t.LeftScene, t.ArrivedLandingArea, t.ArrivedDestination, t.DestinationTransfer, t.BackInService,
		t.Canceled, t.BackHome, t.CallCompleted, t.ArrivedStaging,
	}
	out := make(map[string]*clinicalv1.Fact, len(list))
	for i, x := range list {
		out[fmt.Sprintf("eTimes.%02d", i+1)] = when(x)
	}
	return out
}

func intervals(f *chart.Facts) *clinicalv1.Intervals {
	i := &f.Intervals
	return &clinicalv1.Intervals{
		Turnout:                interval(i.Turnout),
		Response:               interval(i.Response),
		SystemResponse:         interval(i.SystemResponse),
		PatientAccess:          interval(i.PatientAccess),
		OnScene:                interval(onScene(f)),
		Transport:              interval(i.Transport),
		Turnaround:             interval(i.Turnaround),
		CancelledBeforeArrival: f.Derived.CancelledBeforeArrival,
	}
}

// onScene is strictly eTimes.06 to .09. The chart's own scene interval falls back to the end of the call where nobody was
// transported, which would judge a crew by its paperwork.
func onScene(f *chart.Facts) chart.Interval {
	if _, left := f.Times.LeftScene.Get(); !left {
		return chart.Interval{}
	}
	return f.Intervals.Scene
}

func interval(i chart.Interval) *clinicalv1.Interval {
	return &clinicalv1.Interval{Seconds: seconds(i), Invalid: i.State == chart.Invalid}
}

// seconds fits an int32: an interval of more than 24 hours is invalid.
func seconds(i chart.Interval) *int32 {
	if i.State != chart.Known {
		return nil
	}
	s := int32(i.Duration.Seconds())
	return &s
}

func response(f *chart.Facts) *clinicalv1.Response {
	return &clinicalv1.Response{
		ServiceType:      code(f.Response.ServiceType),
		UnitCapability:   code(f.Response.Capability),
		Mode:             code(f.Response.Mode),
		DispatchReason:   code(f.Dispatch.Complaint),
		DispatchPriority: code(f.Dispatch.Priority),
		VehicleNumber:    code(f.Response.VehicleNumber),
		CallSign:         code(f.Response.CallSign),
		Priority:         priority(f),
	}
}

// Codes of eDispatch.05 and eSituation.13 that decide the priority.
const (
	dispatchCritical = "2305001"
	dispatchEmergent = "2305003"
	acuityCritical   = "2813001"
	acuityEmergent   = "2813003"
)

// priority is critical, high or standard, by what dispatch or the crew called it, whichever is higher.
func priority(f *chart.Facts) string {
	switch {
	case chart.Is(f.Dispatch.Priority, dispatchCritical), chart.Is(f.Situation.InitialAcuity, acuityCritical):
		return "critical"
	case chart.Is(f.Dispatch.Priority, dispatchEmergent), chart.Is(f.Situation.InitialAcuity, acuityEmergent):
		return "high"
	default:
		return "standard"
	}
}

func patient(f *chart.Facts) *clinicalv1.Patient {
	p := &clinicalv1.Patient{
		Pediatric:     f.Derived.Pediatric,
		InitialAcuity: code(f.Situation.InitialAcuity),
		FinalAcuity:   code(f.Disposition.FinalAcuity),
	}
	if y := f.Derived.AgeYears; y != nil {
		completed := int32(math.Floor(*y))
		p.AgeYears = &completed
	}
	return p
}

func situation(f *chart.Facts) *clinicalv1.Situation {
	s := &f.Situation
	return &clinicalv1.Situation{
		PossibleInjury:       code(s.PossibleInjury),
		PrimaryImpression:    code(s.PrimaryImpression),
		SecondaryImpressions: codes(s.SecondaryImpressions),
		PrimarySymptom:       code(s.PrimarySymptom),
		OtherSymptoms:        codes(s.OtherSymptoms),
		TraumaHighRisk:       codes(f.Injury.HighRisk),
		TraumaModerateRisk:   codes(f.Injury.ModerateRisk),
	}
}

func arrest(a *chart.Arrest) *clinicalv1.Arrest {
	return &clinicalv1.Arrest{
		CardiacArrest: code(a.CardiacArrest),
		Etiology:      code(a.Etiology),
		Resuscitation: codes(a.Resuscitation),
		FirstRhythm:   code(a.FirstRhythm),
		Rosc:          codes(a.ROSC),
		StopReason:    code(a.DiscontinuedReason),
		EndOfEvent:    code(a.EndOfEvent),
	}
}

func disposition(f *chart.Facts) *clinicalv1.Disposition {
	d := &f.Disposition
	out := &clinicalv1.Disposition{
		Unit:            code(d.Unit),
		Care:            code(d.Care),
		Crew:            code(d.Crew),
		Transport:       code(d.Transport),
		RefusalReasons:  codes(d.RefusalReasons),
		LevelOfCare:     code(d.LevelOfCare),
		IncidentV34:     code(d.Incident34),
		TransportMethod: code(d.TransportMethod),
		DestinationType: code(d.DestinationType),
		Transported:     f.Derived.Transport,
		Refused:         f.Derived.Refusal,
	}
	for _, t := range d.TeamActivations {
		out.TeamActivations = append(out.TeamActivations, code(t.Team))
	}
	return out
}
