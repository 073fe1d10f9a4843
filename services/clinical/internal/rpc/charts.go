package rpc

import (
	"context"
	"mime"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	"github.com/fusionems/quantum/pkg/rpc"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/intake"
	"github.com/fusionems/quantum/services/clinical/internal/period"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

// Importer imports documents.
type Importer interface {
	Import(ctx context.Context, agencyID int64, data []byte) ([]intake.Imported, error)
}

// ChartReader reads charts as the caller may see them.
type ChartReader interface {
	Charts(ctx context.Context, f store.Filter, after *store.Position, limit int32) ([]store.Chart, error)
	Search(ctx context.Context, beginning string, after *store.Position, limit int32) ([]store.Chart, error)
	Counts(ctx context.Context, p period.Period) (*store.Counts, error)
	Chart(ctx context.Context, id uuid.UUID) (*store.Chart, error)
	Document(ctx context.Context, id uuid.UUID, version int32) ([]byte, error)
}

// Charts serves ChartService.
type Charts struct {
	clinicalv1.UnimplementedChartServiceServer
	importer Importer
	reader   ChartReader
	pages    *page.Sealer
	clock    clock.Clock
}

// NewCharts returns the server of ChartService.
func NewCharts(i Importer, r ChartReader, pages *page.Sealer, c clock.Clock) *Charts {
	return &Charts{importer: i, reader: r, pages: pages, clock: c}
}

const contentType = "application/xml"

// ImportCharts imports one NEMSIS document.
func (s *Charts) ImportCharts(ctx context.Context, req *clinicalv1.ImportChartsRequest) (*clinicalv1.ImportChartsResponse, error) {
	if err := checkContentType(req.GetDocument()); err != nil {
		return nil, err
	}
	p, _ := identity.From(ctx)
	imported, err := s.importer.Import(ctx, p.AgencyID, req.GetDocument().GetData())
	if err != nil {
		return nil, err
	}
	if err := setHTTPCode(ctx, imported); err != nil {
		return nil, err
	}
	return importResponse(p.AgencyID, imported), nil
}

// checkContentType lets a document without a type pass: the reader refuses what is not XML anyway.
func checkContentType(body *httpbody.HttpBody) error {
	if body.GetContentType() == "" {
		return nil
	}
	if t, _, err := mime.ParseMediaType(body.GetContentType()); err == nil && (t == contentType || t == "text/xml") {
		return nil
	}
	return errs.New(errs.Invalid, intake.ReasonInvalid, "the body must be a NEMSIS document as application/xml", errs.WithFields(
		errs.Field{Field: "document.content_type", Rule: "nemsis.content_type", Message: "send Content-Type: application/xml"}))
}

// setHTTPCode answers 201 when something new was stored, 200 when everything was there.
func setHTTPCode(ctx context.Context, imported []intake.Imported) error {
	code := "200"
	for _, i := range imported {
		if i.Changed {
			code = "201"
		}
	}
	return grpc.SetHeader(ctx, metadata.Pairs(rpc.HeaderHTTPCode, code))
}

// GetChart reads one chart with its facts.
func (s *Charts) GetChart(ctx context.Context, req *clinicalv1.GetChartRequest) (*clinicalv1.Chart, error) {
	id, err := chartID(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	c, err := s.reader.Chart(ctx, id)
	if err != nil {
		return nil, err
	}
	return chartOf(c), nil
}

// GetChartNemsis returns the document of a chart.
func (s *Charts) GetChartNemsis(ctx context.Context, req *clinicalv1.GetChartNemsisRequest) (*httpbody.HttpBody, error) {
	id, err := chartID(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	doc, err := s.reader.Document(ctx, id, req.GetVersion())
	if err != nil {
		return nil, err
	}
	return &httpbody.HttpBody{ContentType: contentType, Data: doc}, nil
}

// chartID parses an id and names the chart in the audit record.
func chartID(ctx context.Context, text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return id, errs.New(errs.Invalid, "CHART_ID_INVALID", "a chart id is a UUID",
			errs.WithFields(errs.Field{Field: "id", Rule: "string.uuid", Message: "a chart id as lists show it"}))
	}
	audit.Target(ctx, "charts/"+id.String())
	return id, nil
}
