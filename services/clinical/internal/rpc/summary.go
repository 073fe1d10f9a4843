package rpc

import (
	"context"
	"time"

	"google.golang.org/genproto/googleapis/type/date"

	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/period"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

// GetChartSummary counts the charts of a period by the day of their import.
func (s *Charts) GetChartSummary(ctx context.Context, req *clinicalv1.GetChartSummaryRequest) (*clinicalv1.ChartSummary, error) {
	p, err := period.Parse(req.GetFromDate(), req.GetToDate(), req.GetTimeZone(), s.clock.Now())
	if err != nil {
		return nil, err
	}
	counts, err := s.reader.Counts(ctx, p)
	if err != nil {
		return nil, err
	}
	return summaryOf(p, counts), nil
}

func summaryOf(p period.Period, counts *store.Counts) *clinicalv1.ChartSummary {
	out := &clinicalv1.ChartSummary{
		FromDate: dateOf(p.From()), ToDate: dateOf(p.Bounds[p.Days()-1]), TimeZone: p.Zone, LastImportTime: timestampOf(counts.LastImport),
	}
	for i, c := range counts.Days {
		out.Charts += c.Charts
		out.WithFindings += c.WithFindings
		out.Days = append(out.Days, &clinicalv1.ChartSummary_Day{Date: dateOf(p.Bounds[i]), Charts: c.Charts, WithFindings: c.WithFindings})
	}
	return out
}

func dateOf(t time.Time) *date.Date {
	return &date.Date{Year: int32(t.Year()), Month: int32(t.Month()), Day: int32(t.Day())}
}
