package store

import (
	"errors"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/services/carefusion/internal/postgres"
)

func TestAWindowEndsWithItsRun(t *testing.T) {
	for newest, want := range map[int64]versions{1: {1, 99}, 7: {7, 99}, 99: {99, 99}, 100: {100, 199}, 142: {142, 199}} {
		if got := windowOf(newest); got != want {
			t.Errorf("newest %d: %v, want %v", newest, got, want)
		}
	}
}

// The same binary meets an empty database, its own schema, a later one of its run, and one beyond it.
func TestGoingBackIsRefusedOutsideOfTheWindow(t *testing.T) {
	super := superuser(t)
	run := func(address, sql string) {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close(t.Context()) }()
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	as := func(user string) string {
		u, err := url.Parse(super)
		if err != nil {
			t.Fatal(err)
		}
		if user != "" {
			u.User = url.User(user)
		}
		u.Path = "/schema_window"
		return u.String()
	}
	run(super, "DROP DATABASE IF EXISTS schema_window WITH (FORCE)")
	run(super, "CREATE DATABASE schema_window")
	run(as(""), Roles())
	own, err := window()
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		version int64
		refused bool
	}{{0, false}, {own.min, false}, {own.max, false}, {own.max + 1, true}} {
		if step.version > own.min {
			run(as(""), "INSERT INTO carefusion.goose_db_version (version_id, is_applied) VALUES ("+strconv.FormatInt(step.version, 10)+", true)")
		}
		_, err := Migrate(t.Context(), as("carefusion_migrator"))
		if errors.Is(err, ErrSchemaNewer) != step.refused || (err == nil) == step.refused {
			t.Errorf("migrate at version %d: %v", step.version, err)
		}
		d, err := Open(t.Context(), as("carefusion_login"), nil)
		if err != nil {
			t.Fatal(err)
		}
		err = d.Ready(t.Context())
		d.Close()
		if errors.Is(err, ErrSchemaNewer) != step.refused || (err != nil && !strings.Contains(err.Error(), "deploy a newer one")) {
			t.Errorf("ready at version %d: %v", step.version, err)
		}
	}
	run(super, "DROP DATABASE schema_window WITH (FORCE)")
}

// superuser is the address of a PostgreSQL for the test.
func superuser(t *testing.T) string {
	t.Helper()
	super := os.Getenv("TEST_DATABASE_URL")
	if super == "" {
		dir, err := os.MkdirTemp("", "carefusion-pg-")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		s, err := postgres.Start(t.Context(), dir, false)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Stop() })
		super = s.URL
	}
	return super
}
