package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/fusionems/quantum/pkg/testkit/ratio"
)

// part measures some of the figures.
type part struct {
	name    string
	measure func(context.Context) ([]ratio.Figure, error)
}

func parts() []part {
	return []part{
		{"gateway", gatewayFigures}, {"data", dataFigures}, {"audit", auditFigures}, {"charts", chartFigures}, {"fleet", fleetFigures},
	}
}

func main() {
	only := flag.String("only", "", "parts to measure, comma-separated; all without it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, *only)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, only string) error {
	chosen, err := choose(only)
	if err != nil {
		return err
	}
	var figures []ratio.Figure
	var failed []string
	for _, p := range chosen {
		fmt.Fprintf(os.Stderr, "measuring: %s (load %s)\n", p.name, load())
		f, err := p.measure(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failed = append(failed, p.name)
			f = append(f, ratio.Figure{Name: p.name, Cause: err.Error()})
		}
		figures = append(figures, f...)
	}
	fmt.Fprintf(out, "\n%s, %d CPUs, load %s (1, 5 and 15 minutes, this measurement included)\n\n", runtime.Version(), runtime.NumCPU(), load())
	if err := ratio.Write(out, figures...); err != nil {
		return err
	}
	if len(failed) > 0 {
		return fmt.Errorf("not measured: %s", strings.Join(failed, ", "))
	}
	return nil
}

func choose(only string) ([]part, error) {
	all := parts()
	if only == "" {
		return all, nil
	}
	names := strings.Split(only, ",")
	var chosen []part
	for _, p := range all {
		if i := slices.Index(names, p.name); i >= 0 {
			chosen, names = append(chosen, p), slices.Delete(names, i, i+1)
		}
	}
	if len(names) > 0 {
		return nil, fmt.Errorf("no such part: %s", strings.Join(names, ", "))
	}
	return chosen, nil
}
