package events

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/inbox"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

// Reviews keeps which charts are under review.
type Reviews interface {
	PutReview(ctx context.Context, tx *db.Tx, r store.Review) error
}

// Handlers are the events that this service consumes. They are never parked: whether a reader of quality review may see a
// chart must not lag behind because a module was switched off meanwhile.
func Handlers(reviews Reviews) []inbox.Handler {
	return []inbox.Handler{
		{Message: (*qav1.CaseOpened)(nil), Apply: apply(reviews, true)},
		{Message: (*qav1.CaseWithdrawn)(nil), Apply: apply(reviews, false)},
	}
}

// review is what both events have.
type review interface {
	proto.Message
	GetCaseId() string
	GetChartId() string
}

func apply(reviews Reviews, open bool) func(context.Context, *db.Tx, inbox.Event, any) error {
	return func(ctx context.Context, tx *db.Tx, ev inbox.Event, _ any) error {
		m, ok := ev.Message.(review)
		if !ok {
			return fmt.Errorf("events: %s is not about a case", ev.Type)
		}
		caseID, err := uuid.Parse(m.GetCaseId())
		if err != nil {
			return fmt.Errorf("events: %s: case id: %w", ev.Type, err)
		}
		chartID, err := uuid.Parse(m.GetChartId())
		if err != nil {
			return fmt.Errorf("events: %s: chart id: %w", ev.Type, err)
		}
		return reviews.PutReview(ctx, tx, store.Review{ChartID: chartID, CaseID: caseID, Open: open, Time: ev.OccurredTime})
	}
}
