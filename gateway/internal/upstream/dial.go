package upstream

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"github.com/fusionems/quantum/gateway/internal/route"
	"github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

const (
	// maxMessage allows the largest NEMSIS document plus framing.
	maxMessage    = 32 << 20
	keepaliveTime = 30 * time.Second
)

// Dial connects to a service; the connection is made when it is first used. Spans are made only when traces are recorded.
func Dial(tls *tlsfile.Source, routes *route.Table, service, addr string, traced bool) (*grpc.ClientConn, error) {
	opts := []grpc.DialOption{grpc.WithTransportCredentials(credentials.NewTLS(tls.Client(service)))}
	if traced {
		opts = append(opts, grpc.WithStatsHandler(otelgrpc.NewClientHandler(otelgrpc.WithFilter(rpc.NotHealth()))))
	}
	return DialWith(routes, service, addr, opts...)
}

// DialWith is Dial with credentials of the caller's choice.
func DialWith(routes *route.Table, service, addr string, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	cfg, err := serviceConfig(routes, service)
	if err != nil {
		return nil, err
	}
	opts = append(opts,
		grpc.WithDefaultServiceConfig(cfg),
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: 5 * time.Second}),
	)
	conn, err := grpc.NewClient(addr, opts...)
	if err != nil {
		return nil, fmt.Errorf("upstream: %s: %w", service, err)
	}
	return conn, nil
}

type methodName struct {
	Service string `json:"service"`
	Method  string `json:"method"`
}

// serviceConfig repeats reads while a service restarts. Writes are sent once: the client knows whether to repeat them.
func serviceConfig(routes *route.Table, service string) (string, error) {
	names := []methodName{}
	for _, r := range routes.All() {
		if r.Owner == service && !r.Writes() {
			s, m, _ := strings.Cut(r.Action(), "/")
			names = append(names, methodName{s, m})
		}
	}
	cfg := map[string]any{"loadBalancingConfig": []any{map[string]any{"round_robin": map[string]any{}}}}
	if len(names) > 0 {
		cfg["methodConfig"] = []any{map[string]any{
			"name": names,
			"retryPolicy": map[string]any{
				"maxAttempts": 4, "initialBackoff": "0.05s", "maxBackoff": "0.5s", "backoffMultiplier": 2,
				"retryableStatusCodes": []string{"UNAVAILABLE"},
			},
		}}
	}
	raw, err := json.Marshal(cfg)
	return string(raw), err
}
