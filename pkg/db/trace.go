package db

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// tracer opens a span per round trip. It records neither arguments nor the server's message, since both may hold values
// of a row, only the statement text (parameters are placeholders) and the SQLSTATE. Without a sampled parent it does
// nothing: most round trips cost it one context lookup.
type tracer struct{ tracer trace.Tracer }

func newTracer() *tracer {
	return &tracer{tracer: otel.Tracer("github.com/fusionems/quantum/pkg/db")}
}

var (
	_ pgx.QueryTracer = (*tracer)(nil)
	_ pgx.BatchTracer = (*tracer)(nil)
)

func (t *tracer) start(ctx context.Context, name string, attrs ...attribute.KeyValue) context.Context {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx
	}
	ctx, _ = t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(append(attrs, attribute.String("db.system.name", "postgresql"))...))
	return context.WithValue(ctx, ownSpan{}, true)
}

// ownSpan marks a span that this tracer began: without it the end of a query would end the caller's span.
type ownSpan struct{}

func (t *tracer) end(ctx context.Context, err error) {
	if ctx.Value(ownSpan{}) == nil {
		return
	}
	span := trace.SpanFromContext(ctx)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		state := "client"
		var pg *pgconn.PgError
		if errors.As(err, &pg) {
			state = pg.Code
		}
		span.SetStatus(codes.Error, "sqlstate "+state)
		span.SetAttributes(attribute.String("db.response.status_code", state))
	}
	span.End()
}

// TraceQueryStart implements pgx.QueryTracer.
func (t *tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	return t.start(ctx, "db.query", attribute.String("db.query.text", d.SQL))
}

// TraceQueryEnd implements pgx.QueryTracer.
func (t *tracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryEndData) {
	t.end(ctx, d.Err)
}

// TraceBatchStart implements pgx.BatchTracer. The text is that of the first statement that is not the transaction's own.
func (t *tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx
	}
	text := ""
	for _, q := range d.Batch.QueuedQueries {
		if text = q.SQL; text != beginRead && text != beginWrite && text != setScope && text != setScopeReadOnly {
			break
		}
	}
	return t.start(ctx, "db.batch", attribute.String("db.query.text", text), attribute.Int("db.operation.batch.size", d.Batch.Len()))
}

// TraceBatchQuery implements pgx.BatchTracer.
func (t *tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (t *tracer) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchEndData) {
	t.end(ctx, d.Err)
}
