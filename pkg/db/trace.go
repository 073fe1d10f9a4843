package db

import (
	"context"
	"errors"
	"strings"

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
type tracer struct {
	tracer trace.Tracer
	schema string
}

func newTracer(schema string) *tracer {
	return &tracer{tracer: otel.Tracer("github.com/fusionems/quantum/pkg/db"), schema: schema}
}

// queryName is how sqlc begins a statement.
const queryName = "-- name: "

// summary names a statement in few different ways: as its author did, or by its verb.
func summary(sql string) string {
	named, ok := strings.CutPrefix(sql, queryName)
	if !ok {
		named = sql
	}
	word, _, _ := strings.Cut(strings.TrimSpace(named), " ")
	word, _, _ = strings.Cut(word, "\n")
	if ok {
		return word
	}
	return strings.ToUpper(word)
}

var (
	_ pgx.QueryTracer = (*tracer)(nil)
	_ pgx.BatchTracer = (*tracer)(nil)
)

// start needs a context that records.
func (t *tracer) start(ctx context.Context, sql string, attrs ...attribute.KeyValue) context.Context {
	name := summary(sql)
	ctx, _ = t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(append(attrs,
		attribute.String("db.system.name", "postgresql"), attribute.String("db.namespace", t.schema),
		attribute.String("db.query.summary", name), attribute.String("db.query.text", sql))...))
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
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx
	}
	return t.start(ctx, d.SQL)
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
	return t.start(ctx, text, attribute.Int("db.operation.batch.size", d.Batch.Len()))
}

// TraceBatchQuery implements pgx.BatchTracer.
func (t *tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (t *tracer) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchEndData) {
	t.end(ctx, d.Err)
}
