package rpc

import (
	"context"
	"log/slog"
	"time"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/errs"
	authzv1 "github.com/fusionems/quantum/proto/gen/go/fleet/authz/v1"
)

// Recorder stores the audit record of a call that no transaction of the call has stored.
type Recorder interface {
	Record(ctx context.Context, call *audit.Call) error
}

func auditLink(service string, table *authz.Table, rec Recorder, log *slog.Logger, now func() time.Time) Middleware {
	return Middleware{
		Name: LinkAudit, After: []string{LinkRequestID, LinkErrors},
		Pre: func(ctx context.Context, method string) (context.Context, error) {
			ctx, call := audit.Start(ctx, service, method[1:], now)
			rule, ok := table.Rule(method)
			if ok && rule.GetAccess() == authzv1.Access_ACCESS_READ && !rule.GetProtected() {
				call.Silence()
			}
			return ctx, nil
		},
		Post: func(ctx context.Context, method string, err error) error {
			call := audit.FromContext(ctx)
			if call == nil || call.IsCommitted() {
				return err
			}
			if err != nil {
				describe(call, err)
			}
			if rerr := rec.Record(ctx, call); rerr != nil {
				log.ErrorContext(ctx, "the audit record of a call could not be stored", "method", method, "error", rerr)
				if err == nil {
					return errs.New(errs.Unavailable, "AUDIT_UNAVAILABLE", "the access could not be recorded, so it was not given; try again")
				}
			}
			return err
		},
	}
}

func describe(call *audit.Call, err error) {
	switch e, _ := errs.As(err); {
	case e != nil && (e.Kind == errs.Denied || e.Kind == errs.Unauthenticated):
		call.Unsilence()
		call.Refused(e.Reason)
	default:
		call.Failed(errs.Reason(err))
	}
}
