package policy

import (
	"context"
	"fmt"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/inbox"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
)

// Handler consumes governance.policy.activated.v1. It asks for the version in force, which may be newer than the event's:
// then the later event finds nothing to do. Policies that the service does not keep are passed over.
func (k *Keeper) Handler() inbox.Handler {
	return inbox.Handler{
		Message: (*auditv1.PolicyActivated)(nil),
		Prepare: func(ctx context.Context, ev inbox.Event) (any, error) {
			e, ok := ev.Message.(*auditv1.PolicyActivated)
			if !ok {
				return nil, fmt.Errorf("policy: handler of PolicyActivated got %s", ev.Type)
			}
			if _, kept := k.checks[e.GetKey()]; !kept {
				return Copy{}, nil
			}
			return k.Get(ctx, e.GetKey())
		},
		Apply: func(ctx context.Context, tx *db.Tx, _ inbox.Event, prepared any) error {
			c, ok := prepared.(Copy)
			if !ok || c.Key == "" {
				return nil
			}
			return k.table.put(ctx, tx, c)
		},
	}
}
