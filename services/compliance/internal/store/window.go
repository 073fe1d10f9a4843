package store

import (
	"context"
	"time"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/compliance/internal/record"
)

// window is the day that records are judged on, and the policies.
type window struct {
	rules
	now, today, expiringUntil time.Time
}

func (s *Store) window(ctx context.Context, tx *db.Tx) (w window, err error) {
	w.now = s.clock.Now()
	w.today = record.Today(w.now)
	if w.rules, err = s.rules(ctx, tx); err != nil {
		return w, err
	}
	w.expiringUntil = w.today.AddDate(0, 0, w.records.ExpiringWithinDays)
	return w, nil
}

func after(p *record.Position) (at record.Position, given bool) {
	if p == nil {
		return record.Position{}, false
	}
	return *p, true
}
