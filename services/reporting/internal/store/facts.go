package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/reporting/internal/report"
	"github.com/fusionems/quantum/services/reporting/internal/store/dbsqlc"
)

// Migrations of the schema.
//
//go:embed migrations/*.sql
var Migrations embed.FS

func queries() *dbsqlc.Queries { return dbsqlc.New() }

// Fact is what is known of one version of a chart.
type Fact = dbsqlc.PutFactParams

// Facts is the read model that reports are computed from.
type Facts struct{ db *db.DB }

// NewFacts returns the read model.
func NewFacts(d *db.DB) Facts { return Facts{db: d} }

// Answered are the metrics that ComputeAt has a query for, with the groupings of each.
func Answered() map[string][]string {
	return map[string][]string{"response": {"unit", "priority", "day", "service_type", "response_mode"}}
}

// Put takes facts in. changed is false when the chart is known in that version or a later one.
func (Facts) Put(ctx context.Context, tx *db.Tx, f Fact) (changed bool, err error) {
	// The lock makes the order of numbers the order of commits; see the migration.
	if err := queries().LockFacts(ctx, tx); err != nil {
		return false, err
	}
	n, err := queries().PutFact(ctx, tx, f)
	return n > 0, err
}

// Latest is the latest mark that the caller can see.
func (s Facts) Latest(ctx context.Context) (m report.Mark, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		latest, err := queries().LatestMark(ctx, tx)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		m = report.Mark{Seq: latest.Seq, Time: latest.ArriveTime}
		return err
	})
	return m, err
}

// ComputeAt answers by the facts up to a mark, as the caller sees them.
func (s Facts) ComputeAt(ctx context.Context, d report.Definition, mark int64) (r report.Result, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = compute(ctx, tx, d, mark)
		return err
	})
	return r, err
}

func compute(ctx context.Context, tx *db.Tx, d report.Definition, mark int64) (report.Result, error) {
	if d.Metric != "response" {
		return report.Result{}, fmt.Errorf("store: no query computes the metric %s", d.Metric)
	}
	from, to := d.Period()
	groups, err := queries().ResponseTime(ctx, tx, dbsqlc.ResponseTimeParams{
		GroupBy: d.GroupBy, MaximumSeconds: d.MaximumSeconds, PeriodFrom: from, PeriodTo: to, Watermark: mark,
	})
	if err != nil {
		return report.Result{}, err
	}
	rows := make([]report.Row, 0, len(groups))
	for _, g := range groups {
		row := report.Row{Group: g.Grp, N: g.N, Excluded: report.Exclusions(g.Cancelled, g.Invalid, g.Unknown)}
		if g.N > 0 {
			row.MedianSeconds, row.P90Seconds, row.MeanSeconds = microseconds(g.Median), microseconds(g.P90), microseconds(g.Mean)
		}
		rows = append(rows, row)
	}
	return report.Total(rows), nil
}

// microseconds rounds to what is kept of times: what lies behind is the arithmetic of binary fractions, 948.0000000000002.
func microseconds(seconds float64) *float64 {
	rounded := math.Round(seconds*1e6) / 1e6
	return &rounded
}
