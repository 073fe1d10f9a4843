package service

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/fusionems/quantum/pkg/db"
)

// poolMetrics shows the database connections: calls that wait for one are slow for no reason that a query would show.
func poolMetrics(reg prometheus.Registerer, d *db.DB) {
	gauge := func(name, help string, value func(db.Stats) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return value(d.Stats()) })
	}
	reg.MustRegister(
		gauge("fleet_db_connections_max", "Most connections that the pool may open.", func(s db.Stats) float64 { return float64(s.Max) }),
		gauge("fleet_db_connections", "Open connections of the pool.", func(s db.Stats) float64 { return float64(s.Total) }),
		gauge("fleet_db_connections_in_use", "Connections in use.", func(s db.Stats) float64 { return float64(s.InUse) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "fleet_db_connection_waits_total", Help: "Transactions that found no idle connection.",
		}, func() float64 { return float64(d.Stats().Waits) }),
	)
}
