package rpc

import (
	"context"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	reportingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
	"github.com/fusionems/quantum/services/reporting/internal/catalogue"
	"github.com/fusionems/quantum/services/reporting/internal/report"
)

// Reports is the use case behind the service.
type Reports interface {
	Templates() (list []catalogue.Template, version string)
	Run(ctx context.Context, r report.Request) (report.Execution, error)
	Get(ctx context.Context, id uuid.UUID) (report.Execution, error)
	List(ctx context.Context, f report.Filter, before uuid.UUID, limit int) ([]report.Execution, error)
}

// Server answers ReportService.
type Server struct {
	reportingv1.UnimplementedReportServiceServer
	reports Reports
	pages   *page.Sealer
}

// New returns a server.
func New(reports Reports, pages *page.Sealer) *Server { return &Server{reports: reports, pages: pages} }

// listQuery is what a page token is bound to, besides its caller.
type listQuery struct{ List, Template string }

// ListTemplates answers the templates, by id.
func (s *Server) ListTemplates(ctx context.Context, req *reportingv1.ListTemplatesRequest) (*reportingv1.ListTemplatesResponse, error) {
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	p, _ := identity.From(ctx)
	query := listQuery{List: "reporting.templates"}
	var after string
	if _, err := s.pages.Open(p, query, req.GetPageToken(), &after); err != nil {
		return nil, err
	}
	list, version := s.reports.Templates()
	out := &reportingv1.ListTemplatesResponse{}
	for _, t := range list {
		if t.ID <= after {
			continue
		}
		if len(out.Templates) == int(size) {
			out.NextPageToken, err = s.pages.Seal(p, query, out.Templates[size-1].GetId())
			return out, err
		}
		out.Templates = append(out.Templates, templateTo(t, version))
	}
	return out, nil
}

// RunTemplate runs a template and answers the execution.
func (s *Server) RunTemplate(ctx context.Context, req *reportingv1.RunTemplateRequest) (*reportingv1.Execution, error) {
	e, err := s.reports.Run(ctx, report.Request{
		Template: req.GetTemplate(), From: req.GetFrom(), To: req.GetTo(), GroupBy: req.GetGroupBy(),
	})
	if err != nil {
		return nil, err
	}
	return executionTo(e), nil
}

// GetExecution answers an execution as it was.
func (s *Server) GetExecution(ctx context.Context, req *reportingv1.GetExecutionRequest) (*reportingv1.Execution, error) {
	id, err := uuid.Parse(req.GetId())
	if err != nil {
		return nil, errs.New(errs.Invalid, "INVALID_ARGUMENT", "id must be a UUID",
			errs.WithFields(errs.Field{Field: "id", Rule: "string.uuid", Message: "must be a UUID"}))
	}
	audit.Target(ctx, report.Name(id))
	e, err := s.reports.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return executionTo(e), nil
}

// ListExecutions answers executions without rows, newest first.
func (s *Server) ListExecutions(ctx context.Context, req *reportingv1.ListExecutionsRequest) (*reportingv1.ListExecutionsResponse, error) {
	p, _ := identity.From(ctx)
	list, next, err := page.Read(s.pages, p, listQuery{List: "reporting.executions", Template: req.GetTemplate()}, req,
		func(before uuid.UUID, limit int32) ([]report.Execution, error) {
			return s.reports.List(ctx, report.Filter{Template: req.GetTemplate()}, before, int(limit))
		},
		func(e report.Execution) uuid.UUID { return e.ID })
	if err != nil {
		return nil, err
	}
	out := &reportingv1.ListExecutionsResponse{NextPageToken: next}
	for _, e := range list {
		x := executionTo(e)
		x.Rows = nil
		out.Executions = append(out.Executions, x)
	}
	return out, nil
}
