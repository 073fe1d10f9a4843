package store

import (
	"context"
	"strings"
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

// contains says whether the name of a constraint is one of these, or made of one by the server for a partition.
func contains(name string, parts ...string) bool {
	for _, p := range parts {
		if p != "" && strings.Contains(name, snake(p)) {
			return true
		}
	}
	return false
}

// snake is the column of a field.
func snake(field string) string {
	var b strings.Builder
	for _, r := range field {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func after(p *record.Position) (at record.Position, given bool) {
	if p == nil {
		return record.Position{}, false
	}
	return *p, true
}
