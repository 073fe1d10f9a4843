package ratio_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fusionems/quantum/pkg/testkit/ratio"
)

func TestCompareTakesTheRatioOfEachRound(t *testing.T) {
	machine := 0.0 // gets slower from call to call, for both
	var order strings.Builder
	side := func(name string, cost float64) ratio.Side {
		return func(context.Context) (float64, error) {
			machine++
			order.WriteString(name)
			return cost * (100 + machine), nil
		}
	}
	f, err := ratio.Figure{Name: "twice", Most: 2.1}.Compare(t.Context(), side("o", 2), side("b", 1))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Ours) != ratio.Rounds || len(f.Base) != ratio.Rounds {
		t.Errorf("%d and %d rounds", len(f.Ours), len(f.Base))
	}
	if !strings.HasPrefix(order.String(), "obbo") {
		t.Errorf("order %s: the sides must take turns in being first", order.String())
	}
	if m := ratio.Median(f.PerRound()); m < 1.95 || m > 2.05 || !f.Met() {
		t.Errorf("ratio %v, met %v", m, f.Met())
	}
}

func TestCompareStopsAtAnError(t *testing.T) {
	down := errors.New("down")
	_, err := ratio.Figure{Name: "x", Most: 1}.Compare(t.Context(),
		func(context.Context) (float64, error) { return 1, nil }, func(context.Context) (float64, error) { return 0, down })
	if !errors.Is(err, down) {
		t.Errorf("error %v", err)
	}
}

func TestWriteShowsWhatWasMissedAndWhy(t *testing.T) {
	var b strings.Builder
	err := ratio.Write(&b,
		ratio.Figure{Name: "rate", Unit: "msg/s", Ours: []float64{30, 20, 40}, Base: []float64{100, 100, 100}, Least: 0.28, Cause: "not shown"},
		ratio.Figure{Name: "cost", Unit: "µs", Ours: []float64{19}, Base: []float64{10}, Most: 1.8, Cause: "a second round trip"},
		ratio.Figure{Name: "memory", Unit: "MB", Ours: []float64{512}, Most: 600},
		ratio.Figure{Name: "chain", Most: 1.45, Cause: "no such binary"},
	)
	if err != nil {
		t.Fatal(err)
	}
	want := `FIGURE  MEASURED  (MIN..MAX)    BUDGET   VERDICT       OURS  BASE  UNIT
rate    0.30      (0.20..0.40)  >= 0.28  met           30.0  100   msg/s
cost    1.90      -             <= 1.80  MISSED        19.0  10.0  µs
memory  512       -             <= 600   met           512   -     MB
chain   -         -             <= 1.45  not measured  -     -     
MISSED: cost: a second round trip
not measured: chain: no such binary
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
