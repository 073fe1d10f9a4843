package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

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

// SchemaVersion is the version of the service's own migrations in the database, 0 before the first.
func (d *DB) SchemaVersion(ctx context.Context) (int64, error) {
	var v int64
	err := d.pool.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM "+quoted(d.schema, serviceVersions)).Scan(&v)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42P01" { // no such table: nothing migrated, or a service without own tables
		return 0, nil
	}
	return v, Map(err)
}

// CheckSchema says why the binary cannot work with the schema as it is, or nil.
func (d *DB) CheckSchema(ctx context.Context, w Window) error {
	v, err := d.SchemaVersion(ctx)
	switch {
	case err != nil:
		return err
	case v < w.Min:
		return fmt.Errorf("schema %s is at version %d; this binary needs %d or later: run migrate", d.schema, v, w.Min)
	case v > w.Max:
		return fmt.Errorf("schema %s is at version %d; this binary works up to %d: deploy a newer one", d.schema, v, w.Max)
	}
	return nil
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
