package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	"github.com/fusionems/quantum/services/qa/internal/review"
	"github.com/fusionems/quantum/services/qa/internal/store/dbsqlc"
)

// Records are the cases of the transaction's agency. Statements whose result nobody needs wait for the next one whose result is,
// or for the commit, and share its round trip.
type Records struct{ tx *db.Tx }

// NewRecords returns the cases within a transaction.
func NewRecords(tx *db.Tx) Records { return Records{tx: tx} }

// Advance implements review.Records.
func (r Records) Advance(ctx context.Context, j review.Judgement) (bool, error) {
	n, err := queries().AdvanceEvaluation(ctx, r.tx, dbsqlc.AdvanceEvaluationParams{
		AgencyID: r.tx.AgencyID(), ChartID: j.Chart.ID, ChartVersion: int32(j.Chart.Version), //nolint:gosec // counts up from 1
		PolicyVersion: int32(j.Policy.Version), PolicySha256: j.Policy.SHA256, //nolint:gosec // counts up from 1
		TriggerCount: int32(len(j.Fired)), EvaluateTime: j.Time, //nolint:gosec // at most the catalogue
	})
	return n == 1, err
}

// IncidentOfChart implements review.Records.
func (r Records) IncidentOfChart(ctx context.Context, chart uuid.UUID) (string, error) {
	row, err := queries().CaseOfChart(ctx, r.tx, chart)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return row.QaReviewCase.IncidentKey, err
}

// LockIncident implements review.Records.
func (r Records) LockIncident(ctx context.Context, key string) error {
	return queries().LockIncident(ctx, r.tx, dbsqlc.LockIncidentParams{IncidentKey: key, AgencyID: r.tx.AgencyID()})
}

// CaseOfChart implements review.Records.
func (r Records) CaseOfChart(ctx context.Context, chart uuid.UUID) (*review.Case, error) {
	row, err := queries().LockCaseOfChart(ctx, r.tx, chart)
	return r.whole(ctx, row.QaReviewCase, err)
}

// LatestCase implements review.Records.
func (r Records) LatestCase(ctx context.Context, key string) (*review.Case, error) {
	row, err := queries().LockLatestCaseOfIncident(ctx, r.tx, key)
	return r.whole(ctx, row.QaReviewCase, err)
}

func (r Records) whole(ctx context.Context, row dbsqlc.QaReviewCase, err error) (*review.Case, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // no case is an answer
	}
	if err != nil {
		return nil, err
	}
	list := []review.Case{caseOf(row)}
	return &list[0], fill(ctx, r.tx, list)
}

// Save implements review.Records.
func (r Records) Save(ctx context.Context, c *review.Case) error {
	return queries().SaveCase(ctx, r.tx.Deferred(), rowOf(c))
}

// PutChart implements review.Records.
func (r Records) PutChart(ctx context.Context, c *review.Case, chart review.Chart, at time.Time) error {
	version := int32(chart.Version) //nolint:gosec // counts up from 1
	err := queries().JoinChart(ctx, r.tx.Deferred(), dbsqlc.JoinChartParams{
		AgencyID: c.AgencyID, CaseID: c.ID, ChartID: chart.ID, ChartVersion: version, JoinTime: at,
	})
	if err != nil {
		return err
	}
	err = queries().SupersedeTriggers(ctx, r.tx.Deferred(), dbsqlc.SupersedeTriggersParams{SupersedeTime: at, CaseID: c.ID, ChartID: chart.ID})
	if err != nil {
		return err
	}
	position := int16(0)
	for _, t := range c.Triggers {
		if t.Chart.ID != chart.ID {
			continue
		}
		position++
		if err := queries().InsertTrigger(ctx, r.tx.Deferred(), dbsqlc.InsertTriggerParams{
			AgencyID: c.AgencyID, CaseID: c.ID, ChartID: chart.ID, ChartVersion: version, Code: string(t.Code), Position: position,
			TriggerClass: string(t.Class), MeasuredValue: t.Measured, Threshold: t.Threshold, Unit: t.Unit,
			PolicyVersion: int32(t.PolicyVersion), Explanation: t.Explanation, Elements: t.Elements, CreateTime: at, //nolint:gosec // counts up from 1
		}); err != nil {
			return err
		}
	}
	return nil
}

// RemoveChart implements review.Records.
func (r Records) RemoveChart(ctx context.Context, c *review.Case, chart review.Chart, at time.Time) error {
	err := queries().SupersedeTriggers(ctx, r.tx.Deferred(), dbsqlc.SupersedeTriggersParams{SupersedeTime: at, CaseID: c.ID, ChartID: chart.ID})
	if err != nil {
		return err
	}
	return queries().LeaveChart(ctx, r.tx.Deferred(), dbsqlc.LeaveChartParams{
		LeaveTime: at, ChartVersion: int32(chart.Version), CaseID: c.ID, ChartID: chart.ID, //nolint:gosec // counts up from 1
	})
}

// Opened implements review.Records.
func (r Records) Opened(c *review.Case, chart uuid.UUID) {
	e := &qav1.CaseOpened{CaseId: c.ID.String(), ChartId: chart.String()}
	for _, t := range c.Triggers {
		if t.Chart.ID == chart {
			e.TriggerCodes = append(e.TriggerCodes, string(t.Code))
		}
	}
	r.tx.Emit("cases/"+c.ID.String(), e)
}

// Withdrawn implements review.Records.
func (r Records) Withdrawn(c *review.Case, chart uuid.UUID) {
	r.tx.Emit("cases/"+c.ID.String(), &qav1.CaseWithdrawn{CaseId: c.ID.String(), ChartId: chart.String()})
}
