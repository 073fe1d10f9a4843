package bus

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/fusionems/quantum/pkg/internal/tracecontext"
	"github.com/fusionems/quantum/pkg/outbox"
)

// spans are those of the messages whose writers are recorded, by their place; nil where there is none.
type spans []trace.Span

// traced opens a span for each message whose writer is recorded, and lets the message carry it, so that what a consumer does
// hangs below the publishing. Without such a writer the messages are returned as they are.
func traced(ctx context.Context, messages []outbox.Message) ([]outbox.Message, spans) {
	recorded := func(m outbox.Message) bool { return tracecontext.Sampled(m.TraceParent) }
	if !slices.ContainsFunc(messages, recorded) {
		return messages, nil
	}
	messages = slices.Clone(messages)
	all := make(spans, len(messages))
	tracer := otel.Tracer("github.com/fusionems/quantum/pkg/bus")
	for i := range messages {
		m := &messages[i]
		if !recorded(*m) {
			continue
		}
		var sctx context.Context
		sctx, all[i] = tracer.Start(tracecontext.With(ctx, m.TraceParent), "publish "+m.NATSSubject,
			trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(
				attribute.String("messaging.system", "nats"), attribute.String("messaging.operation.type", "send"),
				attribute.String("messaging.operation.name", "publish"), attribute.String("messaging.destination.name", m.NATSSubject),
				attribute.String("messaging.message.id", m.ID.String()), attribute.Int("messaging.message.body.size", len(m.Payload)),
			))
		m.TraceParent = tracecontext.Of(sctx)
	}
	return messages, all
}

func (s spans) end(results []error) {
	for i, span := range s {
		if span == nil {
			continue
		}
		if results[i] != nil {
			span.SetStatus(codes.Error, "not stored")
		}
		span.End()
	}
}
