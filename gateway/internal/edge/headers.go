package edge

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Names of headers. None of a client's headers reaches a service: the chain reads these, and forwards what it made of them.
const (
	headerAgency = "X-Agency-Id"
	headerReason = "X-Access-Reason"
	// HeaderRequestID of the answer is the request id of logs, problems and the audit log.
	HeaderRequestID = "X-Request-Id"
)

// answerHeaders sets what every answer of the API has. Answers hold protected data: nothing may keep or embed them.
func answerHeaders(h http.Header, requestID string) {
	h["Cache-Control"] = []string{"no-store"}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	h["Strict-Transport-Security"] = []string{"max-age=63072000; includeSubDomains"}
	h["Content-Security-Policy"] = []string{"default-src 'none'; frame-ancestors 'none'"}
	h["Referrer-Policy"] = []string{"no-referrer"}
	h[HeaderRequestID] = []string{requestID}
}

// ClientAddress is the address that limits count. An IPv6 client owns a /64 at least, so that is one address here.
func ClientAddress(r *http.Request, proxies []netip.Prefix) string {
	peer, ok := peerOf(r)
	if !ok {
		return "unknown"
	}
	if within(peer, proxies) {
		peer = forwardedFor(r, peer, proxies)
	}
	if peer.Is6() {
		if p, err := peer.Prefix(64); err == nil {
			return p.Addr().String()
		}
	}
	return peer.String()
}

func peerOf(r *http.Request) (netip.Addr, bool) {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	return ap.Addr().Unmap(), true
}

func within(a netip.Addr, list []netip.Prefix) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// forwardedFor walks X-Forwarded-For from the right as far as it was written by trusted proxies.
func forwardedFor(r *http.Request, peer netip.Addr, proxies []netip.Prefix) netip.Addr {
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := strings.TrimSpace(hops[i])
		if host, _, err := net.SplitHostPort(hop); err == nil {
			hop = host
		}
		a, err := netip.ParseAddr(hop)
		if err != nil {
			return peer
		}
		peer = a.Unmap()
		if !within(peer, proxies) {
			return peer
		}
	}
	return peer
}

func trusted(r *http.Request, proxies []netip.Prefix) bool {
	peer, ok := peerOf(r)
	return ok && within(peer, proxies)
}

func extractTrace(ctx context.Context, h http.Header) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(h))
}

// foreignTrace is the trace context of a client as far as it is well formed. It never asks for recording: a client does not
// decide what the fleet stores.
func foreignTrace(r *http.Request) string {
	if r.Header.Get("Traceparent") == "" {
		return ""
	}
	sc := trace.SpanContextFromContext(extractTrace(context.Background(), r.Header))
	return traceParent(sc.WithTraceFlags(0))
}

// traceParent is the W3C form of a span context, or "".
func traceParent(sc trace.SpanContext) string {
	if !sc.IsValid() {
		return ""
	}
	return fmt.Sprintf("00-%s-%s-%s", sc.TraceID(), sc.SpanID(), sc.TraceFlags())
}

// stackOf says where a panic came from, without its value: that could hold protected data.
func stackOf(v any) string { return fmt.Sprintf("%T\n%s", v, debug.Stack()) }
