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
	Search(ctx context.Context, text string, after *review.Position, limit int32) ([]review.Case, error)
	History(ctx context.Context, id uuid.UUID) ([]review.Change, error)
	Summary(ctx context.Context) (review.Summary, error)
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
		review.PositionOf)
	if err != nil {
		return nil, err
	}
	return &qav1.ListCasesResponse{Cases: casesTo(list), NextPageToken: next}, nil
}

// SearchCases answers one page of the cases whose incident number begins with the text.
func (s *Cases) SearchCases(ctx context.Context, req *qav1.SearchCasesRequest) (*qav1.SearchCasesResponse, error) {
	p, _ := identity.From(ctx)
	search := filters{Method: qav1.CaseService_SearchCases_FullMethodName, Text: req.GetQuery()}
	list, next, err := page.Read(s.pages, p, search, req,
		func(after *review.Position, limit int32) ([]review.Case, error) {
			return s.cases.Search(ctx, req.GetQuery(), after, limit)
		},
		review.PositionOf)
	if err != nil {
		return nil, err
	}
	return &qav1.SearchCasesResponse{Cases: casesTo(list), NextPageToken: next}, nil
}

// GetCaseHistory answers what became of a case.
func (s *Cases) GetCaseHistory(ctx context.Context, req *qav1.GetCaseHistoryRequest) (*qav1.CaseHistory, error) {
	id, err := uuid.Parse(req.GetId())
	if err != nil {
		return nil, notUUID("id")
	}
	audit.Target(ctx, "cases/"+id.String())
	changes, err := s.cases.History(ctx, id)
	if err != nil {
		return nil, err
	}
	return historyTo(changes), nil
}

// GetCaseSummary answers how many cases wait.
func (s *Cases) GetCaseSummary(ctx context.Context, _ *qav1.GetCaseSummaryRequest) (*qav1.CaseSummary, error) {
	summary, err := s.cases.Summary(ctx)
	if err != nil {
		return nil, err
	}
	return summaryTo(summary), nil
}

func queryOf(ctx context.Context, req *qav1.ListCasesRequest) (review.Query, error) {
	q := review.Query{
		State: stateFrom(req.GetState()), Priority: priorityFrom(req.GetPriority()), TriggerCode: req.GetTriggerCode(),
		Order: orderFrom(req.GetOrderBy()),
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
type filters struct{ Method, Chart, State, Trigger, Priority, Order, Text string }

func filtersOf(req *qav1.ListCasesRequest) filters {
	return filters{
		Method: qav1.CaseService_ListCases_FullMethodName, Chart: req.GetChartId(), State: req.GetState().String(),
		Trigger: req.GetTriggerCode(), Priority: req.GetPriority().String(), Order: string(orderFrom(req.GetOrderBy())),
	}
}

func notUUID(field string) error {
	return errs.New(errs.Invalid, ReasonInvalid, "the request breaks a rule",
		errs.WithFields(errs.Field{Field: field, Rule: "string.uuid", Message: "a UUID"}))
}
