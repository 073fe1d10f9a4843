package rpc

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/intake"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

func importResponse(agencyID int64, imported []intake.Imported) *clinicalv1.ImportChartsResponse {
	res := &clinicalv1.ImportChartsResponse{}
	for i := range imported {
		c := &imported[i]
		res.Charts = append(res.Charts, &clinicalv1.Chart{
			Id: c.ChartID.String(), AgencyId: agencyID, PcrNumber: c.Facts.Key.PCRNumber, IncidentNumber: c.IncidentNumber(),
			NemsisVersion: c.NEMSISVersion, Version: c.Version, ImportTime: timestamppb.New(c.ImportTime),
			UnitCallSign: c.UnitCallSign(), UnitNotifiedTime: timestampOf(c.UnitNotified()), Findings: findingsOf(c.Stored.Findings),
		})
	}
	return res
}

func chartOf(c *store.Chart) *clinicalv1.Chart {
	return &clinicalv1.Chart{
		Id: c.ID.String(), AgencyId: c.AgencyID, PcrNumber: c.PCRNumber, IncidentNumber: c.IncidentNumber,
		NemsisVersion: c.NEMSISVersion, Version: c.Version, ImportTime: timestamppb.New(c.ImportTime),
		UnitCallSign: c.UnitCallSign, UnitNotifiedTime: timestampOf(c.UnitNotifiedTime),
		Findings: findingsOf(c.Findings), Facts: c.Facts,
	}
}

func timestampOf(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return timestamppb.New(*t)
}

func findingsOf(list []intake.Finding) []*clinicalv1.Finding {
	out := make([]*clinicalv1.Finding, len(list))
	for i, f := range list {
		out[i] = &clinicalv1.Finding{
			Severity: clinicalv1.Finding_SEVERITY_WARNING, Element: f.Element, Line: int32(f.Line), Rule: f.Rule, Message: f.Message,
		}
	}
	return out
}

func personnelOf(p *store.Personnel) *clinicalv1.Personnel {
	return &clinicalv1.Personnel{Subject: p.Subject, CrewIds: p.CrewIDs, UpdateTime: timestamppb.New(p.UpdateTime)}
}
