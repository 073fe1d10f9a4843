package events

import (
	"context"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/inbox"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	"github.com/fusionems/quantum/services/compliance/internal/store"
)

// Agencies makes a place for every agency that comes to exist.
func Agencies() inbox.Handler {
	return inbox.Handler{
		Message: (*agencyv1.AgencyRegistered)(nil),
		Apply: func(ctx context.Context, tx *db.Tx, _ inbox.Event, _ any) error {
			return store.Register(ctx, tx)
		},
	}
}
