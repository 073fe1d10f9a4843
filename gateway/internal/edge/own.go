package edge

import (
	"context"

	"github.com/fusionems/quantum/gateway/internal/session"
	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/identity"
)

// ownContext is what the gateway's own services get in the place of metadata. A call that changes something is recorded, as the
// services record theirs.
func (e *Edge) ownContext(ctx context.Context, x *exchange) context.Context {
	p := x.principal
	p.ActingRole = x.record.Role
	ctx = identity.WithRequestID(identity.With(ctx, p), x.record.RequestID)
	if x.browser != nil {
		ctx = session.With(ctx, x.browser)
	}
	if x.handler.route.Writes() {
		ctx, x.call = audit.Start(ctx, owner, x.handler.route.Action(), e.Now)
		x.call.SetTrace(x.traceContext())
	}
	return ctx
}
