package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/fusionems/quantum/pkg/testkit/ratio"
)

const (
	gatewayRounds = 17
	gatewayRound  = 500 * time.Millisecond
)

// gateways is what gatewaybench says of itself.
type gateways struct {
	PID       int               `json:"pid"`
	Path      string            `json:"path"`
	Token     string            `json:"token"`
	Listeners map[string]string `json:"listeners"`
}

// gatewayFigures compares listeners of one gateway process: one heap, one collector, the same backend behind them.
func gatewayFigures(ctx context.Context) ([]ratio.Figure, error) {
	dir, err := os.MkdirTemp("", "fleet-bench-gateway-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	root, err := repository()
	if err != nil {
		return nil, err
	}
	bin := filepath.Join(dir, "gatewaybench")
	if _, err := command(ctx, root, "go", "build", "-o", bin, "./gateway/internal/gatewaybench"); err != nil {
		return nil, err
	}
	policy, err := buildDecisions(ctx, root, dir)
	if err != nil {
		return nil, err
	}
	redis, stopRedis, note, err := startRedis(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer stopRedis()
	var backend struct{ Address string }
	stopBackend, err := announced(ctx, &backend, bin, "backend")
	if err != nil {
		return nil, err
	}
	defer stopBackend()
	var g gateways
	stopGateways, err := announced(ctx, &g, bin, "serve", "-backend", backend.Address, "-redis", redis, "-log", filepath.Join(dir, "access.log"))
	if err != nil {
		return nil, err
	}
	defer stopGateways()
	return g.compare(ctx, note, func() (float64, error) { return decision(ctx, policy) })
}

const (
	bare, full, traced = "bare", "full", "traced"
	policyAlone        = "decision"
)

// compare measures CPU per request and the slowest requests of each listener, and a decision of the policy, in turn.
func (g gateways) compare(ctx context.Context, note string, decide func() (float64, error)) ([]ratio.Figure, error) {
	cpu, p99 := map[string][]float64{}, map[string][]float64{}
	order := []string{bare, full, traced}
	for round := range gatewayRounds + 1 {
		for i := range order {
			name := order[(i+round)%len(order)]
			c, p, err := g.measure(ctx, g.Listeners[name])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			if round > 0 {
				cpu[name], p99[name] = append(cpu[name], c), append(p99[name], p)
			}
		}
		c, err := decide()
		if err != nil {
			return nil, err
		}
		if round > 0 {
			cpu[policyAlone] = append(cpu[policyAlone], c)
		}
	}
	slow := note
	if slow == "" {
		slow = "at fixed concurrency latency follows CPU, and the chain waits for Redis too; where other work has the CPUs, the slowest are those that waited for one"
	}
	return []ratio.Figure{
		{Name: "gateway chain, warm token / bare grpc-gateway, CPU", Unit: "µs", Most: 1.45, Ours: cpu[full], Base: cpu[bare], Cause: note},
		{Name: "the same with traces, CPU", Unit: "µs", Most: 1.8, Ours: cpu[traced], Base: cpu[bare], Cause: note},
		{Name: "gateway chain / bare grpc-gateway, p99", Unit: "µs", Most: 1.3, Ours: p99[full], Base: p99[bare], Cause: slow},
		{Name: "authorization decision, cold / bare grpc-gateway, CPU", Unit: "µs", Most: 0.45, Ours: cpu[policyAlone], Base: cpu[bare]},
		{
			Name: "authorization decision, cold, CPU", Unit: "µs", Most: 15, Ours: cpu[policyAlone],
			Cause: "time and no ratio: a busy or slow machine shows in it, as it does in the base of the ratio above",
		},
	}, nil
}

// measure answers CPU per request and the 99th percentile, both in microseconds.
func (g gateways) measure(ctx context.Context, addr string) (cpu, p99 float64, err error) {
	before, err := cpuTime(g.PID)
	if err != nil {
		return 0, 0, err
	}
	latencies, err := request(ctx, addr, g.Path, g.Token, gatewayRound)
	if err != nil {
		return 0, 0, err
	}
	after, err := cpuTime(g.PID)
	if err != nil {
		return 0, 0, err
	}
	n := len(latencies)
	return float64((after - before).Nanoseconds()) / 1000 / float64(n), latencies[n*99/100], nil
}

// startRedis runs a real redis-server where one is installed; the one in this process is slower, and the chain waits for it.
func startRedis(ctx context.Context, dir string) (url string, stop func(), note string, err error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		mini, err := miniredis.Run()
		if err != nil {
			return "", nil, "", err
		}
		return "redis://" + mini.Addr(), mini.Close, "measured with an embedded Redis: install redis-server for the real figure", nil
	}
	port, err := freePort()
	if err != nil {
		return "", nil, "", err
	}
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, path, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir)
	if err := cmd.Start(); err != nil {
		cancel()
		return "", nil, "", err
	}
	stop = func() { cancel(); _ = cmd.Wait() }
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	for range 500 {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			return "redis://" + addr, stop, "", conn.Close()
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	return "", nil, "", errors.New("redis-server does not accept connections")
}

func freePort() (int, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port, nil
}
