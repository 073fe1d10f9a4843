package access

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

var sample = Record{
	Time: time.Date(2024, 1, 27, 10, 15, 30, 0, time.UTC), Identity: "user@agency.com", Role: "agency_administrator",
	AgencyID: 123, Endpoint: "/api/reports/generate", Method: "POST", Status: 200, Duration: 245 * time.Millisecond,
	RequestID: "r-1",
}

func TestLine(t *testing.T) {
	var got map[string]any
	if err := json.Unmarshal(sample.append(nil), &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"timestamp": "2024-01-27T10:15:30.000Z", "identity": "user@agency.com", "role": "agency_administrator", "agency_id": 123.0,
		"endpoint": "/api/reports/generate", "method": "POST", "outcome": "success", "response_time_ms": 245.0,
		"status": 200.0, "request_id": "r-1",
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if len(got) != 10 {
		t.Errorf("%d fields: %v", len(got), got)
	}
}

func TestLineOfAStranger(t *testing.T) {
	r := sample
	r.Identity, r.AgencyID, r.Status, r.Reason = "a\"b\\c\n\x00\xff\u2028ü", 0, 403, "SCOPE_MISSING"
	line := r.append(nil)
	if bytes.Count(line, []byte("\n")) != 1 {
		t.Fatalf("an identity broke the line: %q", line)
	}
	var got map[string]any
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	if got["identity"] != "a\"b\\c\n\x00\ufffd\u2028ü" || got["agency_id"] != nil || got["outcome"] != "denied" || got["reason"] != "SCOPE_MISSING" {
		t.Fatal(got)
	}
}

func TestOutcome(t *testing.T) {
	for status, want := range map[int]string{200: "success", 201: "success", 304: "success", 401: "denied", 403: "denied", 429: "denied", 400: "error", 404: "error", 503: "error"} {
		if r := (Record{Status: status}); r.Outcome() != want {
			t.Errorf("%d is %s", status, r.Outcome())
		}
	}
}

type writer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *writer) lines() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Count(w.b.String(), "\n")
}

func TestNothingIsLeftInTheBuffer(t *testing.T) {
	w := &writer{}
	l := NewLog(w)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- l.Run(ctx) }()
	l.Add(&sample)
	for deadline := time.Now().Add(time.Minute); w.lines() < 1; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the line does not appear by itself")
		}
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				l.Add(&sample)
			}
		})
	}
	wg.Wait()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if w.lines() != 8001 {
		t.Fatalf("%d lines", w.lines())
	}
}

func TestSeries(t *testing.T) {
	reg := prometheus.NewRegistry()
	s := NewMetrics(reg).Series("GET", "/api/qa/cases/{id}")
	s.Observe(200, time.Millisecond)
	s.Observe(200, time.Millisecond)
	s.Observe(403, time.Millisecond)
	if n, err := testutil.GatherAndCount(reg, "gateway_request_duration_seconds"); err != nil || n != 2 {
		t.Fatal(n, err)
	}
}

func BenchmarkAdd(b *testing.B) {
	l := NewLog(&bytes.Buffer{})
	l.w = discard{}
	for b.Loop() {
		l.Add(&sample)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
