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
	q, err := queryOf(ctx, req)
	if err != nil {
		return nil, err
	}
	p, _ := identity.From(ctx)
	list, next, err := page.Read(s.pages, p, filtersOf(req), req,
		func(after *review.Position, limit int32) ([]review.Case, error) {
			q.After = after
			return s.cases.List(ctx, q, limit)
		},
		func(c review.Case) *review.Position { return &review.Position{CreateTime: c.CreateTime, ID: c.ID} })
	if err != nil {
		return nil, err
	}
	out := &qav1.ListCasesResponse{NextPageToken: next}
	for _, c := range list {
		out.Cases = append(out.Cases, caseTo(c))
	}
	return out, nil
}

func queryOf(ctx context.Context, req *qav1.ListCasesRequest) (review.Query, error) {
	q := review.Query{
		State: stateFrom(req.GetState()), Priority: priorityFrom(req.GetPriority()), TriggerCode: req.GetTriggerCode(),
	}
	if req.GetChartId() == "" {
		return q, nil
	}
	var err error
	if q.ChartID, err = uuid.Parse(req.GetChartId()); err != nil {
		return q, notUUID("chart_id")
	}
	audit.Target(ctx, "charts/"+q.ChartID.String())
	return q, nil
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
