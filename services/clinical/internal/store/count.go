package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/clinical/internal/period"
	"github.com/fusionems/quantum/services/clinical/internal/store/dbsqlc"
)

// Count is how many charts there are, and how many of them have findings.
type Count struct {
	Charts, WithFindings int32
}

// Counts are those of each day of a period, and the newest import of all, nil when there is none.
type Counts struct {
	Days       []Count
	LastImport *time.Time
}

// Counts counts what the caller may count, by the day of import of the current version.
func (s *Store) Counts(ctx context.Context, p period.Period) (*Counts, error) {
	out := &Counts{Days: make([]Count, p.Days())}
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		last, err := s.q.LastImport(ctx, tx)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		out.LastImport = &last
		rows, err := s.q.CountCharts(ctx, tx, dbsqlc.CountChartsParams{Bounds: p.Bounds, FromTime: p.From(), ToTime: p.To()})
		for _, r := range rows {
			out.Days[r.Day-1] = Count{Charts: r.Charts, WithFindings: r.WithFindings}
		}
		return err
	})
	return out, err
}
