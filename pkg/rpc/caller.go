package rpc

import (
	"context"
	"strconv"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

func authnLink(own *tlsfile.Source, verifier *identity.Verifier) Middleware {
	return Middleware{Name: LinkAuthn, After: []string{LinkAudit}, Pre: func(ctx context.Context, _ string) (context.Context, error) {
		service := peerService(ctx, own)
		if service == "" {
			return ctx, errs.New(errs.Unauthenticated, "PEER_UNKNOWN", "the connection has no identity of the fleet")
		}
		p, err := principalOf(ctx, verifier, service)
		if err != nil {
			return ctx, err
		}
		audit.FromContext(ctx).SetPrincipal(p)
		return context.WithValue(identity.With(ctx, p), peerKey{}, service), nil
	}}
}

type peerKey struct{}

// peerService is the service that the client certificate of the connection stands for, trust domain included: a rule that names callers
// means this one identity by the name.
func peerService(ctx context.Context, own *tlsfile.Source) string {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return ""
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok {
		return ""
	}
	return own.ServiceOf(info.State)
}

func principalOf(ctx context.Context, verifier *identity.Verifier, service string) (identity.Principal, error) {
	token := first(ctx, HeaderPrincipal)
	if token != "" {
		if service != gatewayService {
			return identity.Principal{}, errs.New(errs.Unauthenticated, "PRINCIPAL_NOT_FROM_GATEWAY", "only the gateway speaks for users")
		}
		p, err := verifier.Verify(token)
		if err != nil {
			return p, errs.New(errs.Unauthenticated, "PRINCIPAL_INVALID", "the signed principal is not valid", errs.WithCause(err))
		}
		return p, nil
	}
	var agency int64
	if v := first(ctx, HeaderAgency); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n <= 0 {
			return identity.Principal{}, errs.New(errs.Unauthenticated, "AGENCY_INVALID", "the agency of the call is not a positive number")
		}
		agency = n
	}
	return identity.ForService(service, agency), nil
}
