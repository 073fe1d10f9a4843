package rpc

import (
	"context"

	"github.com/google/uuid"

	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
)

// FactsReader reads the facts of one version of a chart, with its incident number.
type FactsReader interface {
	Facts(ctx context.Context, chartID uuid.UUID, version int32) (string, *clinicalv1.ChartFacts, error)
}

// Facts serves ChartFactsService.
type Facts struct {
	clinicalv1.UnimplementedChartFactsServiceServer
	reader FactsReader
}

// NewFacts returns the server of ChartFactsService.
func NewFacts(r FactsReader) *Facts { return &Facts{reader: r} }

// GetChartFacts answers the facts of one version of a chart.
func (s *Facts) GetChartFacts(ctx context.Context, req *clinicalv1.GetChartFactsRequest) (*clinicalv1.GetChartFactsResponse, error) {
	id, err := chartID(ctx, req.GetChartId())
	if err != nil {
		return nil, err
	}
	incident, facts, err := s.reader.Facts(ctx, id, req.GetVersion())
	if err != nil {
		return nil, err
	}
	return &clinicalv1.GetChartFactsResponse{IncidentNumber: incident, Facts: facts}, nil
}
