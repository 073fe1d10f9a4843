package obs

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/fusionems/quantum/pkg/identity"
)

// NewLogger writes JSON lines. It takes scalars, times, durations and errors as attribute values and nothing else: a whole
// message or struct could hold protected data, so it is replaced by its type.
func NewLogger(w io.Writer, service string, level slog.Level) *slog.Logger {
	h := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: scalarsOnly})
	return slog.New(contextHandler{h}).With("service", service)
}

func scalarsOnly(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() != slog.KindAny {
		return a
	}
	switch v := a.Value.Any().(type) {
	case nil, *slog.Source:
		return a
	case error:
		return slog.String(a.Key, v.Error())
	case time.Time, time.Duration, []string, slog.Level:
		return a
	default:
		return slog.String(a.Key, fmt.Sprintf("[omitted %T]", v))
	}
}

// contextHandler adds the request id and trace id of the context to each line.
type contextHandler struct{ slog.Handler }

func (h contextHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := identity.RequestID(ctx); id != "" {
		r.AddAttrs(slog.String("request_id", id))
	}
	if sc := trace.SpanContextFromContext(ctx); sc.HasTraceID() {
		r.AddAttrs(slog.String("trace_id", sc.TraceID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

func (h contextHandler) WithAttrs(a []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(a)}
}

func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name)}
}
