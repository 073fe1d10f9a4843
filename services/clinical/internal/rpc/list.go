package rpc

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

// listQuery is a decoded ListCharts request. bind is what the next page must have in common with this one.
type listQuery struct {
	filter store.Filter
	after  *store.Position
	size   int32
	bind   any
}

func (s *Charts) listQuery(p identity.Principal, req *clinicalv1.ListChartsRequest) (*listQuery, error) {
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	q := &listQuery{size: size, filter: store.Filter{
		PCRNumber: req.GetPcrNumber(), IncidentNumber: req.GetIncidentNumber(),
		NotifiedFrom: timeOf(req.GetNotifiedFrom()), NotifiedTo: timeOf(req.GetNotifiedTo()),
	}}
	q.bind = struct {
		List   string
		Filter store.Filter
	}{"charts", q.filter}
	var at store.Position
	more, err := s.pages.Open(p, q.bind, req.GetPageToken(), &at)
	if more {
		q.after = &at
	}
	return q, err
}

// listResponse gets one row more than the page when there is a next one.
func (s *Charts) listResponse(p identity.Principal, q *listQuery, rows []store.Chart) (*clinicalv1.ListChartsResponse, error) {
	res := &clinicalv1.ListChartsResponse{}
	if len(rows) > int(q.size) {
		rows = rows[:q.size]
		last := rows[len(rows)-1]
		token, err := s.pages.Seal(p, q.bind, store.Position{Time: last.ImportTime, ID: last.ID})
		if err != nil {
			return nil, err
		}
		res.NextPageToken = token
	}
	for i := range rows {
		res.Charts = append(res.Charts, chartOf(&rows[i]))
	}
	return res, nil
}

func timeOf(t *timestamppb.Timestamp) *time.Time {
	if t == nil {
		return nil
	}
	v := t.AsTime()
	return &v
}
