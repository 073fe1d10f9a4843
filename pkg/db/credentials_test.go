package db_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/testkit/pg"
)

// A rotation replaces the password in the server and then the file; connections that are there live on, new ones use the file.
func TestARotatedPasswordIsUsedWithoutARestart(t *testing.T) {
	// The server that the other tests share trusts whoever connects.
	server, err := pg.Start(t.Context(), pg.Options{Password: "a-superuser's password"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	const schema = "rotate_svc"
	as := func(password string) string { return server.URLFor(schema+"_login", password, "postgres") }
	boot := func(password string) {
		t.Helper()
		if err := db.Bootstrap(t.Context(), server.URL("postgres"), db.BootstrapConfig{Schema: schema, LoginPassword: password, MigratorPassword: "migrator"}); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "database-url")
	put := func(password string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(as(password)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	boot("the first password")
	put("the first password")
	open := func(renewed func() (string, error)) *db.DB {
		t.Helper()
		d, err := db.Open(t.Context(), db.Config{
			URL: as("the first password"), Renewed: renewed, Schema: schema, MaxConns: 2,
			Groups: func(r string) (string, bool) { return r, true },
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(d.Close)
		if err := d.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		return d
	}
	fixed, rotating := open(nil), open(func() (string, error) {
		b, err := os.ReadFile(file)
		return string(b), err
	})
	super, err := pgx.Connect(t.Context(), server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.Background())
	boot("the second password")
	if err := errors.Join(fixed.Ping(t.Context()), rotating.Ping(t.Context())); err != nil {
		t.Errorf("connections that were there: %v", err)
	}
	put("the second password")
	disconnect(t, super, schema)
	if err := comesBack(t, fixed); err == nil {
		t.Error("the control got in with the old password: nothing is proved")
	}
	if err := comesBack(t, rotating); err != nil {
		t.Errorf("with the new password: %v", err)
	}
	// While the file is away, the last password that it held is used.
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	disconnect(t, super, schema)
	if err := comesBack(t, rotating); err != nil {
		t.Errorf("without a file: %v", err)
	}
}

// comesBack asks until the database answers: the pool finds out one by one that its connections are dead.
func comesBack(t *testing.T, d *db.DB) error {
	t.Helper()
	var err error
	for range 10 {
		if err = d.Ping(t.Context()); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

// disconnect ends every session of the login, as a restart of the server would.
func disconnect(t *testing.T, super *pgx.Conn, schema string) {
	t.Helper()
	_, err := super.Exec(context.Background(), "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = $1", schema+"_login")
	if err != nil {
		t.Fatal(err)
	}
}
