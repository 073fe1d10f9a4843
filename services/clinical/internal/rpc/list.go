package rpc

import (
	"context"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

// chartQuery is what the pages of one list or search have in common.
type chartQuery struct {
	List   string
	Filter store.Filter
	Query  string
}

// ListCharts lists charts, newest import first.
func (s *Charts) ListCharts(ctx context.Context, req *clinicalv1.ListChartsRequest) (*clinicalv1.ListChartsResponse, error) {
	audit.Target(ctx, "charts")
	f := store.Filter{
		PCRNumber: req.GetPcrNumber(), IncidentNumber: req.GetIncidentNumber(),
		NotifiedFrom: timeOf(req.GetNotifiedFrom()), NotifiedTo: timeOf(req.GetNotifiedTo()),
	}
	p, _ := identity.From(ctx)
	rows, next, err := page.Read(s.pages, p, chartQuery{List: "charts", Filter: f}, req,
		func(after *store.Position, limit int32) ([]store.Chart, error) {
			return s.reader.Charts(ctx, f, after, limit)
		},
		store.Chart.Listed)
	return &clinicalv1.ListChartsResponse{Charts: chartsOf(rows), NextPageToken: next}, err
}

// minBeginning is how much of a number a search takes: one character would answer a good part of all charts.
const minBeginning = 2

// SearchCharts finds charts by the beginning of a number, newest notification first.
func (s *Charts) SearchCharts(ctx context.Context, req *clinicalv1.SearchChartsRequest) (*clinicalv1.SearchChartsResponse, error) {
	audit.Target(ctx, "charts")
	beginning := strings.TrimSpace(req.GetQuery())
	if len([]rune(beginning)) < minBeginning {
		return nil, errs.New(errs.Invalid, "QUERY_TOO_SHORT", "the query is too short",
			errs.WithFields(errs.Field{Field: "query", Rule: "string.min_len", Message: "at least two characters beside spaces"}))
	}
	p, _ := identity.From(ctx)
	rows, next, err := page.Read(s.pages, p, chartQuery{List: "charts:search", Query: beginning}, req,
		func(after *store.Position, limit int32) ([]store.Chart, error) {
			return s.reader.Search(ctx, beginning, after, limit)
		}, store.Chart.Found)
	return &clinicalv1.SearchChartsResponse{Charts: chartsOf(rows), NextPageToken: next}, err
}

func chartsOf(rows []store.Chart) []*clinicalv1.Chart {
	out := make([]*clinicalv1.Chart, len(rows))
	for i := range rows {
		out[i] = chartOf(&rows[i])
	}
	return out
}

func timeOf(t *timestamppb.Timestamp) *time.Time {
	if t == nil {
		return nil
	}
	v := t.AsTime()
	return &v
}
