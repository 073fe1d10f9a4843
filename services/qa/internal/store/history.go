package store

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/qa/internal/review"
	"github.com/fusionems/quantum/services/qa/internal/store/dbsqlc"
	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

// History tells what became of a case, a withdrawn one too.
func (s Cases) History(ctx context.Context, id uuid.UUID) (out []review.Change, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := queries().CaseWithHistory(ctx, tx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return noSuchCase()
		}
		if err != nil {
			return err
		}
		stays, err := queries().ChartHistory(ctx, tx, id)
		if err != nil {
			return err
		}
		judged, err := queries().JudgementHistory(ctx, tx, dbsqlc.JudgementHistoryParams{CaseID: id, RowLimit: review.HistoryLimit})
		out = review.History(caseOf(row.QaReviewCase), staysOf(stays), judgedOf(judged))
		return err
	})
	return out, err
}

func staysOf(rows []dbsqlc.ChartHistoryRow) []review.Stay {
	out := make([]review.Stay, len(rows))
	for i, r := range rows {
		out[i] = review.Stay{Chart: review.Chart{ID: r.ChartID, Version: int(r.ChartVersion)}, JoinTime: r.JoinTime, LeaveTime: r.LeaveTime}
	}
	return out
}

func judgedOf(rows []dbsqlc.JudgementHistoryRow) []review.Judged {
	out := make([]review.Judged, len(rows))
	for i, r := range rows {
		out[i] = review.Judged{
			Chart: review.Chart{ID: r.ChartID, Version: int(r.ChartVersion)}, PolicyVersion: int(r.PolicyVersion),
			Time: r.CreateTime, SupersedeTime: r.SupersedeTime,
		}
		for _, c := range r.Codes {
			out[i].Codes = append(out[i].Codes, trigger.Code(c))
		}
	}
	return out
}

// Summary counts the cases that are not closed.
func (s Cases) Summary(ctx context.Context) (out review.Summary, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		counts, err := queries().CountCases(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range counts {
			out.Counts = append(out.Counts, review.Count{
				State: review.State(r.State), Priority: review.PriorityOf(r.Urgency), Cases: r.Cases, Oldest: r.OldestCreateTime,
			})
		}
		triggers, err := queries().CountPendingByTrigger(ctx, tx, review.SummaryTriggers)
		for _, r := range triggers {
			out.Triggers = append(out.Triggers, review.TriggerCount{Code: trigger.Code(r.Code), Cases: r.Cases})
		}
		return err
	})
	return out, err
}
