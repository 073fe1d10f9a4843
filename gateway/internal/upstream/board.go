package upstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/fusionems/quantum/pkg/rpc"
)

// Board says what the fleet lacks to be ready. Answers are kept for a second: anybody may ask.
type Board struct {
	checks []check

	mu   sync.Mutex
	last map[string]string
	at   time.Time
}

type check struct {
	name string
	ask  func(context.Context) error
}

const (
	boardCache   = time.Second
	boardTimeout = 1500 * time.Millisecond
)

// Add names a condition before the first Check. Its error is shown to anybody, so it names no address and no cause.
func (b *Board) Add(name string, ask func(context.Context) error) {
	b.checks = append(b.checks, check{name, ask})
}

// Names are the conditions.
func (b *Board) Names() []string {
	names := make([]string, len(b.checks))
	for i, c := range b.checks {
		names[i] = c.name
	}
	return names
}

// Check returns what is wrong by name of the condition; empty when the fleet is ready.
func (b *Board) Check(ctx context.Context) map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last != nil && time.Since(b.at) < boardCache {
		return b.last
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), boardTimeout)
	defer cancel()
	problems := make([]string, len(b.checks))
	var wg sync.WaitGroup
	for i, c := range b.checks {
		wg.Go(func() {
			if err := c.ask(ctx); err != nil {
				problems[i] = err.Error()
			}
		})
	}
	wg.Wait()
	b.last, b.at = map[string]string{}, time.Now()
	for i, p := range problems {
		if p != "" {
			b.last[b.checks[i].name] = p
		}
	}
	return b.last
}

// Ask returns the check of one condition by the board's last answer.
func (b *Board) Ask(name string) func(context.Context) error {
	return func(ctx context.Context) error {
		if p, bad := b.Check(ctx)[name]; bad {
			return errors.New(p)
		}
		return nil
	}
}

// ServiceReady asks a service whether it is ready, with grpc.health.v1 over the connection that requests use.
func ServiceReady(conn grpc.ClientConnInterface) func(context.Context) error {
	client := grpc_health_v1.NewHealthClient(conn)
	return func(ctx context.Context) error {
		var header metadata.MD
		resp, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{}, grpc.Header(&header))
		if err != nil {
			return fmt.Errorf("does not answer (%s)", status.Code(err))
		}
		if resp.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
			return errors.New("not ready: " + conditions(header.Get(rpc.HeaderNotReady)))
		}
		return nil
	}
}

// conditions keeps the names of what a service lacks and drops the causes, which are for operators.
func conditions(reasons []string) string {
	var names []string
	for _, r := range reasons {
		for part := range strings.SplitSeq(r, "; ") {
			if name, _, ok := strings.Cut(part, ":"); ok && name != "" && !strings.Contains(name, " ") {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return "starting"
	}
	return strings.Join(names, ", ")
}
