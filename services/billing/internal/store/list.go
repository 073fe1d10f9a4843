package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/billing/internal/claim"
	"github.com/fusionems/quantum/services/billing/internal/store/dbsqlc"
)

// List reads at most limit claims after the position (nil: from the start), in the order of the filter.
func (s Claims) List(ctx context.Context, f claim.Filter, after *claim.Position, limit int) (out []claim.Record, err error) {
	if f.MissingCode != "" && f.State == "" {
		f.State = claim.Drafted // the only state in which something is missing
	}
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := find(ctx, tx, f, after, int32(limit)) //nolint:gosec // at most a page
		if err != nil {
			return err
		}
		out = make([]claim.Record, 0, len(rows))
		for _, row := range rows {
			r, err := recordOf(row)
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		return nil
	})
	return out, err
}

// find picks the statement that reads the list from an index in its order.
func find(ctx context.Context, tx *db.Tx, f claim.Filter, after *claim.Position, limit int32) ([]dbsqlc.ListClaimsRow, error) {
	if f.Order == claim.ByService {
		return byService(ctx, tx, f, after, limit)
	}
	var id *uuid.UUID
	if after != nil {
		id = &after.ID
	}
	p := dbsqlc.ListClaimsParams{
		ChartID: given(f.ChartID), State: given(string(f.State)), MissingCode: given(f.MissingCode), Before: id, Rows: limit,
	}
	if f.Order == claim.Newest {
		return queries().ListClaims(ctx, tx, p)
	}
	rows, err := queries().ListClaimsOldest(ctx, tx, dbsqlc.ListClaimsOldestParams{
		ChartID: p.ChartID, State: p.State, MissingCode: p.MissingCode, After: id, Rows: limit,
	})
	return rowsOf(rows, func(r dbsqlc.ListClaimsOldestRow) dbsqlc.ListClaimsRow { return dbsqlc.ListClaimsRow(r) }), err
}

func byService(ctx context.Context, tx *db.Tx, f claim.Filter, after *claim.Position, limit int32) ([]dbsqlc.ListClaimsRow, error) {
	p := dbsqlc.ListClaimsOfStateByDateParams{
		State: string(f.State), ChartID: given(f.ChartID), MissingCode: given(f.MissingCode), Rows: limit,
	}
	if after != nil {
		p.After = &after.ID
		if after.ServiceDate != "" {
			day, err := time.Parse(time.DateOnly, after.ServiceDate)
			if err != nil {
				return nil, fmt.Errorf("store: position in the list: %w", err)
			}
			p.AfterDate = &day
		}
	}
	if f.State != "" {
		rows, err := queries().ListClaimsOfStateByDate(ctx, tx, p)
		return rowsOf(rows, func(r dbsqlc.ListClaimsOfStateByDateRow) dbsqlc.ListClaimsRow { return dbsqlc.ListClaimsRow(r) }), err
	}
	rows, err := queries().ListClaimsByDate(ctx, tx, dbsqlc.ListClaimsByDateParams{
		ChartID: p.ChartID, MissingCode: p.MissingCode, After: p.After, AfterDate: p.AfterDate, Rows: limit,
	})
	return rowsOf(rows, func(r dbsqlc.ListClaimsByDateRow) dbsqlc.ListClaimsRow { return dbsqlc.ListClaimsRow(r) }), err
}

func rowsOf[R any](in []R, row func(R) dbsqlc.ListClaimsRow) []dbsqlc.ListClaimsRow {
	out := make([]dbsqlc.ListClaimsRow, len(in))
	for i, r := range in {
		out[i] = row(r)
	}
	return out
}
