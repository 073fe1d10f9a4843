package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"

	"github.com/fusionems/quantum/pkg/testkit/ratio"
)

var coldDecision = regexp.MustCompile(`(?m)^BenchmarkDecide/cold(?:-\d+)?\s+\d+\s+([\d.]+) ns/op`)

// decisionFigures runs the benchmark of the policy: a decision that no cache remembers.
func decisionFigures(ctx context.Context) ([]ratio.Figure, error) {
	root, err := repository()
	if err != nil {
		return nil, err
	}
	out, err := command(ctx, root, "go", "test", "-run", "^$", "-bench", "^BenchmarkDecide$/^cold$", "-benchtime", "20000x",
		"-count", strconv.Itoa(ratio.Rounds), "./gateway/internal/decide")
	if err != nil {
		return nil, err
	}
	f := ratio.Figure{Name: "authorization decision, cold", Unit: "µs", Most: 15}
	for _, m := range coldDecision.FindAllStringSubmatch(out, -1) {
		ns, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return nil, err
		}
		f.Ours = append(f.Ours, ns/1000)
	}
	if len(f.Ours) == 0 {
		return nil, fmt.Errorf("no result in %q", out)
	}
	return []ratio.Figure{f}, nil
}
