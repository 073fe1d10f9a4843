package inbox

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/internal/tracecontext"
)

// startSpans opens a span in the trace of each writer that is recorded. What the events of a group share, the transaction
// itself, shows under the first of them; the others point there.
func (in *Inbox) startSpans(ctx context.Context, ds []*delivery) {
	var shared []trace.Link
	for _, d := range ds {
		d.span = nil // of an attempt before
		if !tracecontext.Sampled(d.trace) {
			continue
		}
		subject := in.subjects[d.Type]
		_, d.span = otel.Tracer("github.com/fusionems/quantum/pkg/inbox").Start(tracecontext.With(ctx, d.trace), "process "+subject,
			trace.WithSpanKind(trace.SpanKindConsumer), trace.WithLinks(shared...), trace.WithAttributes(
				attribute.String("messaging.system", "nats"), attribute.String("messaging.operation.type", "process"),
				attribute.String("messaging.operation.name", "process"), attribute.String("messaging.destination.name", subject),
				attribute.String("messaging.consumer.group.name", in.cfg.Service), attribute.String("messaging.message.id", d.ID.String()),
				attribute.Int("messaging.batch.message_count", len(ds)),
			))
		if shared == nil {
			shared = []trace.Link{{SpanContext: d.span.SpanContext()}}
		}
	}
}

func endSpans(ds []*delivery, err error) {
	for _, d := range ds {
		if d.span == nil {
			continue
		}
		if err != nil {
			d.span.SetAttributes(attribute.String("error.type", errs.Reason(err)))
			d.span.SetStatus(codes.Error, errs.Reason(err))
		}
		d.span.End()
	}
}

// in is the context of the event's trace.
func (ev Event) in(ctx context.Context) context.Context {
	if ev.span != nil {
		return trace.ContextWithSpan(ctx, ev.span)
	}
	return tracecontext.With(ctx, ev.trace)
}

// traceParent is what follows from the event.
func (ev Event) traceParent() string {
	if ev.span != nil {
		return tracecontext.Of(trace.ContextWithSpan(context.Background(), ev.span))
	}
	return ev.trace
}

// traced is the first event of a group whose trace is recorded, or else the first.
func traced(ds []*delivery) *delivery {
	for _, d := range ds {
		if d.span != nil {
			return d
		}
	}
	return ds[0]
}
