package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// compatibleRun is how many versions belong together: a migration that takes something away from running binaries starts the next run.
const compatibleRun = 100

// ErrSchemaNewer says that the schema was migrated further than this binary can work with.
var ErrSchemaNewer = errors.New("store: the schema is newer than this binary")

const versionQuery = `SELECT COALESCE(max(version_id), 0) FROM carefusion.goose_db_version WHERE is_applied`

// versions are the schemas that a binary works with: from its newest migration to the end of that one's run.
type versions struct{ min, max int64 }

func window() (versions, error) {
	v, err := newest()
	return windowOf(v), err
}

func windowOf(newest int64) versions {
	return versions{min: newest, max: newest/compatibleRun*compatibleRun + compatibleRun - 1}
}

func (w versions) check(have int64) error {
	switch {
	case have < w.min:
		return fmt.Errorf("store: schema version %d, need %d: run the migration first", have, w.min)
	case have > w.max:
		return fmt.Errorf("%w: version %d, and this binary works up to %d: deploy a newer one", ErrSchemaNewer, have, w.max)
	}
	return nil
}

// refuseNewer lets a schema pass that is older, or not there yet.
func (w versions) refuseNewer(ctx context.Context, conn *sql.Conn) error {
	var have int64
	err := conn.QueryRowContext(ctx, versionQuery).Scan(&have)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "42P01" || pg.Code == "3F000") {
		return nil
	}
	if err != nil {
		return fmt.Errorf("store: version of the schema: %w", err)
	}
	return w.check(max(have, w.min))
}
