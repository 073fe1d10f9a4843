package tracecontext_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/fusionems/quantum/pkg/internal/tracecontext"
)

func contextWith(flags trace.TraceFlags) context.Context {
	return trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1, 2, 0xff}, SpanID: trace.SpanID{7, 0xab}, TraceFlags: flags,
	}))
}

func TestSameAsThePropagator(t *testing.T) {
	for flags, sampled := range map[trace.TraceFlags]bool{0: false, trace.FlagsSampled: true} {
		ctx := contextWith(flags)
		carrier := propagation.MapCarrier{}
		propagation.TraceContext{}.Inject(ctx, carrier)
		got := tracecontext.Of(ctx)
		if got != carrier["traceparent"] {
			t.Errorf("%q, the propagator says %q", got, carrier["traceparent"])
		}
		if tracecontext.Sampled(got) != sampled {
			t.Errorf("%s: sampled is not %t", got, sampled)
		}
		back := trace.SpanContextFromContext(tracecontext.With(context.Background(), got))
		if !back.IsRemote() || !back.Equal(trace.SpanContextFromContext(ctx).WithRemote(true)) {
			t.Errorf("read back as %v", back)
		}
	}
}

func TestWhatIsNoTraceChangesNothing(t *testing.T) {
	if got := tracecontext.Of(context.Background()); got != "" {
		t.Errorf("%q without a span", got)
	}
	for _, bad := range []string{"", "00", "00-00000000000000000000000000000000-0000000000000000-01", "00-zz", "x"} {
		ctx := contextWith(trace.FlagsSampled)
		if got := tracecontext.Of(tracecontext.With(ctx, bad)); got != tracecontext.Of(ctx) {
			t.Errorf("%q made %q", bad, got)
		}
	}
	for _, bad := range []string{"", "01", "00-01020000000000000000000000000000-0700000000000000-zz"} {
		if tracecontext.Sampled(bad) {
			t.Errorf("%q is sampled", bad)
		}
	}
}
