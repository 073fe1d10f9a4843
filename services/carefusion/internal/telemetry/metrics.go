package telemetry

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// Metrics is one process' numbers, in a registry of its own: libraries register what they like in the default one.
type Metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.HistogramVec
	streams  prometheus.Gauge
}

// New makes the numbers that need no other part.
func New() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "carefusion_call_seconds", Help: "Time of calls by RPC and outcome.",
			Buckets: []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15}}, []string{"method", "code"}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "carefusion_streams", Help: "Streams of live updates that are open."})}
	m.registry.MustRegister(m.calls, m.streams, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Call counts a call that has ended.
func (m *Metrics) Call(method, code string, took time.Duration) {
	m.calls.WithLabelValues(method, code).Observe(took.Seconds())
}

// Stream counts an open stream until the function is called.
func (m *Metrics) Stream() func() {
	m.streams.Inc()
	return m.streams.Dec
}

// Connected tells whether a neighbour answers.
func (m *Metrics) Connected(neighbour string, is func() bool) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "carefusion_connected", Help: "Whether a neighbour answers.",
		ConstLabels: prometheus.Labels{"neighbour": neighbour}}, func() float64 {
		if is() {
			return 1
		}
		return 0
	}))
}

// Backlog tells what waits in the database; nothing while the database does not answer.
func (m *Metrics) Backlog(db *store.DB, clock func() time.Time) {
	m.registry.MustRegister(&backlog{db: db, clock: clock,
		rows: prometheus.NewDesc("carefusion_waiting", "What waits to be done: events to be handed on, commands to rooms, reminders that are due.", []string{"kind"}, nil),
		age:  prometheus.NewDesc("carefusion_waiting_seconds", "How long the oldest of them waits.", []string{"kind"}, nil)})
}

type backlog struct {
	db        *store.DB
	clock     func() time.Time
	rows, age *prometheus.Desc
}

// Describe is Collector's.
func (b *backlog) Describe(ch chan<- *prometheus.Desc) { ch <- b.rows; ch <- b.age }

// Collect is Collector's.
func (b *backlog) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(identity.System(context.Background()), 3*time.Second)
	defer cancel()
	now := b.clock()
	_ = b.db.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT 'event', count(*), min(create_time) FROM carefusion.outbox
			UNION ALL SELECT 'room_command', count(*), min(create_time) FROM carefusion.room_command WHERE done_time IS NULL
			UNION ALL SELECT 'reminder', count(*), min(due_time) FROM carefusion.reminder WHERE sent_time IS NULL AND due_time <= $1 AND start_time > $1`, now)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var kind string
			var n int64
			var oldest *time.Time
			if err := rows.Scan(&kind, &n, &oldest); err != nil {
				return err
			}
			age := 0.0
			if oldest != nil {
				age = max(0, now.Sub(*oldest).Seconds())
			}
			ch <- prometheus.MustNewConstMetric(b.rows, prometheus.GaugeValue, float64(n), kind)
			ch <- prometheus.MustNewConstMetric(b.age, prometheus.GaugeValue, age, kind)
		}
		return rows.Err()
	})
}

// Handler answers in Prometheus' format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
