package events

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/policy"
	billingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/billing/internal/claim"
)

// Module is the entry of the module registry that this service belongs to.
const Module = "billing"

// Rules give the governance document in force.
type Rules interface {
	Active(ctx context.Context, tx *db.Tx) (*claim.Rules, policy.Ref, error)
}

// Claims stores drafts.
type Claims interface {
	Put(ctx context.Context, tx *db.Tx, r claim.Record, now time.Time) (id uuid.UUID, changed bool, err error)
}

// Drafter drafts a claim for each chart and again for each newer version of it.
type Drafter struct {
	rules  Rules
	claims Claims
	now    func() time.Time
}

// NewDrafter returns a drafter.
func NewDrafter(rules Rules, claims Claims, now func() time.Time) *Drafter {
	return &Drafter{rules: rules, claims: claims, now: now}
}

// Handler consumes clinical.claim_snapshot.ready.v1.
func (d *Drafter) Handler() inbox.Handler {
	return inbox.Handler{
		Message: (*clinicalv1.ClaimSnapshotReady)(nil),
		Module:  Module,
		Apply: func(ctx context.Context, tx *db.Tx, ev inbox.Event, _ any) error {
			m, ok := ev.Message.(*clinicalv1.ClaimSnapshotReady)
			if !ok {
				return fmt.Errorf("events: handler of ClaimSnapshotReady got %s", ev.Type)
			}
			return d.draft(ctx, tx, m)
		},
	}
}

func (d *Drafter) draft(ctx context.Context, tx *db.Tx, m *clinicalv1.ClaimSnapshotReady) error {
	chartID, err := uuid.Parse(m.GetChartId())
	if err != nil {
		return fmt.Errorf("events: chart id of a claim snapshot: %w", err)
	}
	rules, ref, err := d.rules.Active(ctx, tx)
	if err != nil {
		return err
	}
	r := claim.Record{
		AgencyID: tx.AgencyID(), ChartID: chartID, ChartVersion: m.GetVersion(), Draft: claim.Judge(rules, snapshotOf(m)),
		Policy: claim.PolicyVersion{Key: ref.Key, Version: ref.Version, SHA256: ref.SHA256},
	}
	id, changed, err := d.claims.Put(ctx, tx, r, d.now())
	if err != nil || !changed {
		return err
	}
	drafted := &billingv1.ClaimDrafted{ClaimId: id.String(), ChartId: m.GetChartId()}
	if r.Draft.NoBill != nil {
		drafted.NoBillCode = r.Draft.NoBill.Code
	}
	tx.Emit(claim.Name(id), drafted)
	return nil
}
