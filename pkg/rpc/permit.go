package rpc

import (
	"context"
	"time"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/identity"
)

func authzLink(table *authz.Table, now func() time.Time, open bool) Middleware {
	return Middleware{Name: LinkAuthz, After: []string{LinkAuthn}, Pre: func(ctx context.Context, method string) (context.Context, error) {
		p, _ := identity.From(ctx)
		service, _ := ctx.Value(peerKey{}).(string)
		grant, err := table.Authorize(authz.Caller{Service: service, Principal: p}, method, now())
		if err != nil && !open {
			return ctx, err
		}
		p.ActingRole = grant.Role
		if p.ActingRole == "" && len(p.Roles) > 0 {
			p.ActingRole = p.Roles[0]
		}
		audit.FromContext(ctx).SetPrincipal(p)
		return identity.With(ctx, p), nil
	}}
}
