package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Window is the range of schema versions a binary works with.
type Window struct{ Min, Max int64 }

// compatibleRun is how many versions belong together. A binary needs its own newest migration and stands those that
// follow inside the same hundred; a migration that takes something away from running binaries starts the next hundred.
const compatibleRun = 100

// WindowOf is the window of a binary that embeds these migrations.
func WindowOf(migrations fs.FS) (Window, error) {
	files, err := migrationFiles(migrations)
	if err != nil || files == nil {
		return Window{}, err
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return Window{}, err
	}
	var newest int64
	for _, n := range names {
		v, err := versionOf(n)
		if err != nil {
			return Window{}, err
		}
		newest = max(newest, v)
	}
	return Window{Min: newest, Max: newest/compatibleRun*compatibleRun + compatibleRun - 1}, nil
}

// ErrSchemaNewer says that somebody migrated the schema further than a binary stands: it must not work there.
var ErrSchemaNewer = errors.New("the schema is newer than this binary")

// SchemaVersion is the version of the service's own migrations in the database, 0 before the first.
func (d *DB) SchemaVersion(ctx context.Context) (int64, error) {
	return versionIn(ctx, d.pool, d.schema, serviceVersions)
}

// CheckSchema says why the binary cannot work with the schema as it is, or nil: neither with its own tables, nor with those that
// every schema has. The error is ErrSchemaNewer when only another binary can help.
func (d *DB) CheckSchema(ctx context.Context, own Window) error {
	return checkVersions(ctx, d.pool, d.schema, own, true)
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func checkVersions(ctx context.Context, q querier, schema string, own Window, complete bool) error {
	machinery, err := WindowOf(shared)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		table, what string
		window      Window
	}{{sharedVersions, "shared tables of schema", machinery}, {serviceVersions, "schema", own}} {
		v, err := versionIn(ctx, q, schema, part.table)
		switch {
		case err != nil:
			return err
		case v > part.window.Max:
			return fmt.Errorf("%w: %s %s at version %d; this binary works up to %d: deploy a newer one", ErrSchemaNewer, part.what, schema, v, part.window.Max)
		case complete && v < part.window.Min:
			return fmt.Errorf("%s %s at version %d; this binary needs %d or later: run migrate", part.what, schema, v, part.window.Min)
		}
	}
	return nil
}

func versionIn(ctx context.Context, q querier, schema, table string) (int64, error) {
	var v int64
	err := q.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM "+quoted(schema, table)).Scan(&v)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42P01" { // no such table: nothing migrated, or a service without own tables
		return 0, nil
	}
	return v, Map(err)
}

// Checksums are the SHA-256 sums of migrations by file name. A merged migration never changes; a committed list of these
// sums is what proves it.
func Checksums(migrations fs.FS) (map[string]string, error) {
	sums := map[string]string{}
	files, err := migrationFiles(migrations)
	if err != nil || files == nil {
		return sums, err
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		b, err := fs.ReadFile(files, n)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(b)
		sums[n] = hex.EncodeToString(sum[:])
	}
	return sums, nil
}

// SharedChecksums are those of the migrations that every schema gets.
func SharedChecksums() (map[string]string, error) { return Checksums(shared) }
