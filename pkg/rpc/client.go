package rpc

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"

	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

// retryPolicy repeats calls while a service restarts. It is safe because calls between services only read; the gateway,
// which forwards writes, brings a policy of its own.
const retryPolicy = `{"loadBalancingConfig":[{"round_robin":{}}],"methodConfig":[{"name":[{}],"waitForReady":false,
"retryPolicy":{"maxAttempts":4,"initialBackoff":"0.05s","maxBackoff":"0.5s","backoffMultiplier":2,"retryableStatusCodes":["UNAVAILABLE"]}}]}`

// clientMaxMessage allows the largest NEMSIS document plus framing.
const clientMaxMessage = 32 << 20

// Dial connects to a service of the fleet; the connection is made when it is first used.
func Dial(tls *tlsfile.Source, service, addr string, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	base := []grpc.DialOption{
		grpc.WithTransportCredentials(credentials.NewTLS(tls.Client(service))),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler(otelgrpc.WithFilter(NotHealth()))),
		grpc.WithDefaultServiceConfig(retryPolicy),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(clientMaxMessage), grpc.MaxCallSendMsgSize(clientMaxMessage)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 5 * time.Second}),
	}
	conn, err := grpc.NewClient(addr, append(base, opts...)...)
	if err != nil {
		return nil, fmt.Errorf("rpc: dial %s: %w", service, err)
	}
	return conn, nil
}

// ForAgency is the interceptor of calls that a service makes in its own name: it tells the callee which agency the work is for.
func ForAgency(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	pairs := []string{HeaderRequestID, identity.RequestID(ctx)}
	if p, ok := identity.From(ctx); ok && p.AgencyID != 0 {
		pairs = append(pairs, HeaderAgency, strconv.FormatInt(p.AgencyID, 10))
	}
	return invoke(metadata.AppendToOutgoingContext(ctx, pairs...), method, req, reply, cc, opts...)
}
