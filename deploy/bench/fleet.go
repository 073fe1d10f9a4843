package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fusionems/quantum/deploy/local"
	"github.com/fusionems/quantum/pkg/testkit/ratio"
)

// settle is how long a fleet is left alone before its memory is read: what the start needed has been given back by then.
const settle = 20 * time.Second

// fleetFigures builds the fleet with a warm cache and starts it as `make up` does, in a directory of its own.
func fleetFigures(ctx context.Context) (figures []ratio.Figure, err error) {
	root, err := repository()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "fleet-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	// The private PostgreSQL runs as another user, which must reach its data directory.
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // only the way through
		return nil, err
	}
	if err := os.Symlink(filepath.Join(root, ".run", "bin"), filepath.Join(dir, "bin")); err != nil {
		return nil, err
	}
	fleet := filepath.Join(root, ".run", "bin", "fleet")
	defer func() {
		_, stopErr := command(context.WithoutCancel(ctx), root, fleet, "-dir", dir, "down")
		err = errors.Join(err, stopErr)
	}()
	first := ratio.Figure{Name: "warm build to ready, new data directory with demo charts", Unit: "s", Most: 10}
	again := ratio.Figure{Name: "warm build to ready, data there already", Unit: "s", Most: 10}
	for _, f := range []*ratio.Figure{&first, &again} {
		if err := up(ctx, root, fleet, dir, f); err != nil {
			return figures, err
		}
		figures = append(figures, *f)
		if f == &first {
			if _, err := command(ctx, root, fleet, "-dir", dir, "down"); err != nil {
				return figures, err
			}
		}
	}
	select {
	case <-ctx.Done():
		return figures, ctx.Err()
	case <-time.After(settle):
	}
	memory, err := idleMemory(dir)
	return append(figures, memory), err
}

func up(ctx context.Context, root, fleet, dir string, f *ratio.Figure) error {
	start := time.Now()
	if _, err := command(ctx, root, "make", "build"); err != nil {
		return err
	}
	built := time.Since(start)
	if _, err := command(ctx, root, fleet, "-dir", dir, "up", "--detach"); err != nil {
		return err
	}
	f.Ours = append(f.Ours, time.Since(start).Seconds())
	f.Cause = fmt.Sprintf("%.1f s of it are the build with a warm cache", built.Seconds())
	return nil
}

// idleMemory sums the processes of a fleet, the launcher among them and PostgreSQL not.
func idleMemory(dir string) (ratio.Figure, error) {
	f := ratio.Figure{Name: "idle memory of the fleet without PostgreSQL", Unit: "MB", Most: 600}
	state, err := local.ReadState(dir)
	if err != nil {
		return f, err
	}
	launcher, err := residentMB(state.PID)
	if err != nil {
		return f, err
	}
	total, each := launcher, []string{fmt.Sprintf("launcher %.0f", launcher)}
	for _, p := range state.Processes {
		if p.Name == "postgres" {
			continue
		}
		mb, err := residentMB(p.PID)
		if err != nil {
			return f, err
		}
		total += mb
		each = append(each, fmt.Sprintf("%s %.0f", p.Name, mb))
	}
	slices.Sort(each)
	f.Ours, f.Cause = []float64{total}, strings.Join(each, ", ")+" MB"
	return f, nil
}
