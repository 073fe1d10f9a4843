package events

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/inbox"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/reporting/internal/store"
)

// Module is the entry of the module registry that this service belongs to.
const Module = "reporting"

// Facts takes facts in.
type Facts interface {
	Put(ctx context.Context, tx *db.Tx, f store.Fact) (changed bool, err error)
}

// Handler consumes clinical.report_facts.ready.v1.
func Handler(facts Facts) inbox.Handler {
	return inbox.Handler{
		Message: (*clinicalv1.ReportFactsReady)(nil),
		Module:  Module,
		Apply: func(ctx context.Context, tx *db.Tx, ev inbox.Event, _ any) error {
			m, ok := ev.Message.(*clinicalv1.ReportFactsReady)
			if !ok {
				return fmt.Errorf("events: handler of ReportFactsReady got %s", ev.Type)
			}
			f, err := factOf(tx.AgencyID(), m)
			if err != nil {
				return err
			}
			_, err = facts.Put(ctx, tx, f)
			return err
		},
	}
}

func factOf(agencyID int64, m *clinicalv1.ReportFactsReady) (store.Fact, error) {
	chartID, err := uuid.Parse(m.GetChartId())
	if err != nil {
		return store.Fact{}, fmt.Errorf("events: chart id of report facts: %w", err)
	}
	invalid := m.GetInvalidIntervals()
	if invalid == nil {
		invalid = []string{}
	}
	return store.Fact{
		AgencyID: agencyID, ChartID: chartID, Version: m.GetVersion(), UnitNotifiedTime: timeOf(m.GetUnitNotifiedTime()),
		UnitCallSign: m.GetUnitCallSign(), ServiceType: m.GetServiceType(), ResponseMode: m.GetResponseMode(), Priority: m.GetPriority(),
		DispatchReason: m.GetDispatchReason(), UnitDisposition: m.GetUnitDisposition(), TransportDisposition: m.GetTransportDisposition(),
		TurnoutSeconds: m.TurnoutSeconds, ResponseSeconds: m.ResponseSeconds, SystemResponseSeconds: m.SystemResponseSeconds,
		OnSceneSeconds: m.OnSceneSeconds, TransportSeconds: m.TransportSeconds, TurnaroundSeconds: m.TurnaroundSeconds,
		InvalidIntervals: invalid, CancelledBeforeArrival: m.GetCancelledBeforeArrival(), Transported: m.GetTransported(), Pediatric: m.Pediatric,
	}, nil
}

func timeOf(t *timestamppb.Timestamp) *time.Time {
	if t == nil {
		return nil
	}
	v := t.AsTime()
	return &v
}
