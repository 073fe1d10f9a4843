package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations/*.sql
var shared embed.FS

// Version tables, one per source of migrations.
const (
	sharedVersions  = "pkg_db_version"
	serviceVersions = "goose_db_version"
)

// Migrate brings a schema forward: first what every service has (outbox, inbox, modules, job queue), then the service's
// own migrations, then the grants on the shared tables for the group roles that exist now. It runs as the schema's owner
// and holds a lock, so that several replicas may call it. There is no way back: a mistake is corrected forward.
func Migrate(ctx context.Context, migratorURL, schema string, migrations fs.FS) error {
	if !schemaName.MatchString(schema) {
		return fmt.Errorf("db: schema %q must match %s", schema, schemaName)
	}
	pool, err := pgxpool.New(ctx, migratorURL)
	if err != nil {
		return errors.New("db: the migrator's database URL does not parse")
	}
	defer pool.Close()
	lock, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("db: migration of %s: connecting: %w", schema, err)
	}
	// The lock belongs to the session: it ends with the connection, whatever happens.
	defer func() { _ = lock.Hijack().Close(context.WithoutCancel(ctx)) }()
	if _, err := lock.Exec(ctx, "SELECT pg_advisory_lock($1)", lockKey("migrate", schema)); err != nil {
		return fmt.Errorf("db: migration of %s: waiting for the lock: %w", schema, err)
	}
	window, err := WindowOf(migrations)
	if err != nil {
		return err
	}
	steps := []struct {
		name string
		run  func() error
	}{
		// A rollback runs the older binary's migrate first: here it learns that it cannot go back that far, before anything is changed.
		{"the schema's version", func() error { return checkVersions(ctx, pool, schema, window, false) }},
		{"shared tables", func() error { return migrateShared(ctx, pool, schema) }},
		{"job queue", func() error { return migrateJobs(ctx, pool, schema) }},
		{"own tables", func() error { return migrateOwn(ctx, pool, schema, migrations) }},
		{"grants", func() error { return grantShared(ctx, pool, schema) }},
	}
	for _, s := range steps {
		if err := s.run(); err != nil {
			return fmt.Errorf("db: migration of %s: %s: %w", schema, s.name, err)
		}
	}
	return nil
}

func migrateShared(ctx context.Context, pool *pgxpool.Pool, schema string) error {
	names, err := fs.Glob(shared, "migrations/*.sql")
	if err != nil {
		return err
	}
	list := make([]*goose.Migration, 0, len(names))
	for _, name := range names {
		text, err := fs.ReadFile(shared, name)
		if err != nil {
			return err
		}
		version, err := versionOf(name)
		if err != nil {
			return err
		}
		// Without arguments pgx speaks the simple protocol, which takes a whole script.
		script := strings.ReplaceAll(string(text), "{schema}", schema)
		list = append(list, goose.NewGoMigration(version, &goose.GoFunc{
			RunTx: func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, script)
				return err
			},
		}, nil))
	}
	return up(ctx, pool, nil, goose.WithTableName(schema+"."+sharedVersions), goose.WithGoMigrations(list...))
}

func migrateOwn(ctx context.Context, pool *pgxpool.Pool, schema string, migrations fs.FS) error {
	files, err := migrationFiles(migrations)
	if err != nil {
		return err
	}
	if files == nil {
		return nil
	}
	return up(ctx, pool, files, goose.WithTableName(schema+"."+serviceVersions))
}

func up(ctx context.Context, pool *pgxpool.Pool, files fs.FS, opts ...goose.ProviderOption) error {
	conns := stdlib.OpenDBFromPool(pool)
	defer func() { _ = conns.Close() }()
	opts = append(opts, goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
	p, err := goose.NewProvider(goose.DialectPostgres, conns, files, opts...)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

func migrateJobs(ctx context.Context, pool *pgxpool.Pool, schema string) error {
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{
		Schema: schema,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// grantShared gives the group roles their part in the shared tables. It runs at every migration, since Bootstrap may have
// added a group. The group across agencies writes nothing and so gets nothing here.
func grantShared(ctx context.Context, pool *pgxpool.Pool, schema string) error {
	rs, err := pool.Query(ctx, `SELECT g.rolname::text FROM pg_auth_members m
JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles l ON l.oid = m.member
WHERE l.rolname = $1 AND g.rolname <> ALL ($2) ORDER BY 1`,
		schema+"_login", []string{schema + "_relay", schema + "_jobs", schema + "_" + crossGroup})
	if err != nil {
		return err
	}
	groups, err := pgx.CollectRows(rs, pgx.RowTo[string])
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, g := range groups {
		fmt.Fprintf(&b, "GRANT INSERT ON %s TO %s;\n", quoted(schema, "outbox"), quoted(g))
		rights := "SELECT"
		if g == schema+"_system" { // the inbox applies module switches as the service itself
			rights = "SELECT, INSERT, UPDATE"
		}
		fmt.Fprintf(&b, "GRANT %s ON %s TO %s;\n", rights, quoted(schema, "module_state"), quoted(g))
	}
	tables, err := pool.Query(ctx, `SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind = 'r' AND starts_with(c.relname, 'river_') ORDER BY 1`, schema)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(tables, pgx.RowTo[string])
	if err != nil {
		return err
	}
	jobs := quoted(schema + "_jobs")
	for _, t := range names {
		fmt.Fprintf(&b, "GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %s;\n", quoted(schema, t), jobs)
	}
	fmt.Fprintf(&b, "GRANT USAGE ON SEQUENCE %s TO %s;\n", quoted(schema, "river_job_id_seq"), jobs)
	fmt.Fprintf(&b, "GRANT EXECUTE ON FUNCTION %s TO %s;\n", quoted(schema, "river_job_state_in_bitmask"), jobs)
	for _, t := range []string{sharedVersions, serviceVersions} {
		fmt.Fprintf(&b, "DO $g$ BEGIN IF to_regclass('%[1]s.%[2]s') IS NOT NULL THEN GRANT SELECT ON %[1]s.%[2]s TO %[1]s_login; END IF; END $g$;\n", schema, t)
	}
	_, err = pool.Exec(ctx, b.String())
	return err
}

// migrationFiles accepts the embedded folder itself or one that holds it as "migrations"; nil when there is none.
func migrationFiles(f fs.FS) (fs.FS, error) {
	if f == nil {
		return nil, nil
	}
	if names, err := fs.Glob(f, "*.sql"); err != nil || len(names) > 0 {
		return f, err
	}
	sub, err := fs.Sub(f, "migrations")
	if err != nil {
		return nil, err
	}
	if names, err := fs.Glob(sub, "*.sql"); err != nil || len(names) > 0 {
		return sub, err
	}
	return nil, nil
}

func versionOf(name string) (int64, error) {
	digits, _, _ := strings.Cut(path.Base(name), "_")
	v, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || v < 1 {
		return 0, fmt.Errorf("migration %s must be named NNNN_verb_noun.sql", path.Base(name))
	}
	return v, nil
}
