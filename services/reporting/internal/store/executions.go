package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/services/reporting/internal/report"
	"github.com/fusionems/quantum/services/reporting/internal/store/dbsqlc"
)

// Executions keeps runs of reports: those of an agency under its row-level security, those across agencies in a table of
// the platform that only the founder reaches.
type Executions struct{ db *db.DB }

// NewExecutions returns the store of runs.
func NewExecutions(d *db.DB) Executions { return Executions{db: d} }

// Insert keeps a run.
func (s Executions) Insert(ctx context.Context, e report.Execution) error {
	audit.Target(ctx, report.Name(e.ID))
	p := dbsqlc.InsertExecutionParams{
		AgencyID: e.AgencyID, ID: e.ID, Template: e.Template, PeriodFrom: e.From, PeriodTo: e.To, GroupBy: e.GroupBy,
		DataAsOf: e.Mark.Time, Watermark: e.Mark.Seq, Definition: e.Definition.Canonical, DefinitionSha256: e.Definition.SHA256,
		Result: e.ResultText.Canonical, ResultSha256: e.ResultText.SHA256, CatalogueVersion: e.CatalogueVersion,
		ExecutedBy: e.ExecutedBy, AccessReason: e.AccessReason, CreateTime: e.CreateTime, DurationMs: int32(e.Duration.Milliseconds()),
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if e.AgencyID != 0 {
			return queries().InsertExecution(ctx, tx, p)
		}
		return queries().InsertCrossExecution(ctx, tx, dbsqlc.InsertCrossExecutionParams{
			ID: p.ID, Template: p.Template, PeriodFrom: p.PeriodFrom, PeriodTo: p.PeriodTo, GroupBy: p.GroupBy,
			DataAsOf: p.DataAsOf, Watermark: p.Watermark, Definition: p.Definition, DefinitionSha256: p.DefinitionSha256,
			Result: p.Result, ResultSha256: p.ResultSha256, CatalogueVersion: p.CatalogueVersion,
			ExecutedBy: p.ExecutedBy, AccessReason: p.AccessReason, CreateTime: p.CreateTime, DurationMs: p.DurationMs,
		})
	})
}

// Get reads a run that the caller may see.
func (s Executions) Get(ctx context.Context, id uuid.UUID) (report.Execution, error) {
	list, err := s.find(ctx, dbsqlc.ListExecutionsParams{ID: &id, Rows: 1})
	switch {
	case err != nil:
		return report.Execution{}, err
	case len(list) == 0:
		return report.Execution{}, errs.New(errs.NotFound, report.ReasonExecutionNotFound, "no such execution")
	}
	return list[0], nil
}

// List reads runs, newest first, that come after the run before (uuid.Nil: from the start).
func (s Executions) List(ctx context.Context, f report.Filter, before uuid.UUID, limit int) ([]report.Execution, error) {
	p := dbsqlc.ListExecutionsParams{Rows: int32(limit)}
	if f.Template != "" {
		p.Template = &f.Template
	}
	if before != uuid.Nil {
		p.Before = &before
	}
	return s.find(ctx, p)
}

// find reads the runs of the caller's agency; across agencies, those of all agencies and of the platform.
func (s Executions) find(ctx context.Context, p dbsqlc.ListExecutionsParams) (out []report.Execution, err error) {
	caller, _ := identity.From(ctx)
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		var rows []dbsqlc.ReportingExecution
		var err error
		if caller.CrossAgency {
			var all []dbsqlc.ListExecutionsAcrossRow
			all, err = queries().ListExecutionsAcross(ctx, tx, dbsqlc.ListExecutionsAcrossParams(p))
			for _, row := range all {
				rows = append(rows, dbsqlc.ReportingExecution(row))
			}
		} else {
			rows, err = queries().ListExecutions(ctx, tx, p)
		}
		if err != nil {
			return err
		}
		for _, row := range rows {
			e, err := executionOf(row)
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

func executionOf(r dbsqlc.ReportingExecution) (report.Execution, error) {
	e := report.Execution{
		ID: r.ID, AgencyID: r.AgencyID, Template: r.Template, From: r.PeriodFrom, To: r.PeriodTo, GroupBy: r.GroupBy,
		Mark: report.Mark{Seq: r.Watermark, Time: r.DataAsOf}, Definition: report.Text{Canonical: r.Definition, SHA256: r.DefinitionSha256},
		ResultText: report.Text{Canonical: r.Result, SHA256: r.ResultSha256}, CatalogueVersion: r.CatalogueVersion,
		ExecutedBy: r.ExecutedBy, AccessReason: r.AccessReason, CreateTime: r.CreateTime,
		Duration: time.Duration(r.DurationMs) * time.Millisecond,
	}
	// A run is evidence: bytes that do not have their hash any more are not handed out as one.
	if report.Hash(r.Result) != r.ResultSha256 {
		return e, fmt.Errorf("store: the stored answer of %s does not have its hash", report.Name(r.ID))
	}
	if report.Hash(r.Definition) != r.DefinitionSha256 {
		return e, fmt.Errorf("store: the stored definition of %s does not have its hash", report.Name(r.ID))
	}
	if err := e.ReadDefinition(); err != nil {
		return e, fmt.Errorf("store: %s: %w", report.Name(r.ID), err)
	}
	if err := json.Unmarshal([]byte(r.Result), &e.Result); err != nil {
		return e, fmt.Errorf("store: reading the answer of %s: %w", report.Name(r.ID), err)
	}
	return e, nil
}
