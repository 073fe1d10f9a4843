package inbox_test

import (
	"context"
	"sync/atomic"
	"testing"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/inbox"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
)

// recordSpans keeps what is recorded in this process.
func recordSpans(t *testing.T) (*tracetest.InMemoryExporter, trace.Tracer) {
	t.Helper()
	rec := tracetest.NewInMemoryExporter()
	tp := sdktrace.NewTracerProvider(sdktrace.WithSyncer(rec), sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.AlwaysSample())))
	before := otel.GetTracerProvider()
	otel.SetTracerProvider(tp)
	t.Cleanup(func() { otel.SetTracerProvider(before) })
	return rec, tp.Tracer("test")
}

func named(spans tracetest.SpanStubs, name string) (out []tracetest.SpanStub) {
	for _, s := range spans {
		if s.Name == name {
			out = append(out, s)
		}
	}
	return out
}

// emitIn commits an event under ctx and returns the trace it belongs to.
func (r *rig) emitIn(ctx context.Context, agency int64, version int) trace.TraceID {
	r.t.Helper()
	ctx = identity.With(ctx, identity.ForService(schema, agency))
	if err := r.db.Write(ctx, func(_ context.Context, tx *db.Tx) error {
		tx.Emit("charts/x", &clinicalv1.ChartImported{ChartId: "x", Version: int32(version)})
		return nil
	}); err != nil {
		r.t.Fatal(err)
	}
	return trace.SpanContextFromContext(ctx).TraceID()
}

// Events that share a transaction stay in the traces of their writers, and so does what they set off.
func TestEachEventStaysInItsWritersTrace(t *testing.T) {
	r := newRig(t)
	rec, tracer := recordSpans(t)
	wrong := atomic.Int32{}
	var wanted []trace.TraceID
	in := r.inbox(0, inbox.Handler{
		Message: (*clinicalv1.ChartImported)(nil),
		Prepare: func(ctx context.Context, _ inbox.Event) (any, error) {
			return trace.SpanContextFromContext(ctx).TraceID(), nil
		},
		Apply: func(ctx context.Context, tx *db.Tx, ev inbox.Event, prepared any) error {
			version := ev.Message.(*clinicalv1.ChartImported).GetVersion()
			if got := trace.SpanContextFromContext(ctx).TraceID(); got != wanted[version] || prepared != got {
				wrong.Add(1)
			}
			tx.Emit("cases/x", &qav1.CaseOpened{CaseId: "x", ChartId: wanted[version].String()})
			return nil
		},
	})
	const writers = 6
	for i := range writers {
		ctx, span := tracer.Start(t.Context(), "request")
		wanted = append(wanted, r.emitIn(ctx, []int64{agencyA, agencyB}[i%2], i))
		span.End()
	}
	// And one that nobody records.
	unsampled := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{9}, SpanID: trace.SpanID{9}})
	wanted = append(wanted, r.emitIn(trace.ContextWithSpanContext(t.Context(), unsampled), agencyA, writers))
	defer r.start(in.Run)()
	defer r.relay()()
	r.eventually("all traces are whole", func() bool { return len(named(rec.GetSpans(), "publish qa.case.opened.v1")) == writers })
	if n := wrong.Load(); n != 0 {
		t.Errorf("%d events were handled in the trace of another", n)
	}
	spans := rec.GetSpans()
	for i, id := range wanted[:writers] {
		parent := oneOf(t, spans, "request", id)
		for _, name := range []string{"publish clinical.chart.imported.v1", "process clinical.chart.imported.v1", "publish qa.case.opened.v1"} {
			s := oneOf(t, spans, name, id)
			if s.Parent.SpanID() != parent.SpanContext.SpanID() {
				t.Errorf("writer %d: %q is not below %q", i, name, parent.Name)
			}
			parent = s
		}
	}
	for _, s := range spans {
		if s.SpanContext.TraceID() == unsampled.TraceID() {
			t.Errorf("%q is recorded, its writer was not", s.Name)
		}
	}
}

func oneOf(t *testing.T, spans tracetest.SpanStubs, name string, id trace.TraceID) tracetest.SpanStub {
	t.Helper()
	var found []tracetest.SpanStub
	for _, s := range named(spans, name) {
		if s.SpanContext.TraceID() == id {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d spans %q in trace %s, want one", len(found), name, id)
	}
	return found[0]
}
