package store

import (
	"context"
	"strings"
	"time"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/clinical/internal/store/dbsqlc"
)

// Search finds what the caller may see by the beginning of PCR number, incident number or call sign, newest notification
// first, after a position.
func (s *Store) Search(ctx context.Context, beginning string, after *Position, limit int32) ([]Chart, error) {
	folded := fold(beginning)
	arg := dbsqlc.SearchChartsParams{Lowest: folded, Highest: folded + highest, RowLimit: limit}
	if after != nil {
		arg.AfterTime = &after.Time
		arg.AfterID.Bytes, arg.AfterID.Valid = after.ID, true
	}
	var rows []dbsqlc.SearchChartsRow
	err := s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		rows, err = s.q.SearchCharts(ctx, tx, arg)
		return err
	})
	if err != nil {
		return nil, err
	}
	list := make([]dbsqlc.ListChartsRow, len(rows))
	for i, r := range rows {
		list[i] = dbsqlc.ListChartsRow(r)
	}
	return chartsOf(list)
}

// highest sorts after every other character.
const highest = "\U0010FFFF"

// fold does to a text what the generated columns do to theirs: upper() under the collation "C" knows the letters of ASCII.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

// Found is the position of a chart in the order of Search.
func (c Chart) Found() *Position {
	if c.UnitNotifiedTime == nil {
		return &Position{Time: time.Unix(0, 0).UTC(), ID: c.ID}
	}
	return &Position{Time: *c.UnitNotifiedTime, ID: c.ID}
}

// Listed is the position of a chart in the order of Charts.
func (c Chart) Listed() *Position { return &Position{Time: c.ImportTime, ID: c.ID} }
