package bench

import (
	"os"
	"testing"

	"github.com/fusionems/quantum/pkg/testkit/pg"
)

// The figure itself belongs to a quiet machine: AUDIT_BENCH=1 measures it in full. Otherwise this shows that it can be had.
func TestAppend(t *testing.T) {
	opts := Options{Rounds: 1, Entries: 2000}
	if os.Getenv("AUDIT_BENCH") != "" {
		opts = Options{}
	}
	// The size of performance figures elsewhere, and that of the consumer.
	for _, opts.Batch = range []int{500, 200} {
		r, err := Append(t.Context(), pg.NewDatabase(t).URL, opts)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(r)
		if r.Append <= 0 || r.Copy <= 0 {
			t.Errorf("figures %+v", r)
		}
	}
}
