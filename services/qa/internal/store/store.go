package store

import (
	"context"
	"embed"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/qa/internal/review"
	"github.com/fusionems/quantum/services/qa/internal/store/dbsqlc"
)

// Migrations of the schema.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// queries are the generated statements; they hold nothing.
func queries() *dbsqlc.Queries { return dbsqlc.New() }

// ReasonCaseNotFound is the reason of a case that does not exist for the caller.
const ReasonCaseNotFound = "CASE_NOT_FOUND"

// Cases reads cases as the caller.
type Cases struct{ db *db.DB }

// NewCases returns the store of cases.
func NewCases(d *db.DB) Cases { return Cases{db: d} }

// Get reads one case with its charts and triggers.
func (s Cases) Get(ctx context.Context, id uuid.UUID) (review.Case, error) {
	var list []review.Case
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := queries().CaseByID(ctx, tx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return errs.New(errs.NotFound, ReasonCaseNotFound, "no such case")
		}
		if err != nil {
			return err
		}
		list = []review.Case{caseOf(row.QaReviewCase)}
		return fill(ctx, tx, list)
	})
	if err != nil {
		return review.Case{}, err
	}
	return list[0], nil
}

// List answers at most limit cases after the position of q, newest first.
func (s Cases) List(ctx context.Context, q review.Query, limit int32) ([]review.Case, error) {
	var list []review.Case
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if list, err = find(ctx, tx, q, limit); err != nil || len(list) == 0 {
			return err
		}
		return fill(ctx, tx, list)
	})
	return list, err
}

func find(ctx context.Context, tx *db.Tx, q review.Query, limit int32) ([]review.Case, error) {
	p := dbsqlc.ListCasesParams{
		State: given(string(q.State)), Priority: given(string(q.Priority)), TriggerCode: given(q.TriggerCode), RowLimit: limit,
	}
	if q.After != nil {
		p.BeforeTime, p.BeforeID = &q.After.CreateTime, &q.After.ID
	}
	var list []review.Case
	if q.ChartID == uuid.Nil {
		rows, err := queries().ListCases(ctx, tx, p)
		for _, r := range rows {
			list = append(list, caseOf(r.QaReviewCase))
		}
		return list, err
	}
	rows, err := queries().ListCasesOfChart(ctx, tx, dbsqlc.ListCasesOfChartParams{
		ChartID: q.ChartID, State: p.State, Priority: p.Priority, TriggerCode: p.TriggerCode,
		BeforeTime: p.BeforeTime, BeforeID: p.BeforeID, RowLimit: limit,
	})
	for _, r := range rows {
		list = append(list, caseOf(r.QaReviewCase))
	}
	return list, err
}

func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// fill adds charts and triggers to the cases, with two statements for all of them.
func fill(ctx context.Context, tx *db.Tx, list []review.Case) error {
	ids := make([]uuid.UUID, len(list))
	at := make(map[uuid.UUID]*review.Case, len(list))
	for i := range list {
		ids[i] = list[i].ID
		at[list[i].ID] = &list[i]
	}
	charts, err := queries().ChartsOfCases(ctx, tx, ids)
	if err != nil {
		return err
	}
	for _, x := range charts {
		c := at[x.CaseID]
		c.Charts = append(c.Charts, review.Chart{ID: x.ChartID, Version: int(x.ChartVersion)})
	}
	triggers, err := queries().TriggersOfCases(ctx, tx, ids)
	if err != nil {
		return err
	}
	for _, t := range triggers {
		c := at[t.QaCaseTrigger.CaseID]
		c.Triggers = append(c.Triggers, triggerOf(t.QaCaseTrigger))
	}
	return nil
}
