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

func noSuchCase() error { return errs.New(errs.NotFound, ReasonCaseNotFound, "no such case") }

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
			return noSuchCase()
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

// List answers at most limit cases after the position of q, in its order.
func (s Cases) List(ctx context.Context, q review.Query, limit int32) ([]review.Case, error) {
	return s.read(ctx, func(ctx context.Context, tx *db.Tx) ([]review.Case, error) { return find(ctx, tx, q, limit) })
}

// Search answers cases whose incident number begins with the text, the most urgent first.
func (s Cases) Search(ctx context.Context, text string, after *review.Position, limit int32) ([]review.Case, error) {
	p := dbsqlc.SearchCasesParams{Query: text, RowLimit: limit}
	if after != nil {
		p.AfterUrgency, p.AfterTime, p.AfterID = &after.Urgency, &after.CreateTime, &after.ID
	}
	return s.read(ctx, func(ctx context.Context, tx *db.Tx) ([]review.Case, error) {
		rows, err := queries().SearchCases(ctx, tx, p)
		return casesOf(rows, func(r dbsqlc.SearchCasesRow) dbsqlc.QaReviewCase { return r.QaReviewCase }), err
	})
}

// read finds cases and adds their charts and triggers.
func (s Cases) read(ctx context.Context, find func(context.Context, *db.Tx) ([]review.Case, error)) (list []review.Case, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if list, err = find(ctx, tx); err != nil || len(list) == 0 {
			return err
		}
		return fill(ctx, tx, list)
	})
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
