package access

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are rate, errors and duration per route; the labels are templates and codes, never values of a request.
type Metrics struct {
	seconds *prometheus.HistogramVec
	// LimiterOpen counts reads that passed uncounted because the limiter was away.
	LimiterOpen prometheus.Counter
	// LimiterClosed counts requests that were refused because the limiter was away.
	LimiterClosed prometheus.Counter
	// AIWithoutPolicy counts agents that were refused for want of a policy version.
	AIWithoutPolicy prometheus.Counter
}

// NewMetrics registers the metrics.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gateway_request_duration_seconds", Help: "Time to answer a request, by method, route and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"method", "route", "status"}),
		LimiterOpen: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gateway_limiter_open_total", Help: "Reads that passed uncounted because Redis did not answer.",
		}),
		LimiterClosed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gateway_limiter_closed_total", Help: "Requests that were refused because Redis did not answer.",
		}),
		AIWithoutPolicy: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gateway_ai_without_policy_version_total", Help: "Calls of AI agents that named no policy version.",
		}),
	}
	reg.MustRegister(m.seconds, m.LimiterOpen, m.LimiterClosed, m.AIWithoutPolicy)
	return m
}

// Series are the metrics of one route. Finding a series by its labels costs as much as the rest of the record, so each is
// found once.
type Series struct {
	metrics       *Metrics
	method, route string
	byStatus      sync.Map // int -> prometheus.Observer
}

// Series returns the series of a route.
func (m *Metrics) Series(method, route string) *Series {
	return &Series{metrics: m, method: method, route: route}
}

// Observe counts one request.
func (s *Series) Observe(status int, d time.Duration) {
	o, ok := s.byStatus.Load(status)
	if !ok {
		o, _ = s.byStatus.LoadOrStore(status, s.metrics.seconds.WithLabelValues(s.method, s.route, strconv.Itoa(status)))
	}
	o.(prometheus.Observer).Observe(d.Seconds())
}
