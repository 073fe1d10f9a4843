package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// decisions is how many one measurement takes.
const decisions = 5_000

// buildDecisions makes the benchmark of the policy: decisions that no cache remembers.
func buildDecisions(ctx context.Context, root, dir string) (string, error) {
	bin := filepath.Join(dir, "decide.test")
	_, err := command(ctx, root, "go", "test", "-c", "-o", bin, "./gateway/internal/decide")
	return bin, err
}

// decision answers the CPU time of one, collector included, in microseconds. Both runs compile the policy; the difference is the
// decisions.
func decision(ctx context.Context, bin string) (float64, error) {
	few, err := decide(ctx, bin, 1)
	if err != nil {
		return 0, err
	}
	many, err := decide(ctx, bin, 1+decisions)
	return float64((many - few).Microseconds()) / decisions, err
}

// decide answers the CPU time of a run of so many decisions.
func decide(ctx context.Context, bin string, n int) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, bin, "-test.run", "^$", "-test.bench", "^BenchmarkDecide$/^cold$", "-test.benchtime", strconv.Itoa(n)+"x")
	if err := cmd.Run(); err != nil {
		return 0, err
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}
