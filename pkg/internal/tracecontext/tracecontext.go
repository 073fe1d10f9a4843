package tracecontext

import (
	"context"
	"encoding/hex"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

const (
	header = "traceparent"
	// size of version 00: "00-" trace "-" span "-" flags.
	size = 55
)

// Of is the traceparent of the context, "" without one. It is asked for in every transaction, so it is written by hand:
// the propagator fills a map.
func Of(ctx context.Context) string {
	sc := trace.SpanContextFromContext(ctx)
	if !sc.IsValid() {
		return ""
	}
	traceID, spanID, flags := sc.TraceID(), sc.SpanID(), sc.TraceFlags()
	b := make([]byte, 0, size)
	b = append(b, "00-"...)
	b = hex.AppendEncode(b, traceID[:])
	b = append(b, '-')
	b = hex.AppendEncode(b, spanID[:])
	b = append(b, '-')
	b = hex.AppendEncode(b, []byte{byte(flags & trace.FlagsSampled)})
	return string(b)
}

// With continues a trace of somebody else. What is not well formed changes nothing.
func With(ctx context.Context, traceparent string) context.Context {
	if traceparent == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{header: traceparent})
}

// Sampled says whether the writer's span is recorded, without parsing the rest: nearly all are not.
func Sampled(traceparent string) bool {
	if len(traceparent) < size {
		return false
	}
	var flags [1]byte
	_, err := hex.Decode(flags[:], []byte(traceparent[size-2:size]))
	return err == nil && trace.TraceFlags(flags[0]).IsSampled()
}
