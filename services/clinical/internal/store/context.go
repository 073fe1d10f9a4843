package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/clinical/internal/store/dbsqlc"
)

// Review is what an event says about a case of quality review.
type Review struct {
	ChartID uuid.UUID
	CaseID  uuid.UUID
	Open    bool
	Time    time.Time
}

// PutReview opens or closes a chart to readers of quality review, in the transaction of the event that says so.
func (s *Store) PutReview(ctx context.Context, tx *db.Tx, r Review) error {
	return s.q.PutQAContext(ctx, tx, dbsqlc.PutQAContextParams{
		AgencyID: tx.AgencyID(), ChartID: r.ChartID, CaseID: r.CaseID, Open: r.Open, EventTime: r.Time,
	})
}
