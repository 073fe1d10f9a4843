package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
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

// groupings of every metric: all intervals are in the same rows.
var groupings = []string{"unit", "priority", "day", "service_type", "response_mode"}

// Answered are the metrics that ComputeAt has a query for, with the groupings of each.
func Answered() map[string][]string {
	out := map[string][]string{}
	for _, metric := range []string{"turnout", "response", "systemResponse", "onScene", "transport", "turnaround"} {
		out[metric] = groupings
	}
	return out
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
	if Answered()[d.Metric] == nil {
		return report.Result{}, fmt.Errorf("store: no query computes the metric %s", d.Metric)
	}
	from, to := d.Period()
	groups, err := queries().Intervals(ctx, tx, dbsqlc.IntervalsParams{
		Metric: d.Metric, GroupBy: d.GroupBy, TimeZone: d.TimeZone, MaximumSeconds: d.MaximumSeconds,
		NeedsArrival: slices.Contains(d.Excludes, report.CancelledBeforeArrival), NeedsTransport: slices.Contains(d.Excludes, report.NotTransported),
		PeriodFrom: from, PeriodTo: to, Watermark: mark,
	})
	if err != nil {
		return report.Result{}, err
	}
	rows := make([]report.Row, 0, len(groups))
	for _, g := range groups {
		rows = append(rows, rowOf(g, d.Percentiles))
	}
	return report.Total(rows), nil
}

// rowOf is a row with the percentiles that the definition asks for: an answer at an old mark has the form that it had.
func rowOf(g dbsqlc.IntervalsRow, percentiles []float64) report.Row {
	row := report.Row{Group: g.Grp, N: g.N, Excluded: report.Exclusions(map[string]int64{
		report.CancelledBeforeArrival: g.Cancelled, report.NotTransported: g.NotTransported,
		report.TimeInvalid: g.Invalid, report.TimeUnknown: g.Unknown,
	})}
	if g.N == 0 {
		return row
	}
	row.MeanSeconds = microseconds(g.Mean)
	for _, x := range []struct {
		percentile, seconds float64
		at                  **float64
	}{
		{0.1, g.P10, &row.P10Seconds}, {0.25, g.P25, &row.P25Seconds}, {0.5, g.Median, &row.MedianSeconds},
		{0.75, g.P75, &row.P75Seconds}, {0.9, g.P90, &row.P90Seconds},
	} {
		if slices.Contains(percentiles, x.percentile) {
			*x.at = microseconds(x.seconds)
		}
	}
	return row
}

// microseconds rounds to what is kept of times: what lies behind is the arithmetic of binary fractions, 948.0000000000002.
func microseconds(seconds float64) *float64 {
	rounded := math.Round(seconds*1e6) / 1e6
	return &rounded
}

// OfChart is the newest version of a chart's facts that the caller may see.
func (s Facts) OfChart(ctx context.Context, chartID uuid.UUID) (f report.CallFact, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		row, err := queries().CallFact(ctx, tx, chartID)
		if errors.Is(err, pgx.ErrNoRows) {
			return errs.New(errs.NotFound, report.ReasonCallFactNotFound, "no facts of such a chart have arrived")
		}
		f = callFactOf(row)
		return err
	})
	return f, err
}

func callFactOf(r dbsqlc.CallFactRow) report.CallFact {
	f := report.CallFact{
		ChartID: r.ChartID, Version: r.Version, AgencyID: r.AgencyID, Seq: r.Seq, ArriveTime: r.ArriveTime,
		UnitNotifiedTime: r.UnitNotifiedTime, UnitCallSign: r.UnitCallSign, Priority: r.Priority,
		CancelledBeforeArrival: r.CancelledBeforeArrival, Transported: r.Transported,
	}
	for _, i := range []struct {
		metric, name string
		seconds      *int32
	}{
		{"turnout", "turnout", r.TurnoutSeconds}, {"response", "response", r.ResponseSeconds},
		{"systemResponse", "system_response", r.SystemResponseSeconds}, {"onScene", "on_scene", r.OnSceneSeconds},
		{"transport", "transport", r.TransportSeconds}, {"turnaround", "turnaround", r.TurnaroundSeconds},
	} {
		f.Intervals = append(f.Intervals, report.Interval{Name: i.name, Seconds: i.seconds, Invalid: slices.Contains(r.InvalidIntervals, i.metric)})
	}
	return f
}
