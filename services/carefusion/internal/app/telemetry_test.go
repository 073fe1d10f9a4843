package app_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
)

// somebody is an id, as subjects and appointments have it, or a name that the scene uses.
var somebody = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|Given-|marker-of|@example`)

func TestNumbersNameNobody(t *testing.T) {
	s := newScene(t)
	s.send(s.token("patient1"), http.MethodGet, "appointments/"+s.ids["appointment_id"], nil)
	s.eventually("events were handed on", func() bool { return s.behind(`SELECT count(*) FROM carefusion.outbox`).(int64) == 0 })
	s.behind(`INSERT INTO carefusion.outbox (subject, appointment_id, provider_id, create_time) VALUES ('session', $1, $2, now() + interval '1 hour') RETURNING sequence`, s.ids["appointment_id"], s.ids["provider_id"])
	res, err := http.Get("http://" + s.cfg.AdminAddr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %v", res.StatusCode, err)
	}
	for _, want := range []string{
		`carefusion_call_seconds_count{code="OK",method="/carefusion.v1.AppointmentService/BookAppointment"} 1`,
		`carefusion_call_seconds_count{code="NotFound",method="/carefusion.v1.AppointmentService/GetAppointment"} 1`,
		`carefusion_waiting{kind="room_command"} `, `carefusion_waiting{kind="reminder"} `, `carefusion_waiting{kind="event"} `, `carefusion_connected{neighbour="video"} 1`, `carefusion_streams 0`, `go_goroutines `,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the numbers lack %s", want)
		}
	}
	if found := somebody.FindString(string(text)); found != "" {
		t.Errorf("the numbers say %q", found)
	}
}

// collector takes traces.
type collector struct {
	v1.UnimplementedTraceServiceServer
	mu    sync.Mutex
	spans map[string]int
	text  strings.Builder
}

func (c *collector) Export(_ context.Context, req *v1.ExportTraceServiceRequest) (*v1.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range req.GetResourceSpans() {
		for _, s := range r.GetScopeSpans() {
			for _, span := range s.GetSpans() {
				c.spans[span.GetName()]++
				fmt.Fprint(&c.text, span.GetName(), span.GetAttributes(), span.GetEvents(), span.GetStatus())
			}
		}
	}
	return &v1.ExportTraceServiceResponse{}, nil
}

func TestTracesNameNobody(t *testing.T) {
	c := &collector{spans: map[string]int{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	v1.RegisterTraceServiceServer(server, c)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(server.Stop)
	w := newWorldOf(t, setup{patients: 1, settings: map[string]string{"OTLP_ENDPOINT": "http://" + l.Addr().String(), "TRACE_RATIO": "1"}})
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	w.book("patient0", p, w.slot("patient0", p, 24*time.Hour))
	w.eventually("traces came", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.spans["carefusion.v1.AppointmentService/BookAppointment"] == 1
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	if found := somebody.FindString(c.text.String()); found != "" {
		t.Errorf("a trace says %q", found)
	}
}
