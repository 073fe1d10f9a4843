package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed roles.sql
var roles string

// Roles is the SQL that an administrator runs once per database.
func Roles() string { return roles }

const versionTable = "carefusion.goose_db_version"

// Migrate brings the schema to the newest version, as the migrator. Two at a time wait for each other.
func Migrate(ctx context.Context, url string) (int64, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return 0, errors.New("store: the migrator's database URL is not valid")
	}
	db := stdlib.OpenDB(*cfg)
	defer func() { _ = db.Close() }()
	// On one connection, which holds the lock until it is closed.
	conn, err := db.Conn(ctx)
	if err != nil {
		return 0, fmt.Errorf("store: connect: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(hashtext('carefusion migrations'))`); err != nil {
		return 0, err
	}
	own, err := window()
	if err != nil {
		return 0, err
	}
	// A rollback runs the older binary's migrate first: here it learns that it cannot go back that far, before anything is changed.
	if err := own.refuseNewer(ctx, conn); err != nil {
		return 0, err
	}
	if err := createSchema(ctx, db); err != nil {
		return 0, err
	}
	versions, err := database.NewStore(database.DialectPostgres, versionTable)
	if err != nil {
		return 0, err
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return 0, err
	}
	p, err := goose.NewProvider(goose.DialectCustom, db, files, goose.WithStore(versions))
	if err != nil {
		return 0, err
	}
	if _, err := p.Up(ctx); err != nil {
		return 0, fmt.Errorf("store: migrate: %w", err)
	}
	return p.GetDBVersion(ctx)
}

// createSchema comes before everything, since the table of versions stands in the schema too.
func createSchema(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS carefusion`); err != nil {
		return fmt.Errorf("store: schema: %w", err)
	}
	return nil
}

func newest() (int64, error) {
	entries, err := migrations.ReadDir("migrations")
	if err != nil || len(entries) == 0 {
		return 0, errors.New("store: no migrations")
	}
	number, _, _ := strings.Cut(entries[len(entries)-1].Name(), "_")
	return strconv.ParseInt(number, 10, 64)
}
