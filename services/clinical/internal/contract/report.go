package contract

import (
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/chart"
)

// ReportFacts are the times and codes that reports are made of.
func ReportFacts(chartID string, version int32, f *chart.Facts) *clinicalv1.ReportFactsReady {
	out := &clinicalv1.ReportFactsReady{
		ChartId: chartID, Version: version,
		UnitNotifiedTime:       timestamp(f.Times.UnitNotified),
		UnitCallSign:           value(f.Response.CallSign),
		ServiceType:            value(f.Response.ServiceType),
		ResponseMode:           value(f.Response.Mode),
		Priority:               priority(f),
		DispatchReason:         value(f.Dispatch.Complaint),
		UnitDisposition:        value(f.Disposition.Unit),
		TransportDisposition:   value(f.Disposition.Transport),
		CancelledBeforeArrival: f.Derived.CancelledBeforeArrival,
		Transported:            f.Derived.Transport,
		Pediatric:              f.Derived.Pediatric,
	}
	for _, x := range []struct {
		name     string
		interval chart.Interval
		at       **int32
	}{
		{"turnout", f.Intervals.Turnout, &out.TurnoutSeconds},
		{"response", f.Intervals.Response, &out.ResponseSeconds},
		{"systemResponse", f.Intervals.SystemResponse, &out.SystemResponseSeconds},
		{"onScene", onScene(f), &out.OnSceneSeconds},
		{"transport", f.Intervals.Transport, &out.TransportSeconds},
		{"turnaround", f.Intervals.Turnaround, &out.TurnaroundSeconds},
	} {
		*x.at = seconds(x.interval)
		if x.interval.State == chart.Invalid {
			out.InvalidIntervals = append(out.InvalidIntervals, x.name)
		}
	}
	return out
}
