package bus_test

import (
	"testing"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/outbox"
	"github.com/fusionems/quantum/pkg/testkit/natstest"
)

func TestPublishingIsASpanOfTheWritersTrace(t *testing.T) {
	rec := tracetest.NewInMemoryExporter()
	before := otel.GetTracerProvider()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(rec)))
	t.Cleanup(func() { otel.SetTracerProvider(before) })
	b := natstest.Start(t, nil).Bus("test")

	recorded, unrecorded, untraced, stray := message(uuid.Must(uuid.NewV7())), message(uuid.Must(uuid.NewV7())), message(uuid.Must(uuid.NewV7())), message(uuid.Must(uuid.NewV7()))
	unrecorded.TraceParent = "00-33333333333333333333333333333333-4444444444444444-00"
	untraced.TraceParent = ""
	stray.NATSSubject = "nowhere.at.all"
	messages := []outbox.Message{recorded, unrecorded, untraced, stray}
	results := b.Publish(t.Context(), messages)
	for i, wanted := range []bool{true, true, true, false} {
		if (results[i] == nil) != wanted {
			t.Errorf("message %d: %v", i, results[i])
		}
	}
	if messages[0].TraceParent != recorded.TraceParent {
		t.Error("the caller's message was changed")
	}
	spans := rec.GetSpans()
	if len(spans) != 2 {
		t.Fatalf("%d spans, want those of the two recorded writers", len(spans))
	}
	sent, lost := spans[0], spans[1]
	if sent.Name != "publish qa.case.opened.v1" || sent.SpanKind != trace.SpanKindProducer || sent.Parent.SpanID().String() != "2222222222222222" || sent.Status.Code != codes.Unset {
		t.Errorf("span %+v", sent)
	}
	if lost.Name != "publish nowhere.at.all" || lost.Status.Code != codes.Error {
		t.Errorf("span %+v", lost)
	}
	s, err := b.JetStream().Stream(t.Context(), "QA")
	if err != nil {
		t.Fatal(err)
	}
	for seq, want := range map[uint64]string{
		1: "00-11111111111111111111111111111111-" + sent.SpanContext.SpanID().String() + "-01", 2: unrecorded.TraceParent, 3: "",
	} {
		m, err := s.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Header.Get(bus.HeaderTraceParent); got != want {
			t.Errorf("message %d carries %q, want %q", seq, got, want)
		}
	}
}
