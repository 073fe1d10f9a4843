package local

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
)

// databaseName is the one database of a fleet; each service has a schema in it.
const databaseName = "fleet"

// issuerLogin owns the issuer's schema; it is no service of the fleet and has no group roles.
const issuerLogin = "issuer_login"

// prepareDatabase makes schema and roles of every service, with a password of their own each, and writes the URLs that the
// services read. It repeats without harm.
func (f *Fleet) prepareDatabase(ctx context.Context, admin string) error {
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	defer conn.Close(ctx)
	var version int
	if err := conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&version); err != nil {
		return err
	}
	if version/10000 < minPostgres {
		return fmt.Errorf("PostgreSQL %d is too old: %d or newer is needed", version/10000, minPostgres)
	}
	for _, svc := range serviceNames {
		login, err := f.databaseLogin(admin, svc+"_login")
		if err != nil {
			return err
		}
		migrator, err := f.databaseLogin(admin, svc+"_migrator")
		if err != nil {
			return err
		}
		err = db.Bootstrap(ctx, admin, db.BootstrapConfig{Schema: svc, LoginPassword: login, MigratorPassword: migrator})
		if err != nil {
			return err
		}
	}
	if !f.embedded("OIDC_ISSUER") {
		return nil
	}
	password, err := f.databaseLogin(admin, issuerLogin)
	if err != nil {
		return err
	}
	// The password is 43 characters of the URL-safe alphabet: nothing in it could end the literal.
	_, err = conn.Exec(ctx, fmt.Sprintf(`
		DO $$ BEGIN CREATE ROLE %[1]s; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
		ALTER ROLE %[1]s LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD '%[2]s';
		DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %%I TO %[1]s', current_database()); END $$;
		CREATE SCHEMA IF NOT EXISTS issuer AUTHORIZATION %[1]s`, issuerLogin, password))
	return err
}

// databaseLogin is the password of a login. Its URL is written for the process that uses it.
func (f *Fleet) databaseLogin(admin, login string) (string, error) {
	password, err := f.layout.ensureSecret("db-"+login, randomSecret)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(admin)
	if err != nil || u.Host == "" {
		return "", errors.New("DATABASE_URL: want the form postgres://user:password@host:port/database")
	}
	u.User = url.UserPassword(login, password)
	return password, writeFile(f.databaseURLFile(login), []byte(u.String()+"\n"), 0o600)
}

func (f *Fleet) databaseURLFile(login string) string { return f.layout.secret("url-" + login) }
