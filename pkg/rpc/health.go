package rpc

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"

	"github.com/fusionems/quantum/pkg/obs"
)

type grpcStats = stats.Handler

// health answers grpc.health.v1 from the readiness of the process and names the reason in a header, which the standard has no field for.
type health struct {
	grpc_health_v1.UnimplementedHealthServer
	ready *obs.Readiness
}

func (h *health) Check(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	problems := h.ready.Check(ctx)
	if len(problems) == 0 {
		return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVING}, nil
	}
	var texts []string
	for name, problem := range problems {
		texts = append(texts, name+": "+problem)
	}
	slices.Sort(texts)
	if err := grpc.SetHeader(ctx, metadata.Pairs(HeaderNotReady, strings.Join(texts, "; "))); err != nil {
		return nil, err
	}
	return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_NOT_SERVING}, nil
}
