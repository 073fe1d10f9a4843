//go:build e2e

package e2e

import (
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
)

// span is one span as the collector got it, with the service that sent it.
type span struct {
	service, trace, id, parent, name string
	kind                             tracepb.Span_SpanKind
	attrs                            map[string]string
	links                            []string // span ids
	text                             string   // everything in it that is text
}

func (s *span) String() string { return fmt.Sprintf("%s %s %q", s.service, s.kind, s.name) }

// collector takes traces as any OTLP collector does, and keeps them.
type collector struct {
	collectorv1.UnimplementedTraceServiceServer
	url string

	mu    sync.Mutex
	spans []*span
}

func startCollector(t *testing.T) *collector {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{url: "http://" + ln.Addr().String()}
	srv := grpc.NewServer()
	collectorv1.RegisterTraceServiceServer(srv, c)
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(srv.Stop)
	return c
}

// Export implements the collector's service.
func (c *collector) Export(_ context.Context, req *collectorv1.ExportTraceServiceRequest) (*collectorv1.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range req.GetResourceSpans() {
		resource := attributes(r.GetResource().GetAttributes())
		for _, scope := range r.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				c.spans = append(c.spans, received(s, resource))
			}
		}
	}
	return &collectorv1.ExportTraceServiceResponse{}, nil
}

func received(s *tracepb.Span, resource map[string]string) *span {
	out := &span{
		service: resource["service.name"], trace: hex.EncodeToString(s.GetTraceId()), id: hex.EncodeToString(s.GetSpanId()),
		parent: hex.EncodeToString(s.GetParentSpanId()), name: s.GetName(), kind: s.GetKind(), attrs: attributes(s.GetAttributes()),
	}
	texts := []string{s.GetName(), s.GetStatus().GetMessage(), s.GetTraceState(), joined(resource), joined(out.attrs)}
	for _, e := range s.GetEvents() {
		texts = append(texts, e.GetName(), joined(attributes(e.GetAttributes())))
	}
	for _, l := range s.GetLinks() {
		out.links = append(out.links, hex.EncodeToString(l.GetSpanId()))
		texts = append(texts, joined(attributes(l.GetAttributes())))
	}
	out.text = strings.Join(texts, "\n")
	return out
}

func attributes(list []*commonpb.KeyValue) map[string]string {
	out := map[string]string{}
	for _, kv := range list {
		switch v := kv.GetValue().GetValue().(type) {
		case *commonpb.AnyValue_StringValue:
			out[kv.GetKey()] = v.StringValue
		default:
			out[kv.GetKey()] = kv.GetValue().String()
		}
	}
	return out
}

func joined(attrs map[string]string) string {
	var b strings.Builder
	for k, v := range attrs {
		fmt.Fprintf(&b, "%s=%s\n", k, v)
	}
	return b.String()
}

func (c *collector) all() []*span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*span(nil), c.spans...)
}

// trace is the spans of one trace.
func (c *collector) trace(id string) tree {
	var out tree
	for _, s := range c.all() {
		if s.trace == id {
			out = append(out, s)
		}
	}
	return out
}

// tree is one trace.
type tree []*span

// children are the spans below parent with the service, kind and name; "" stands for any name.
func (tr tree) children(parent *span, service string, kind tracepb.Span_SpanKind, name string) []*span {
	var out []*span
	for _, s := range tr {
		if s.parent == parent.id && s.service == service && s.kind == kind && (name == "" || s.name == name) {
			out = append(out, s)
		}
	}
	return out
}

// orphans are spans whose parent is not in the trace.
func (tr tree) orphans() []*span {
	ids := map[string]bool{"": true}
	for _, s := range tr {
		ids[s.id] = true
	}
	var out []*span
	for _, s := range tr {
		if !ids[s.parent] {
			out = append(out, s)
		}
	}
	return out
}

// sql are the statements below a span. Events that share a transaction show it under one of them; the others link there.
func (tr tree) sql(s *span) []*span {
	var out []*span
	for _, id := range append([]string{s.id}, s.links...) {
		for _, c := range tr {
			if c.parent == id && c.service == s.service && c.attrs["db.system.name"] == "postgresql" {
				out = append(out, c)
			}
		}
	}
	return out
}
