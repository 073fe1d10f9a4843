package databench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Figure is one measured ratio with its budget.
type Figure struct {
	Name string
	// Ours and Base are medians over the rounds, in Unit.
	Ours, Base float64
	Unit       string
	// Ratio is Ours / Base.
	Ratio  float64
	Budget float64
	// AtLeast says that the budget is a lower bound (rates); otherwise it is an upper one (costs).
	AtLeast bool
}

// Met says whether the budget is met.
func (f Figure) Met() bool {
	if f.AtLeast {
		return f.Ratio >= f.Budget
	}
	return f.Ratio <= f.Budget
}

func (f Figure) String() string {
	bound, verdict := "<=", "met"
	if f.AtLeast {
		bound = ">="
	}
	if !f.Met() {
		verdict = "MISSED"
	}
	return fmt.Sprintf("%-58s %10.1f %-8s base %10.1f  ratio %5.2f %s %.2f %s", f.Name, f.Ours, f.Unit, f.Base, f.Ratio, bound, f.Budget, verdict)
}

// Rounds of each measurement.
const Rounds = 5

// side measures once and returns a figure.
type side func(ctx context.Context) (float64, error)

// compare runs both sides in turns, the order changing, and takes medians.
func compare(ctx context.Context, f Figure, ours, base side) (Figure, error) {
	var a, b []float64
	for i := range Rounds {
		order := []struct {
			run side
			to  *[]float64
		}{{ours, &a}, {base, &b}}
		if i%2 == 1 {
			slices.Reverse(order)
		}
		for _, s := range order {
			v, err := s.run(ctx)
			if err != nil {
				return f, fmt.Errorf("%s: %w", f.Name, err)
			}
			*s.to = append(*s.to, v)
		}
	}
	f.Ours, f.Base = median(a), median(b)
	f.Ratio = f.Ours / f.Base
	return f, nil
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

// perCall is the median time of f in microseconds, over as many calls as fit into d.
func perCall(d time.Duration, f func(i int) error) (float64, error) {
	var times []float64
	for start := time.Now(); time.Since(start) < d; {
		t := time.Now()
		if err := f(len(times)); err != nil {
			return 0, err
		}
		times = append(times, float64(time.Since(t).Nanoseconds())/1000)
	}
	return median(times), nil
}
