package rpc

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	reportingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
	"github.com/fusionems/quantum/services/reporting/internal/catalogue"
	"github.com/fusionems/quantum/services/reporting/internal/report"
)

func templateTo(t catalogue.Template, version string) *reportingv1.Template {
	return &reportingv1.Template{
		Id: t.ID, DisplayName: t.DisplayName, Description: t.Description, GroupBy: t.GroupBy, CatalogueVersion: version,
	}
}

func executionTo(e report.Execution) *reportingv1.Execution {
	out := &reportingv1.Execution{
		Id: e.ID.String(), AgencyId: e.AgencyID, Template: e.Template, From: timestamppb.New(e.From), To: timestamppb.New(e.To),
		GroupBy: e.GroupBy, DataAsOf: timestamppb.New(e.Mark.Time), Watermark: e.Mark.Seq,
		N: int32(e.Result.N), Excluded: excludedTo(e.Result.Excluded),
		DefinitionSha256: e.Definition.SHA256, ResultSha256: e.ResultText.SHA256, CatalogueVersion: e.CatalogueVersion,
		ExecutedBy: e.ExecutedBy, AccessReason: e.AccessReason, CreateTime: timestamppb.New(e.CreateTime),
		DurationMs: int32(e.Duration.Milliseconds()), TimeZone: e.TimeZone,
	}
	for _, r := range e.Result.Rows {
		out.Rows = append(out.Rows, &reportingv1.Row{
			Group: r.Group, N: int32(r.N), Excluded: excludedTo(r.Excluded),
			MedianSeconds: r.MedianSeconds, P90Seconds: r.P90Seconds, MeanSeconds: r.MeanSeconds,
			P10Seconds: r.P10Seconds, P25Seconds: r.P25Seconds, P75Seconds: r.P75Seconds,
		})
	}
	return out
}

func excludedTo(list []report.Exclusion) []*reportingv1.Exclusion {
	out := make([]*reportingv1.Exclusion, 0, len(list))
	for _, e := range list {
		out = append(out, &reportingv1.Exclusion{Reason: e.Reason, N: int32(e.N)})
	}
	return out
}

func callFactTo(f report.CallFact) *reportingv1.CallFact {
	out := &reportingv1.CallFact{
		ChartId: f.ChartID.String(), Version: f.Version, AgencyId: f.AgencyID, Seq: f.Seq, ArriveTime: timestamppb.New(f.ArriveTime),
		UnitCallSign: f.UnitCallSign, Priority: f.Priority, CancelledBeforeArrival: f.CancelledBeforeArrival, Transported: f.Transported,
	}
	if f.UnitNotifiedTime != nil {
		out.UnitNotifiedTime = timestamppb.New(*f.UnitNotifiedTime)
	}
	for _, i := range f.Intervals {
		out.Intervals = append(out.Intervals, &reportingv1.CallFact_Interval{Name: i.Name, Seconds: i.Seconds, Invalid: i.Invalid})
	}
	return out
}
