package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/intake"
	"github.com/fusionems/quantum/services/clinical/internal/layout"
	"github.com/fusionems/quantum/services/clinical/internal/store/dbsqlc"
)

// ReasonNotFound is also the answer for a chart that the caller may not see.
const ReasonNotFound = "CHART_NOT_FOUND"

// Chart is a chart as lists show it; Facts are set by Chart only.
type Chart struct {
	AgencyID         int64
	ID               uuid.UUID
	PCRNumber        string
	IncidentNumber   string
	NEMSISVersion    string
	Version          int32
	ImportTime       time.Time
	UnitCallSign     string
	UnitNotifiedTime *time.Time
	Findings         []intake.Finding
	Facts            *clinicalv1.ChartFacts
}

// Position is where a page ends.
type Position struct {
	Time time.Time
	ID   uuid.UUID
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	PCRNumber      string
	IncidentNumber string
	NotifiedFrom   *time.Time
	NotifiedTo     *time.Time
}

// Charts lists what the caller may see, newest import first, after a position.
func (s *Store) Charts(ctx context.Context, f Filter, after *Position, limit int32) ([]Chart, error) {
	arg := dbsqlc.ListChartsParams{
		PcrNumber: optional(f.PCRNumber), IncidentNumber: optional(f.IncidentNumber),
		NotifiedFrom: f.NotifiedFrom, NotifiedTo: f.NotifiedTo, RowLimit: limit,
	}
	if after != nil {
		arg.AfterTime = &after.Time
		arg.AfterID.Bytes, arg.AfterID.Valid = after.ID, true
	}
	var rows []dbsqlc.ListChartsRow
	err := s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		rows, err = s.q.ListCharts(ctx, tx, arg)
		return err
	})
	if err != nil {
		return nil, err
	}
	return chartsOf(rows)
}

func chartsOf(rows []dbsqlc.ListChartsRow) ([]Chart, error) {
	out := make([]Chart, len(rows))
	for i, r := range rows {
		out[i] = Chart{
			AgencyID: r.AgencyID, ID: r.ID, PCRNumber: r.PcrNumber, IncidentNumber: r.IncidentNumber,
			NEMSISVersion: r.NemsisVersion, Version: r.Version, ImportTime: r.ImportTime,
			UnitCallSign: r.UnitCallSign, UnitNotifiedTime: r.UnitNotifiedTime,
		}
		if err := json.Unmarshal(r.Findings, &out[i].Findings); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Chart reads one chart with the facts of its current version.
func (s *Store) Chart(ctx context.Context, id uuid.UUID) (*Chart, error) {
	var r dbsqlc.GetChartRow
	err := s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = s.q.GetChart(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, notFound(err)
	}
	c := &Chart{
		AgencyID: r.AgencyID, ID: r.ID, PCRNumber: r.PcrNumber, IncidentNumber: r.IncidentNumber,
		NEMSISVersion: r.NemsisVersion, Version: r.Version, ImportTime: r.ImportTime,
		UnitCallSign: r.UnitCallSign, UnitNotifiedTime: r.UnitNotifiedTime,
	}
	if err := json.Unmarshal(r.Findings, &c.Findings); err != nil {
		return nil, err
	}
	c.Facts, err = s.facts(ctx, keyID{r.AgencyID, r.KeyVersion}, r.Wrapped, factsRecord(r.ID, r.Version), r.SealedFacts)
	return c, err
}

// Facts reads the facts of one version of a chart, with its incident number.
func (s *Store) Facts(ctx context.Context, chartID uuid.UUID, version int32) (string, *clinicalv1.ChartFacts, error) {
	var r dbsqlc.GetFactsRow
	err := s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = s.q.GetFacts(ctx, tx, dbsqlc.GetFactsParams{ChartID: chartID, Version: version})
		return err
	})
	if err != nil {
		return "", nil, notFound(err)
	}
	f, err := s.facts(ctx, keyID{r.AgencyID, r.KeyVersion}, r.Wrapped, factsRecord(chartID, version), r.SealedFacts)
	return r.IncidentNumber, f, err
}

func (s *Store) facts(ctx context.Context, id keyID, wrapped []byte, record string, sealed []byte) (*clinicalv1.ChartFacts, error) {
	plain, err := s.open(ctx, id, wrapped, record, sealed)
	if err != nil {
		return nil, err
	}
	f := &clinicalv1.ChartFacts{}
	return f, proto.Unmarshal(plain, f)
}

// Document returns the NEMSIS document of a chart as it came in; version 0 is the current one. Where the document holds
// reports that the caller may not see, or whose newer versions came in another document, it is cut down to the chart's.
func (s *Store) Document(ctx context.Context, id uuid.UUID, version int32) ([]byte, error) {
	var r dbsqlc.GetDocumentRow
	err := s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = s.q.GetDocument(ctx, tx, dbsqlc.GetDocumentParams{ID: id, Version: version})
		return err
	})
	if err != nil {
		return nil, notFound(err)
	}
	plain, err := s.open(ctx, keyID{r.AgencyID, r.KeyVersion}, r.Wrapped, documentRecord(r.DocumentID), r.Sealed)
	if err != nil || r.Visible >= r.ReportCount {
		return plain, err
	}
	var l layout.Layout
	if err := json.Unmarshal(r.Layout, &l); err != nil {
		return nil, err
	}
	return l.Cut(plain, int(r.ReportIndex))
}

func notFound(err error) error {
	if errs.IsKind(err, errs.NotFound) {
		return errs.New(errs.NotFound, ReasonNotFound, "there is no such chart", errs.WithCause(err))
	}
	return err
}
