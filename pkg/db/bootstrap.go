package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// DefaultGroups are the group roles that every schema gets: one per database group of the permission matrix.
func DefaultGroups() []string {
	return []string{
		"founder", crossGroup, "agency", "qa", "peer", "clinical", "supervisor", "billing", "compliance",
		"substances", "integration", "ai", "system",
	}
}

// BootstrapConfig names what Bootstrap makes.
type BootstrapConfig struct {
	Schema string
	// Groups are suffixes of group roles; nil means DefaultGroups.
	Groups []string
	// LoginPassword and MigratorPassword are set when not empty; otherwise a role keeps what it has (peer or
	// certificate authentication).
	LoginPassword    string
	MigratorPassword string
}

// Bootstrap makes roles and schema of one service, or brings them to the state they should have. It needs a superuser,
// or the owner of the database with CREATEROLE. Running it again changes nothing.
func Bootstrap(ctx context.Context, superuserURL string, cfg BootstrapConfig) error {
	script, err := BootstrapSQL(cfg)
	if err != nil {
		return err
	}
	for range bootstrapTries {
		// Roles belong to the whole cluster, the script's lock to one database: another database may change the same
		// role at the same time, which PostgreSQL reports as an internal error.
		if err = runScript(ctx, superuserURL, script); err == nil || !strings.Contains(err.Error(), "tuple concurrently updated") {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("db: bootstrap of %s: %w", cfg.Schema, err)
	}
	return nil
}

const bootstrapTries = 20

func runScript(ctx context.Context, url, script string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.PgConn().Exec(ctx, script).ReadAll()
	return err
}

// BootstrapSQL is the script that Bootstrap runs, for operators who make roles themselves. It holds SCRAM verifiers, no
// passwords, and grants only what is listed here: everything else is denied.
func BootstrapSQL(cfg BootstrapConfig) (string, error) {
	if err := cfg.check(); err != nil {
		return "", err
	}
	login, migrator := cfg.Schema+"_login", cfg.Schema+"_migrator"
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("BEGIN;")
	line("SELECT pg_advisory_xact_lock(%d);", lockKey("bootstrap", ""))
	createRole(&b, migrator, "LOGIN", cfg.MigratorPassword)
	createRole(&b, login, "LOGIN NOINHERIT", cfg.LoginPassword)
	for _, g := range cfg.roles() {
		createRole(&b, cfg.Schema+"_"+g, "NOLOGIN", "")
		line("GRANT %s TO %s;", quoted(cfg.Schema+"_"+g), quoted(login))
	}
	line("CREATE SCHEMA IF NOT EXISTS %s AUTHORIZATION %s;", quoted(cfg.Schema), quoted(migrator))
	line("REVOKE ALL ON SCHEMA %s FROM PUBLIC;", quoted(cfg.Schema))
	// The login parses statements before it takes a group role, so it must be able to look names up; it can read nothing.
	line("GRANT USAGE ON SCHEMA %s TO %s;", quoted(cfg.Schema), quoted(login))
	for _, g := range cfg.roles() {
		line("GRANT USAGE ON SCHEMA %s TO %s;", quoted(cfg.Schema), quoted(cfg.Schema+"_"+g))
	}
	line("ALTER DEFAULT PRIVILEGES FOR ROLE %s REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;", quoted(migrator))
	line("REVOKE ALL ON SCHEMA public FROM PUBLIC;")
	line("DO $bootstrap$ BEGIN")
	line("  EXECUTE format('REVOKE ALL ON DATABASE %%I FROM PUBLIC', current_database());")
	line("  EXECUTE format('GRANT CONNECT ON DATABASE %%I TO %s, %s', current_database());", quoted(login), quoted(migrator))
	line("END $bootstrap$;")
	line("COMMIT;")
	return b.String(), nil
}

func (c BootstrapConfig) check() error {
	if !schemaName.MatchString(c.Schema) {
		return fmt.Errorf("db: schema %q must match %s", c.Schema, schemaName)
	}
	for _, g := range c.Groups {
		if !schemaName.MatchString(g) || slices.Contains([]string{"login", "migrator", "relay", "jobs"}, g) {
			return fmt.Errorf("db: %q cannot be a group", g)
		}
	}
	if strings.ContainsRune(c.LoginPassword+c.MigratorPassword, 0) {
		return errors.New("db: a password cannot hold a NUL")
	}
	return nil
}

// roles are the suffixes of all group roles, those of the machinery included.
func (c BootstrapConfig) roles() []string {
	groups := c.Groups
	if groups == nil {
		groups = DefaultGroups()
	}
	return append(slices.Clone(groups), "relay", "jobs")
}

// createRole makes a role and sets its attributes again when it is there: a role that somebody gave BYPASSRLS loses it.
func createRole(b *strings.Builder, name, attributes, password string) {
	fmt.Fprintf(b, "DO $bootstrap$ BEGIN CREATE ROLE %s; EXCEPTION WHEN duplicate_object THEN NULL; END $bootstrap$;\n", quoted(name))
	fmt.Fprintf(b, "ALTER ROLE %s %s NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;\n", quoted(name), attributes)
	if password != "" {
		fmt.Fprintf(b, "ALTER ROLE %s PASSWORD '%s';\n", quoted(name), scramVerifier(password))
	}
}
