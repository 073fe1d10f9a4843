package rpc

import (
	"context"

	"google.golang.org/grpc"
)

// Guard decides about a call after every link of the chain, before its handler: for rules that need a service's own rows.
// Its error is answered and recorded as the handler's would be.
type Guard func(ctx context.Context, method string) error

// Guarded returns a registrar whose services are called only past the guard. It covers what is registered, so no method can
// be forgotten; exceptions are the guard's to name. Streams are refused: nothing guarded streams yet.
func Guarded(s grpc.ServiceRegistrar, g Guard) grpc.ServiceRegistrar { return guardedRegistrar{s, g} }

type guardedRegistrar struct {
	grpc.ServiceRegistrar
	guard Guard
}

// RegisterService implements grpc.ServiceRegistrar.
func (r guardedRegistrar) RegisterService(desc *grpc.ServiceDesc, impl any) {
	if len(desc.Streams) > 0 {
		panic("rpc: " + desc.ServiceName + " streams and cannot be guarded")
	}
	d := *desc
	d.Methods = make([]grpc.MethodDesc, len(desc.Methods))
	for i, m := range desc.Methods {
		d.Methods[i] = grpc.MethodDesc{MethodName: m.MethodName, Handler: r.wrap(m.Handler)}
	}
	r.ServiceRegistrar.RegisterService(&d, impl)
}

func (r guardedRegistrar) wrap(handle grpc.MethodHandler) grpc.MethodHandler {
	return func(srv any, ctx context.Context, dec func(any) error, chain grpc.UnaryServerInterceptor) (any, error) {
		return handle(srv, ctx, dec, func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			past := func(ctx context.Context, req any) (any, error) {
				if err := r.guard(ctx, info.FullMethod); err != nil {
					return nil, err
				}
				return next(ctx, req)
			}
			if chain == nil {
				return past(ctx, req)
			}
			return chain(ctx, req, info, past)
		})
	}
}
