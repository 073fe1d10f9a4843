package bench_test

import (
	"context"
	"testing"

	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/audit/bench"
)

// What the figures are belongs to a quiet machine; here it shows that both sides run, and more than once.
func TestBothSidesRun(t *testing.T) {
	b, err := bench.Open(t.Context(), pg.NewDatabase(t).URL, 500)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	for range 2 {
		for name, side := range map[string]func(context.Context) (float64, error){"append": b.Append, "copy": b.Copy} {
			rate, err := side(t.Context())
			if err != nil || rate <= 0 {
				t.Errorf("%s: %v entries/s, %v", name, rate, err)
			}
		}
	}
}
