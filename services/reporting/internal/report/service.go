package report

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/services/reporting/internal/catalogue"
)

// Execution is one run of a template with its answer.
type Execution struct {
	ID uuid.UUID
	// AgencyID is 0 for a run across agencies.
	AgencyID   int64
	Template   string
	From, To   time.Time
	GroupBy    string
	TimeZone   string
	Mark       Mark
	Definition Text
	// ResultText is what was hashed; Result is the same, read.
	ResultText       Text
	Result           Result
	CatalogueVersion string
	ExecutedBy       string
	AccessReason     string
	CreateTime       time.Time
	Duration         time.Duration
}

// ReadDefinition fills in what only the stored definition says.
func (e *Execution) ReadDefinition() error {
	d, err := definitionOf(e.Definition.Canonical, e.From, e.To)
	e.TimeZone = d.TimeZone
	return err
}

// Text is canonical JSON with its SHA-256.
type Text struct{ Canonical, SHA256 string }

// Mark is a place in the order in which facts arrived.
type Mark struct {
	Seq int64
	// Time is when the last fact up to the mark arrived; the time of the run when there is none.
	Time time.Time
}

// CallFact is what reports read of one version of a chart.
type CallFact struct {
	ChartID                uuid.UUID
	Version                int32
	AgencyID               int64
	Seq                    int64
	ArriveTime             time.Time
	UnitNotifiedTime       *time.Time
	UnitCallSign, Priority string
	Intervals              []Interval
	CancelledBeforeArrival bool
	Transported            bool
}

// Interval is one measured time of a call; Seconds is nil when it is not known.
type Interval struct {
	Name    string
	Seconds *int32
	Invalid bool
}

// Filter of a list of executions; zero values do not filter.
type Filter struct{ Template string }

// Facts computes answers as the caller sees the facts.
type Facts interface {
	// Latest is the latest mark; its Seq is 0 while there are no facts.
	Latest(ctx context.Context) (Mark, error)
	// ComputeAt answers by the facts up to a mark: always the same, whatever arrived since.
	ComputeAt(ctx context.Context, d Definition, mark int64) (Result, error)
	// OfChart is the newest version of a chart's facts.
	OfChart(ctx context.Context, chartID uuid.UUID) (CallFact, error)
}

// Executions keeps runs.
type Executions interface {
	// Insert keeps a run of one agency, or of the platform when the agency is 0.
	Insert(ctx context.Context, e Execution) error
	Get(ctx context.Context, id uuid.UUID) (Execution, error)
	List(ctx context.Context, f Filter, before uuid.UUID, limit int) ([]Execution, error)
}

// Service runs templates.
type Service struct {
	catalogue  *catalogue.Catalogue
	facts      Facts
	executions Executions
	now        func() time.Time
}

// New returns the service.
func New(c *catalogue.Catalogue, f Facts, e Executions, now func() time.Time) *Service {
	return &Service{catalogue: c, facts: f, executions: e, now: now}
}

// Templates are all templates, by id, with the version of their catalogue.
func (s *Service) Templates() ([]catalogue.Template, string) {
	return s.catalogue.Templates, s.catalogue.Version
}

// Run computes the answer as the caller and keeps it.
func (s *Service) Run(ctx context.Context, r Request) (Execution, error) {
	p, ok := identity.From(ctx)
	if !ok {
		return Execution{}, errs.New(errs.Internal, "NO_PRINCIPAL", "no principal in the context of a report")
	}
	start := toMicrosecond(s.now())
	agencyID := p.AgencyID
	if p.CrossAgency {
		agencyID = 0
	}
	d, err := define(s.catalogue, r, agencyID)
	if err != nil {
		return Execution{}, err
	}
	mark, err := s.facts.Latest(ctx)
	if err != nil {
		return Execution{}, err
	}
	if mark.Seq == 0 {
		mark.Time = start
	}
	result, err := s.facts.ComputeAt(ctx, d, mark.Seq)
	if err != nil {
		return Execution{}, err
	}
	e := Execution{
		AgencyID: agencyID, Template: d.Template, From: d.from, To: d.to, GroupBy: d.GroupBy, TimeZone: d.TimeZone, Mark: mark, Result: result,
		CatalogueVersion: d.CatalogueVersion, ExecutedBy: p.Subject, AccessReason: p.AccessReason, CreateTime: start,
	}
	if e.ID, err = uuid.NewV7(); err != nil {
		return Execution{}, err
	}
	if e.Definition.Canonical, e.Definition.SHA256, err = Canonical(d); err != nil {
		return Execution{}, err
	}
	if e.ResultText.Canonical, e.ResultText.SHA256, err = Canonical(result); err != nil {
		return Execution{}, err
	}
	e.Duration = max(s.now().Sub(start), 0).Truncate(time.Millisecond)
	return e, s.executions.Insert(writer(ctx, p), e)
}

// writer is the caller as the one who keeps the run. Across agencies a transaction only reads; the run itself belongs to
// the platform, and is written outside of any agency.
func writer(ctx context.Context, p identity.Principal) context.Context {
	if !p.CrossAgency {
		return ctx
	}
	p.CrossAgency, p.AgencyID = false, 0
	return identity.With(ctx, p)
}

// CallFact is what reports read of one chart.
func (s *Service) CallFact(ctx context.Context, chartID uuid.UUID) (CallFact, error) {
	return s.facts.OfChart(ctx, chartID)
}

// Get reads a run with its answer.
func (s *Service) Get(ctx context.Context, id uuid.UUID) (Execution, error) {
	return s.executions.Get(ctx, id)
}

// List reads runs, newest first.
func (s *Service) List(ctx context.Context, f Filter, before uuid.UUID, limit int) ([]Execution, error) {
	return s.executions.List(ctx, f, before, limit)
}

// Name is the resource name of a run.
func Name(id uuid.UUID) string { return "executions/" + id.String() }
