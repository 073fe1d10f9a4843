package rpc_test

import (
	"context"
	"errors"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/fusionems/quantum/pkg/rpc"
)

// registered keeps what a service was registered as.
type registered struct{ desc *grpc.ServiceDesc }

func (r *registered) RegisterService(d *grpc.ServiceDesc, _ any) { r.desc = d }

// A guard stands between the chain and the handler: the chain sees the call first, the handler only past the guard.
func TestAGuardStandsBehindTheChain(t *testing.T) {
	var order []string
	refuse := errors.New("refused")
	var verdict error
	kept := &registered{}
	desc := &grpc.ServiceDesc{ServiceName: "x.Y", Methods: []grpc.MethodDesc{{MethodName: "Z", Handler: func(srv any, ctx context.Context, dec func(any) error, chain grpc.UnaryServerInterceptor) (any, error) {
		handle := func(context.Context, any) (any, error) {
			order = append(order, "handler")
			return "answer", nil
		}
		return chain(ctx, nil, &grpc.UnaryServerInfo{FullMethod: "/x.Y/Z"}, handle)
	}}}}
	rpc.Guarded(kept, func(_ context.Context, method string) error {
		order = append(order, "guard of "+method)
		return verdict
	}).RegisterService(desc, nil)
	chain := func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		order = append(order, "chain")
		return next(ctx, req)
	}
	answer, err := kept.desc.Methods[0].Handler(nil, t.Context(), nil, chain)
	if err != nil || answer != "answer" || len(order) != 3 || order[0] != "chain" || order[1] != "guard of /x.Y/Z" || order[2] != "handler" {
		t.Errorf("%v, %v, %v", answer, err, order)
	}
	order, verdict = nil, refuse
	if _, err := kept.desc.Methods[0].Handler(nil, t.Context(), nil, chain); !errors.Is(err, refuse) || len(order) != 2 {
		t.Errorf("%v, %v", err, order)
	}
	if _, err := kept.desc.Methods[0].Handler(nil, t.Context(), nil, nil); !errors.Is(err, refuse) {
		t.Errorf("without a chain: %v", err)
	}
}

func TestStreamsCannotBeGuarded(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a stream was registered past the guard")
		}
	}()
	rpc.Guarded(&registered{}, nil).RegisterService(&grpc_health_v1.Health_ServiceDesc, nil)
}
