package rpc

import (
	"context"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	"github.com/fusionems/quantum/services/qa/internal/review"
)

// ReasonInvalid is the reason of a request that breaks a rule.
const ReasonInvalid = "REQUEST_INVALID"

// Reader reads cases as the caller.
type Reader interface {
	Get(ctx context.Context, id uuid.UUID) (review.Case, error)
	List(ctx context.Context, q review.Query, limit int32) ([]review.Case, error)
}

// Cases serves CaseService.
type Cases struct {
	qav1.UnimplementedCaseServiceServer
	cases Reader
	pages *page.Sealer
}

// NewCases returns the server of CaseService.
func NewCases(cases Reader, pages *page.Sealer) *Cases { return &Cases{cases: cases, pages: pages} }

// GetCase answers one case.
func (s *Cases) GetCase(ctx context.Context, req *qav1.GetCaseRequest) (*qav1.Case, error) {
	id, err := uuid.Parse(req.GetId())
	if err != nil {
		return nil, notUUID("id")
	}
	audit.Target(ctx, "cases/"+id.String())
	c, err := s.cases.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return caseTo(c), nil
}

// ListCases answers one page of cases.
func (s *Cases) ListCases(ctx context.Context, req *qav1.ListCasesRequest) (*qav1.ListCasesResponse, error) {
	q, size, err := s.query(ctx, req)
	if err != nil {
		return nil, err
	}
	// One more than the page tells whether there is a next one.
	list, err := s.cases.List(ctx, q, size+1)
	if err != nil {
		return nil, err
	}
	return s.pageOf(ctx, req, list, size)
}

func (s *Cases) query(ctx context.Context, req *qav1.ListCasesRequest) (review.Query, int32, error) {
	q := review.Query{
		State: stateFrom(req.GetState()), Priority: priorityFrom(req.GetPriority()), TriggerCode: req.GetTriggerCode(),
	}
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return q, 0, err
	}
	if req.GetChartId() != "" {
		if q.ChartID, err = uuid.Parse(req.GetChartId()); err != nil {
			return q, 0, notUUID("chart_id")
		}
		audit.Target(ctx, "charts/"+q.ChartID.String())
	}
	p, _ := identity.From(ctx)
	var after review.Position
	more, err := s.pages.Open(p, filtersOf(req), req.GetPageToken(), &after)
	if more {
		q.After = &after
	}
	return q, size, err
}

func (s *Cases) pageOf(ctx context.Context, req *qav1.ListCasesRequest, list []review.Case, size int32) (*qav1.ListCasesResponse, error) {
	out := &qav1.ListCasesResponse{}
	if len(list) > int(size) {
		list = list[:size]
		last := list[size-1]
		p, _ := identity.From(ctx)
		token, err := s.pages.Seal(p, filtersOf(req), review.Position{CreateTime: last.CreateTime, ID: last.ID})
		if err != nil {
			return nil, err
		}
		out.NextPageToken = token
	}
	for _, c := range list {
		out.Cases = append(out.Cases, caseTo(c))
	}
	return out, nil
}

// filters are what a page token is bound to: a token of one list does not open another.
type filters struct{ Method, Chart, State, Trigger, Priority string }

func filtersOf(req *qav1.ListCasesRequest) filters {
	return filters{
		Method: qav1.CaseService_ListCases_FullMethodName, Chart: req.GetChartId(), State: req.GetState().String(),
		Trigger: req.GetTriggerCode(), Priority: req.GetPriority().String(),
	}
}

func notUUID(field string) error {
	return errs.New(errs.Invalid, ReasonInvalid, "the request breaks a rule",
		errs.WithFields(errs.Field{Field: field, Rule: "string.uuid", Message: "a UUID"}))
}
