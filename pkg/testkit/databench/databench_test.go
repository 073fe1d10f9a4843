package databench_test

import (
	"context"
	"os"
	"testing"

	"github.com/fusionems/quantum/pkg/testkit/databench"
	"github.com/fusionems/quantum/pkg/testkit/natstest"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/pkg/testkit/ratio"
)

// TestFigures measures when FLEET_BENCH is set; budgets are reported, and judged by whoever reads them: other work on the
// machine moves them.
func TestFigures(t *testing.T) {
	if os.Getenv("FLEET_BENCH") == "" {
		t.Skip("FLEET_BENCH is not set: the figures take half a minute and a quiet machine")
	}
	server, err := pg.Start(t.Context(), pg.Options{Durable: true, Settings: map[string]string{"shared_buffers": "512MB"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	b, err := databench.Open(t.Context(), server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	nats := natstest.Start(t, nil).Bus("bench")
	var figures []ratio.Figure
	for _, measure := range []func(context.Context) (ratio.Figure, error){
		b.Read, b.Agencies, b.Write, b.WriteWithResult,
		func(ctx context.Context) (ratio.Figure, error) { return b.Pipeline(ctx, nats) },
	} {
		f, err := measure(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		figures = append(figures, f)
	}
	if err := ratio.Write(t.Output(), figures...); err != nil {
		t.Fatal(err)
	}
}
