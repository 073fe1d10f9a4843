package rpc

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/api/httpbody"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	"github.com/fusionems/quantum/pkg/rpc"
	reportingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/reporting/v1"
	"github.com/fusionems/quantum/services/reporting/internal/catalogue"
	"github.com/fusionems/quantum/services/reporting/internal/export"
	"github.com/fusionems/quantum/services/reporting/internal/report"
)

// Reports is the use case behind the service.
type Reports interface {
	Templates() (list []catalogue.Template, version string)
	Run(ctx context.Context, r report.Request) (report.Execution, error)
	Get(ctx context.Context, id uuid.UUID) (report.Execution, error)
	List(ctx context.Context, f report.Filter, before uuid.UUID, limit int) ([]report.Execution, error)
	CallFact(ctx context.Context, chartID uuid.UUID) (report.CallFact, error)
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
	p, _ := identity.From(ctx)
	all, version := s.reports.Templates()
	list, next, err := page.Read(s.pages, p, listQuery{List: "reporting.templates"}, req,
		func(after string, limit int32) ([]catalogue.Template, error) {
			return templatesAfter(all, after, int(limit)), nil
		},
		func(t catalogue.Template) string { return t.ID })
	if err != nil {
		return nil, err
	}
	out := &reportingv1.ListTemplatesResponse{NextPageToken: next}
	for _, t := range list {
		out.Templates = append(out.Templates, templateTo(t, version))
	}
	return out, nil
}

func templatesAfter(all []catalogue.Template, after string, limit int) []catalogue.Template {
	start := slices.IndexFunc(all, func(t catalogue.Template) bool { return t.ID > after })
	if start < 0 {
		return nil
	}
	return all[start:min(start+limit, len(all))]
}

// RunTemplate runs a template and answers the execution.
func (s *Server) RunTemplate(ctx context.Context, req *reportingv1.RunTemplateRequest) (*reportingv1.Execution, error) {
	e, err := s.reports.Run(ctx, report.Request{
		Template: req.GetTemplate(), From: req.GetFrom(), To: req.GetTo(), GroupBy: req.GetGroupBy(), TimeZone: req.GetTimeZone(),
	})
	if err != nil {
		return nil, err
	}
	return executionTo(e), nil
}

// GetExecution answers an execution as it was.
func (s *Server) GetExecution(ctx context.Context, req *reportingv1.GetExecutionRequest) (*reportingv1.Execution, error) {
	e, err := s.execution(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return executionTo(e), nil
}

// ExportExecution answers an execution as a file.
func (s *Server) ExportExecution(ctx context.Context, req *reportingv1.ExportExecutionRequest) (*httpbody.HttpBody, error) {
	e, err := s.execution(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	f, err := export.Write(e, req.GetFormat())
	if err != nil {
		return nil, err
	}
	if err := rpc.Attachment(ctx, f.Name); err != nil {
		return nil, err
	}
	return &httpbody.HttpBody{ContentType: f.ContentType, Data: f.Data}, nil
}

// GetCallFact answers what reports read of one chart.
func (s *Server) GetCallFact(ctx context.Context, req *reportingv1.GetCallFactRequest) (*reportingv1.CallFact, error) {
	id, err := idOf("chart_id", req.GetChartId())
	if err != nil {
		return nil, err
	}
	audit.Target(ctx, "charts/"+id.String())
	f, err := s.reports.CallFact(ctx, id)
	if err != nil {
		return nil, err
	}
	return callFactTo(f), nil
}

func (s *Server) execution(ctx context.Context, text string) (report.Execution, error) {
	id, err := idOf("id", text)
	if err != nil {
		return report.Execution{}, err
	}
	audit.Target(ctx, report.Name(id))
	return s.reports.Get(ctx, id)
}

func idOf(field, text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return id, errs.New(errs.Invalid, "INVALID_ARGUMENT", field+" must be a UUID",
			errs.WithFields(errs.Field{Field: field, Rule: "string.uuid", Message: "must be a UUID"}))
	}
	return id, nil
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
