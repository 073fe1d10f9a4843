package relay

import (
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
)

// metrics of a relay. The age of the oldest waiting message is what an operator wants to be woken by.
type metrics struct {
	published prometheus.Counter
	failures  prometheus.Counter
	pending   prometheus.Gauge
	oldest    prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		published: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fleet_outbox_published_total", Help: "Messages that JetStream has stored.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fleet_outbox_publish_failures_total", Help: "Attempts to publish a batch that failed.",
		}),
		pending: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "fleet_outbox_pending", Help: "Messages that wait in the outbox, at most one batch counted; only the leading replica reports.",
		}),
		oldest: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "fleet_outbox_oldest_seconds", Help: "Age of the oldest waiting message; only the leading replica reports.",
		}),
	}
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.published, m.failures, m.pending, m.oldest} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// observe reports what waits. The event id (UUIDv7) holds the time of writing: no column has to be read for it.
func (m *metrics) observe(rows []queued, now time.Time) {
	m.pending.Set(float64(len(rows)))
	if len(rows) == 0 {
		m.oldest.Set(0)
		return
	}
	m.oldest.Set(max(0, now.Sub(timeOf(rows[0].message.ID)).Seconds()))
}

func timeOf(id uuid.UUID) time.Time {
	sec, nsec := id.Time().UnixTime()
	return time.Unix(sec, nsec)
}
