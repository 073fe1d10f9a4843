package store

import (
	"context"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/qa/internal/review"
	"github.com/fusionems/quantum/services/qa/internal/store/dbsqlc"
)

// find picks the statement that reads the list of q from an index in its order.
func find(ctx context.Context, tx *db.Tx, q review.Query, limit int32) ([]review.Case, error) {
	switch {
	case q.ChartID != uuid.Nil:
		return ofChart(ctx, tx, q, limit)
	case q.Order == review.Oldest:
		return oldest(ctx, tx, q, limit)
	case q.Order == review.Urgent:
		return urgent(ctx, tx, q, limit)
	default:
		return newest(ctx, tx, q, limit)
	}
}

func newest(ctx context.Context, tx *db.Tx, q review.Query, limit int32) ([]review.Case, error) {
	p := dbsqlc.ListCasesParams{
		State: given(string(q.State)), Priority: given(string(q.Priority)), TriggerCode: given(q.TriggerCode), RowLimit: limit,
	}
	if q.After != nil {
		p.BeforeTime, p.BeforeID = &q.After.CreateTime, &q.After.ID
	}
	rows, err := queries().ListCases(ctx, tx, p)
	return casesOf(rows, func(r dbsqlc.ListCasesRow) dbsqlc.QaReviewCase { return r.QaReviewCase }), err
}

func oldest(ctx context.Context, tx *db.Tx, q review.Query, limit int32) ([]review.Case, error) {
	p := dbsqlc.ListCasesOldestParams{
		State: given(string(q.State)), Priority: given(string(q.Priority)), TriggerCode: given(q.TriggerCode), RowLimit: limit,
	}
	if q.After != nil {
		p.AfterTime, p.AfterID = &q.After.CreateTime, &q.After.ID
	}
	rows, err := queries().ListCasesOldest(ctx, tx, p)
	return casesOf(rows, func(r dbsqlc.ListCasesOldestRow) dbsqlc.QaReviewCase { return r.QaReviewCase }), err
}

func urgent(ctx context.Context, tx *db.Tx, q review.Query, limit int32) ([]review.Case, error) {
	p := dbsqlc.ListCasesUrgentParams{Priority: given(string(q.Priority)), TriggerCode: given(q.TriggerCode), RowLimit: limit}
	if q.After != nil {
		p.AfterUrgency, p.AfterTime, p.AfterID = &q.After.Urgency, &q.After.CreateTime, &q.After.ID
	}
	if q.State == "" {
		rows, err := queries().ListCasesUrgent(ctx, tx, p)
		return casesOf(rows, func(r dbsqlc.ListCasesUrgentRow) dbsqlc.QaReviewCase { return r.QaReviewCase }), err
	}
	rows, err := queries().ListCasesUrgentInState(ctx, tx, dbsqlc.ListCasesUrgentInStateParams{
		State: string(q.State), Priority: p.Priority, TriggerCode: p.TriggerCode,
		AfterUrgency: p.AfterUrgency, AfterTime: p.AfterTime, AfterID: p.AfterID, RowLimit: limit,
	})
	return casesOf(rows, func(r dbsqlc.ListCasesUrgentInStateRow) dbsqlc.QaReviewCase { return r.QaReviewCase }), err
}

func ofChart(ctx context.Context, tx *db.Tx, q review.Query, limit int32) ([]review.Case, error) {
	rows, err := queries().ListCasesOfChart(ctx, tx, dbsqlc.ListCasesOfChartParams{
		ChartID: q.ChartID, State: given(string(q.State)), Priority: given(string(q.Priority)), TriggerCode: given(q.TriggerCode),
	})
	list := casesOf(rows, func(r dbsqlc.ListCasesOfChartRow) dbsqlc.QaReviewCase { return r.QaReviewCase })
	return q.Page(list, int(limit)), err
}

func casesOf[R any](rows []R, row func(R) dbsqlc.QaReviewCase) []review.Case {
	list := make([]review.Case, 0, len(rows))
	for _, r := range rows {
		list = append(list, caseOf(row(r)))
	}
	return list
}
