package inbox

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are rate, errors and duration of the consumption. Event types are those that the service handles, reasons are codes:
// both are few.
type metrics struct {
	applied *prometheus.CounterVec
	retries *prometheus.CounterVec
	parked  prometheus.Counter
	dead    *prometheus.CounterVec
	seconds prometheus.Histogram
}

const labelType = "event_type"

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		applied: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fleet_inbox_applied_total", Help: "Events applied, by type.",
		}, []string{labelType}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fleet_inbox_retries_total", Help: "Attempts that failed and are made again, by the type of the first event.",
		}, []string{labelType}),
		parked: prometheus.NewCounter(prometheus.CounterOpts{Name: "fleet_inbox_parked_total", Help: "Events parked because their module is off."}),
		dead: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fleet_inbox_dead_total", Help: "Events given up, by reason code.",
		}, []string{"reason"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "fleet_inbox_transaction_seconds", Help: "Time of a transaction that applied events.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 12),
		}),
	}
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.applied, m.retries, m.parked, m.dead, m.seconds} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// announce shows a type from the start, so that a rate over it has a beginning.
func (m *metrics) announce(eventType string) {
	m.applied.WithLabelValues(eventType)
	m.retries.WithLabelValues(eventType)
}

func (m *metrics) observe(runs []run, d time.Duration) {
	for _, r := range runs {
		m.applied.WithLabelValues(r.handler.name()).Add(float64(len(r.events)))
	}
	m.seconds.Observe(d.Seconds())
}
