package edge

import (
	"net/http"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/fusionems/quantum/gateway/internal/access"
	"github.com/fusionems/quantum/gateway/internal/authn"
	"github.com/fusionems/quantum/gateway/internal/codec"
	"github.com/fusionems/quantum/gateway/internal/problem"
	"github.com/fusionems/quantum/gateway/internal/session"
	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/identity"
)

// exchange is one request and its answer. It travels as the response writer, the one thing that the mux hands to everybody.
type exchange struct {
	http.ResponseWriter
	edge      *Edge
	handler   *handler
	params    map[string]string
	session   *authn.Session
	browser   *session.Live
	guessed   bool // the credential names nothing
	call      *audit.Call
	principal identity.Principal
	signed    string
	body      *codec.Body
	span      trace.Span
	trace     string
	record    access.Record
}

// WriteHeader keeps the status for the record.
func (x *exchange) WriteHeader(code int) {
	if x.record.Status == 0 {
		x.record.Status = code
	}
	x.ResponseWriter.WriteHeader(code)
}

// Write sends a part of the answer.
func (x *exchange) Write(b []byte) (int, error) {
	if x.record.Status == 0 {
		x.record.Status = http.StatusOK
	}
	return x.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find the connection.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// fail answers with a problem.
func (x *exchange) fail(p *problem.Problem) {
	x.record.Reason = p.Reason
	if x.record.Status != 0 {
		return
	}
	p.Write(x, x.record.RequestID)
}

const (
	unmatchedEndpoint = "unmatched"
	anonymous         = "anonymous"
)

// ServeHTTP serves one request and keeps its record, whatever becomes of it.
func (e *Edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.NewV7()
	if err != nil {
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	x := &exchange{ResponseWriter: w, edge: e}
	x.record = access.Record{
		Time: e.Now(), Method: methodLabel(r.Method), Endpoint: unmatchedEndpoint, Identity: anonymous,
		RequestID: id.String(), Address: ClientAddress(r, e.Config.TrustedProxies),
	}
	answerHeaders(w.Header(), x.record.RequestID)
	if e.Tracer != nil {
		r = x.startSpan(r)
	} else {
		x.trace = foreignTrace(r)
	}
	defer x.end(r)
	e.mux.ServeHTTP(x, r)
}

// end keeps the record, also of a request whose handling panicked.
func (x *exchange) end(r *http.Request) {
	if v := recover(); v != nil {
		if v == http.ErrAbortHandler {
			panic(v)
		}
		x.edge.Log.ErrorContext(r.Context(), "a request panicked", "request_id", x.record.RequestID, "endpoint", x.record.Endpoint, "panic", stackOf(v))
		x.fail(problem.New(http.StatusInternalServerError, problem.ReasonInternal, "an internal error; the instance names it in the log"))
	}
	x.record.Duration = x.edge.Now().Sub(x.record.Time)
	if x.record.Status == 0 {
		x.record.Status = http.StatusOK
	}
	series := x.edge.unmatched
	if x.handler != nil {
		series = x.handler.series
	}
	series.Observe(x.record.Status, x.record.Duration)
	x.edge.Access.Add(&x.record)
	x.endSpan()
}

func (x *exchange) startSpan(r *http.Request) *http.Request {
	ctx := r.Context()
	if trusted(r, x.edge.Config.TrustedProxies) {
		ctx = extractTrace(ctx, r.Header)
	}
	ctx, x.span = x.edge.Tracer.Start(ctx, "request", trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(x.record.Time))
	if sc := x.span.SpanContext(); sc.IsSampled() {
		x.record.TraceID = sc.TraceID().String()
	}
	return r.WithContext(ctx)
}

// traceContext is the trace that the audit record of a refusal belongs to.
func (x *exchange) traceContext() string {
	if x.span != nil {
		return traceParent(x.span.SpanContext())
	}
	return x.trace
}

func (x *exchange) endSpan() {
	if x.span == nil {
		return
	}
	if x.span.IsRecording() {
		x.span.SetName(x.record.Method + " " + x.record.Endpoint)
		x.span.SetAttributes(
			attribute.String("http.request.method", x.record.Method), attribute.String("http.route", x.record.Endpoint),
			attribute.Int("http.response.status_code", x.record.Status), attribute.String("fleet.request_id", x.record.RequestID),
			attribute.Int64("fleet.agency_id", x.record.AgencyID), attribute.String("fleet.reason", x.record.Reason),
		)
		if x.record.Status >= http.StatusInternalServerError {
			x.span.SetStatus(codes.Error, x.record.Reason)
		}
	}
	x.span.End(trace.WithTimestamp(x.record.Time.Add(x.record.Duration)))
}

// methodLabel keeps the set of metric labels finite.
func methodLabel(m string) string {
	switch m {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead, http.MethodOptions:
		return m
	default:
		return "OTHER"
	}
}

// remaining is how long a call of the route may take.
func (e *Edge) remaining(document bool) time.Duration {
	if document {
		return e.Config.DocumentTimeout
	}
	return e.Config.Timeout
}
