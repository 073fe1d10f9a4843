package servicetest

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/rpc"
)

// ConnAs connects with the certificate of a service of the fleet.
func (r *Running) ConnAs(service string) *grpc.ClientConn {
	r.t.Helper()
	conn, err := rpc.Dial(r.source(service), r.name, r.addr, grpc.WithChainUnaryInterceptor(r.sign))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Gateway connects as the gateway does.
func (r *Running) Gateway() *grpc.ClientConn { return r.ConnAs("gateway") }

// As is the context of a call by a person of the role in the agency; a founder with agency 0 works across agencies.
func (r *Running) As(role string, agency int64) context.Context {
	r.t.Helper()
	return r.AsPrincipal(Persona(r.table, role, agency))
}

// AsPrincipal is the context of calls by the principal.
func (r *Running) AsPrincipal(p identity.Principal) context.Context {
	return context.WithValue(r.t.Context(), caller{}, p)
}

// caller is the key of who calls.
type caller struct{}

// sign signs each call as the gateway does, when it is made: what was signed is good for a minute, and a test may wait longer.
func (r *Running) sign(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if p, ok := ctx.Value(caller{}).(identity.Principal); ok {
		token, err := r.signer.Sign(p)
		if err != nil {
			return err
		}
		ctx = metadata.AppendToOutgoingContext(ctx, rpc.HeaderPrincipal, token)
	}
	return invoke(ctx, method, req, reply, cc, opts...)
}

// Persona is somebody with one role, all of its scopes and a fresh second factor.
func Persona(table *authz.Table, role string, agency int64) identity.Principal {
	p := identity.Principal{
		Subject: "test-" + role, Name: role, Actor: identity.Human, Roles: []string{role},
		Scopes: table.ScopesOf([]string{role}), AgencyID: agency, ACR: "2", AuthTime: time.Now(),
	}
	if role == "integration" {
		p.Actor, p.ACR, p.AuthTime = identity.Integration, "", time.Time{}
	}
	if role == "founder" && agency == 0 {
		p.CrossAgency, p.AccessReason = true, "test across agencies"
	}
	return p
}
