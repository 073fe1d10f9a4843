package ratio

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Rounds of a comparison that names no number of its own.
const Rounds = 9

// Side measures one way of doing the thing once: what one of them cost, or how many were done in a second.
type Side func(ctx context.Context) (float64, error)

// Figure is what was measured, with its budget. Exactly one of Most and Least is set.
type Figure struct {
	Name string
	// Unit of Ours and Base.
	Unit string
	// Ours and Base hold a value per round. A figure without Base is not a ratio and is held against the budget itself.
	Ours, Base  []float64
	Most, Least float64
	// Rounds to measure, after one that warms up; 0 means Rounds. Many short ones are better than few long ones, where the
	// thing is short.
	Rounds int
	// Cause says why the budget is missed where it is, as far as that is known.
	Cause string
}

// Compare runs both sides in turn, the order changing, so that whatever else the machine does meets both alike.
func (f Figure) Compare(ctx context.Context, ours, base Side) (Figure, error) {
	if f.Rounds == 0 {
		f.Rounds = Rounds
	}
	for round := range f.Rounds + 1 {
		order := []struct {
			run Side
			to  *[]float64
		}{{ours, &f.Ours}, {base, &f.Base}}
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, s := range order {
			v, err := s.run(ctx)
			if err != nil {
				return f, fmt.Errorf("%s: %w", f.Name, err)
			}
			if round > 0 {
				*s.to = append(*s.to, v)
			}
		}
	}
	return f, nil
}

// PerRound is what the budget is held against: a ratio per round, or the value where there is no base.
func (f Figure) PerRound() []float64 {
	out := slices.Clone(f.Ours)
	for i := range f.Base {
		out[i] /= f.Base[i]
	}
	return out
}

// Met says whether the median keeps the budget; what was not measured does not.
func (f Figure) Met() bool {
	if len(f.Ours) == 0 {
		return false
	}
	m := Median(f.PerRound())
	if f.Least > 0 {
		return m >= f.Least
	}
	return m <= f.Most
}

// Median of the values, of which there is at least one; the lower one of the two in the middle.
func Median(v []float64) float64 {
	return slices.Sorted(slices.Values(v))[(len(v)-1)/2]
}

// PerCall is the median time of f in microseconds, over as many calls as fit into d.
func PerCall(d time.Duration, f func(i int) error) (float64, error) {
	var times []float64
	for start := time.Now(); time.Since(start) < d; {
		t := time.Now()
		if err := f(len(times)); err != nil {
			return 0, err
		}
		times = append(times, float64(time.Since(t).Nanoseconds())/1000)
	}
	return Median(times), nil
}
