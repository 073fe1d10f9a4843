package edge_test

import (
	"net/netip"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/fusionems/quantum/gateway/internal/edge"
)

const (
	foreign      = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	foreignTrace = "0af7651916cd43dd8448eb211c80319c"
)

func traced(t *testing.T, w *world, proxies ...netip.Prefix) *tracetest.InMemoryExporter {
	t.Helper()
	out := tracetest.NewInMemoryExporter()
	tp := sdktrace.NewTracerProvider(sdktrace.WithSyncer(out))
	deps := w.deps
	deps.Tracer, deps.Config.TrustedProxies = tp.Tracer("test"), proxies
	e, err := edge.New(t.Context(), deps)
	if err != nil {
		t.Fatal(err)
	}
	w.server.Config.Handler = e
	return out
}

func TestSpans(t *testing.T) {
	w := newWorld(t)
	spans := traced(t, w)
	id := "0190b7c4-0000-7000-8000-000000000001"
	w.do(request{path: "/api/qa/cases/" + id + "?", token: w.token(nil, "billing_staff"), header: map[string]string{"Traceparent": foreign}})
	got := spans.GetSpans()
	if len(got) != 1 || got[0].Name != "GET /api/qa/cases/{id}" {
		t.Fatalf("%+v", got)
	}
	if got[0].SpanContext.TraceID().String() == foreignTrace {
		t.Fatal("a client continues its trace inside the fleet")
	}
	attributes := map[string]string{}
	for _, a := range got[0].Attributes {
		attributes[string(a.Key)] = a.Value.String()
		if strings.Contains(a.Value.String(), id) {
			t.Errorf("%s holds the id of a resource", a.Key)
		}
	}
	if attributes["http.response.status_code"] != "403" || attributes["fleet.reason"] != "SCOPE_MISSING" || attributes["fleet.agency_id"] != "7" {
		t.Fatal(attributes)
	}
	if f, n := w.refusals.last(); n != 1 || !strings.Contains(f.Trace, got[0].SpanContext.TraceID().String()) {
		t.Fatalf("the audit record names trace %q", f.Trace)
	}
	if line := w.records()[0]; line["trace_id"] != got[0].SpanContext.TraceID().String() {
		t.Fatal(line)
	}
}

func TestTrustedProxyContinuesItsTrace(t *testing.T) {
	w := newWorld(t)
	spans := traced(t, w, netip.MustParsePrefix("127.0.0.0/8"))
	w.do(request{path: "/api/me", token: w.token(nil, "qa_reviewer"), header: map[string]string{"Traceparent": foreign}})
	if got := spans.GetSpans(); len(got) != 1 || got[0].SpanContext.TraceID().String() != foreignTrace {
		t.Fatalf("%+v", got)
	}
}
