package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/billing/internal/claim"
)

// Summary counts the claims that the caller may count.
func (s Claims) Summary(ctx context.Context) (out claim.Summary, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		states, err := queries().CountStates(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range states {
			out.States = append(out.States, claim.Count{Code: r.State, Claims: r.Claims, OldestServiceDate: dateText(r.OldestServiceDate)})
		}
		missing, err := queries().CountMissing(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range missing {
			out.Missing = append(out.Missing, claim.Count{Code: r.Code, Claims: r.Claims, OldestServiceDate: dateText(r.OldestServiceDate)})
		}
		levels, err := queries().CountLevels(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range levels {
			out.Levels = append(out.Levels, claim.Count{Code: r.Hcpcs, Claims: r.Claims})
		}
		noBills, err := queries().CountNoBills(ctx, tx)
		for _, r := range noBills {
			out.NoBills = append(out.NoBills, claim.Count{Code: r.Code, Claims: r.Claims})
		}
		return err
	})
	return out, err
}

func dateText(d pgtype.Date) string {
	if !d.Valid {
		return ""
	}
	return d.Time.Format(time.DateOnly)
}
