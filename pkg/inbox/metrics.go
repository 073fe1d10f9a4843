package inbox

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	applied prometheus.Counter
	retries prometheus.Counter
	parked  prometheus.Counter
	dead    *prometheus.CounterVec
	seconds prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		applied: prometheus.NewCounter(prometheus.CounterOpts{Name: "fleet_inbox_applied_total", Help: "Events applied."}),
		retries: prometheus.NewCounter(prometheus.CounterOpts{Name: "fleet_inbox_retries_total", Help: "Attempts that failed and are made again."}),
		parked:  prometheus.NewCounter(prometheus.CounterOpts{Name: "fleet_inbox_parked_total", Help: "Events parked because their module is off."}),
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
