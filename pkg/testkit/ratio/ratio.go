package ratio

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Way is one way of doing the thing. Run does it n times.
type Way struct {
	Name string
	Run  func(n int) error
}

// Budget is what the ratio of a way to the first way may be.
type Budget struct {
	Way string
	// Most is the largest ratio of costs; 0 means that Least applies.
	Most float64
	// Least is the smallest ratio of speeds (cost of the first / cost of the way).
	Least float64
}

// Rounds of one comparison; each runs every way once, in turn, so that a drift of the machine meets all alike.
const Rounds = 9

// Compare measures the ways and reports each budget. The first way is what the others are held against.
func Compare(t *testing.T, n int, ways []Way, budgets ...Budget) {
	t.Helper()
	costs := make([][]float64, len(ways))
	for round := -1; round < Rounds; round++ { // round -1 warms up
		for i, w := range ways {
			start := time.Now()
			if err := w.Run(n); err != nil {
				t.Fatalf("%s: %v", w.Name, err)
			}
			if round >= 0 {
				costs[i] = append(costs[i], time.Since(start).Seconds()/float64(n))
			}
		}
	}
	for i, w := range ways {
		fmt.Printf("%-60s %10.2f µs\n", t.Name()+" "+w.Name, Median(costs[i])*1e6)
	}
	for _, b := range budgets {
		i := slices.IndexFunc(ways, func(w Way) bool { return w.Name == b.Way })
		if i < 0 {
			t.Fatalf("no way %q", b.Way)
		}
		Report(t.Name()+" "+b.Way, ratios(costs[i], costs[0]), b)
	}
}

func ratios(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] / b[i]
	}
	return out
}

// Report prints a ratio of costs, measured round by round, beside its budget. A missed budget is a figure, not a failure:
// the machine of a test run is nobody's production.
func Report(name string, perRound []float64, b Budget) {
	r := Median(perRound)
	lo, hi := slices.Min(perRound), slices.Max(perRound)
	verdict := "met"
	if b.Most > 0 {
		if r > b.Most {
			verdict = "MISSED"
		}
		fmt.Printf("BUDGET %-56s %.2f x (%.2f..%.2f), at most %.2f: %s\n", name, r, lo, hi, b.Most, verdict)
		return
	}
	if 1/r < b.Least {
		verdict = "MISSED"
	}
	fmt.Printf("BUDGET %-56s %.2f x (%.2f..%.2f), at least %.2f: %s\n", name, 1/r, 1/hi, 1/lo, b.Least, verdict)
}

// Median of the values.
func Median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}
