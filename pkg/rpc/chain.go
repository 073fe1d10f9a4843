package rpc

import (
	"context"

	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"

	"github.com/fusionems/quantum/pkg/identity"
)

// Names of the links, in their order.
const (
	LinkRequestID = "request-id"
	LinkLog       = "log"
	LinkMetrics   = "metrics"
	LinkErrors    = "errors"
	LinkAudit     = "audit"
	LinkAuthn     = "authn"
	LinkAuthz     = "authz"
	LinkDeadline  = "deadline"
	LinkValidate  = "validate"
)

const gatewayService = "gateway"

func requestIDLink() Middleware {
	return Middleware{Name: LinkRequestID, Pre: func(ctx context.Context, _ string) (context.Context, error) {
		id := first(ctx, HeaderRequestID)
		if _, err := uuid.Parse(id); err != nil {
			v7, err := uuid.NewV7()
			if err != nil {
				return ctx, err
			}
			id = v7.String()
		}
		return identity.WithRequestID(ctx, id), nil
	}}
}

func first(ctx context.Context, key string) string {
	if v := metadata.ValueFromIncomingContext(ctx, key); len(v) > 0 {
		return v[0]
	}
	return ""
}
