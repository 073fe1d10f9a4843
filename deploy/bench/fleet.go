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

// fleetRounds is how many times a fleet is made anew.
const fleetRounds = 3

// fleetBench builds the fleet with a warm cache and starts it as `make up` does, in directories of its own.
type fleetBench struct {
	root, binary, dir    string
	first, again, memory ratio.Figure
}

func fleetFigures(ctx context.Context) ([]ratio.Figure, error) {
	root, err := repository()
	if err != nil {
		return nil, err
	}
	b := &fleetBench{
		root: root, binary: filepath.Join(root, ".run", "bin", "fleet"),
		first:  ratio.Figure{Name: "warm build to ready, new data and demo charts imported", Unit: "s", Most: 10},
		again:  ratio.Figure{Name: "warm build to ready, data there already", Unit: "s", Most: 10},
		memory: ratio.Figure{Name: "idle memory of the fleet without PostgreSQL", Unit: "MB", Most: 600},
	}
	for round := range fleetRounds {
		if err = b.round(ctx, round == fleetRounds-1); err != nil {
			break
		}
	}
	return []ratio.Figure{b.first, b.again, b.memory}, err
}

// round starts a new fleet, and the same again with what it has stored.
func (b *fleetBench) round(ctx context.Context, withMemory bool) (err error) {
	if b.dir, err = os.MkdirTemp("", "fleet-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	// The private PostgreSQL runs as another user, which must reach its data directory.
	if err := os.Chmod(b.dir, 0o755); err != nil { //nolint:gosec // only the way through
		return err
	}
	if err := os.Symlink(filepath.Join(b.root, ".run", "bin"), filepath.Join(b.dir, "bin")); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.down(context.WithoutCancel(ctx))) }()
	if err := b.up(ctx, &b.first); err != nil {
		return err
	}
	if err := b.down(ctx); err != nil {
		return err
	}
	if err := b.up(ctx, &b.again); err != nil || !withMemory {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(settle):
	}
	return b.readMemory()
}

func (b *fleetBench) up(ctx context.Context, f *ratio.Figure) error {
	start := time.Now()
	if _, err := command(ctx, b.root, "make", "build"); err != nil {
		return err
	}
	built := time.Since(start)
	if _, err := command(ctx, b.root, b.binary, "-dir", b.dir, "up", "--detach"); err != nil {
		return err
	}
	f.Ours = append(f.Ours, time.Since(start).Seconds())
	f.Cause = fmt.Sprintf("a time and no ratio, so other work on the machine shows in it; %.1f s of the last were the build", built.Seconds())
	return nil
}

func (b *fleetBench) down(ctx context.Context) error {
	_, err := command(ctx, b.root, b.binary, "-dir", b.dir, "down")
	return err
}

// readMemory sums the processes of the fleet, the launcher among them and PostgreSQL not.
func (b *fleetBench) readMemory() error {
	state, err := local.ReadState(b.dir)
	if err != nil {
		return err
	}
	pids := map[string]int{"launcher": state.PID}
	for _, p := range state.Processes {
		if p.Name != "postgres" {
			pids[p.Name] = p.PID
		}
	}
	total, each := 0.0, make([]string, 0, len(pids))
	for name, pid := range pids {
		mb, err := residentMB(pid)
		if err != nil {
			return err
		}
		total += mb
		each = append(each, fmt.Sprintf("%s %.0f", name, mb))
	}
	slices.Sort(each)
	b.memory.Ours, b.memory.Cause = []float64{total}, strings.Join(each, ", ")+" MB"
	return nil
}
