package db_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/testkit/pg"
)

func TestBootstrapAndMigrateRepeatWithoutHarm(t *testing.T) {
	raw := pg.NewDatabase(t)
	cfg := db.BootstrapConfig{Schema: "boot_svc", LoginPassword: "l'ogin", MigratorPassword: "migrator"}
	files := fstest.MapFS{"0001_create_x.sql": {Data: []byte("-- +goose Up\nCREATE TABLE boot_svc.x (agency_id bigint);\n")}}
	owner := raw.As(t, "boot_svc_migrator", "migrator")
	for range 2 {
		if err := db.Bootstrap(t.Context(), raw.URL, cfg); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range 3 { // several replicas at once
			group.Go(func() {
				if err := db.Migrate(context.Background(), owner, "boot_svc", files); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
	d := opened(t, raw.As(t, "boot_svc_login", "l'ogin"))
	if v, err := d.SchemaVersion(t.Context()); err != nil || v != 1 {
		t.Errorf("version %d, %v", v, err)
	}
	files["0002_add_y.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nALTER TABLE boot_svc.x ADD y int;\n")}
	w, err := db.WindowOf(files)
	if err != nil || w != (db.Window{Min: 2, Max: 99}) {
		t.Errorf("window %+v, %v", w, err)
	}
	if err := d.CheckSchema(t.Context(), w); err == nil {
		t.Error("a schema that is too old is accepted")
	}
	if err := db.Migrate(t.Context(), owner, "boot_svc", files); err != nil {
		t.Fatal(err)
	}
	if err := d.CheckSchema(t.Context(), w); err != nil {
		t.Error(err)
	}
	if err := d.CheckSchema(t.Context(), db.Window{Min: 1, Max: 1}); err == nil {
		t.Error("a schema that is too new is accepted")
	}
	files["0003_broken.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nALTER TABLE boot_svc.x ADD z int;\nSELECT 1/0;\n")}
	if err := db.Migrate(t.Context(), owner, "boot_svc", files); err == nil {
		t.Error("a broken migration succeeded")
	}
	if v, err := d.SchemaVersion(t.Context()); err != nil || v != 2 {
		t.Errorf("version after the broken one %d, %v", v, err)
	}
}

func opened(t *testing.T, url string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{URL: url, Schema: "boot_svc", Groups: func(r string) (string, bool) { return r, true }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func TestBootstrapTakesExcessRightsAway(t *testing.T) {
	raw := pg.NewDatabase(t)
	cfg := db.BootstrapConfig{Schema: "boot_two", Groups: []string{"qa"}, LoginPassword: "x", MigratorPassword: "x"}
	if err := db.Bootstrap(t.Context(), raw.URL, cfg); err != nil {
		t.Fatal(err)
	}
	super := raw.Superuser(t)
	if _, err := super.Exec(t.Context(), "ALTER ROLE boot_two_login SUPERUSER BYPASSRLS INHERIT; GRANT CREATE ON SCHEMA public TO PUBLIC"); err != nil {
		t.Fatal(err)
	}
	if err := db.Bootstrap(t.Context(), raw.URL, cfg); err != nil {
		t.Fatal(err)
	}
	var bad int
	err := super.QueryRow(t.Context(), `SELECT count(*) FROM pg_roles WHERE starts_with(rolname, 'boot_two_')
AND (rolsuper OR rolbypassrls OR (rolinherit AND rolname = 'boot_two_login'))`).Scan(&bad)
	if err != nil || bad != 0 {
		t.Errorf("%d roles with excess rights, %v", bad, err)
	}
	conn, err := pgx.Connect(t.Context(), raw.As(t, "boot_two_login", "x"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, sql := range []string{"CREATE TABLE public.x ()", "CREATE SCHEMA x", "CREATE TEMP TABLE x ()", "CREATE TABLE boot_two.x ()"} {
		if _, err := conn.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: allowed", sql)
		}
	}
}

func TestBootstrapSQLHoldsNoPassword(t *testing.T) {
	script, err := db.BootstrapSQL(db.BootstrapConfig{Schema: "s", LoginPassword: "open-sesame", MigratorPassword: "other-secret"})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(script, "sesame") || strings.Contains(script, "secret") || !strings.Contains(script, "SCRAM-SHA-256$") {
		t.Error("the script must hold verifiers, not passwords")
	}
	for _, bad := range []db.BootstrapConfig{
		{Schema: `x"; DROP`}, {Schema: ""}, {Schema: "a", Groups: []string{"login"}}, {Schema: "a", Groups: []string{"x y"}},
	} {
		if _, err := db.BootstrapSQL(bad); err == nil {
			t.Errorf("%+v: accepted", bad)
		}
	}
}

func TestSharedMigrationsKeepTheirSums(t *testing.T) {
	sums, err := db.SharedChecksums()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("migrations.sum")
	if err != nil {
		t.Fatal(err)
	}
	for name, sum := range sums {
		if !strings.Contains(string(b), sum+"  "+name+"\n") {
			t.Errorf("%s: sum %s is not in migrations.sum: a merged migration is never changed, a new one is added to the list", name, sum)
		}
	}
	if got := strings.Count(string(b), "\n"); got != len(sums) {
		t.Errorf("%d lines for %d migrations", got, len(sums))
	}
}
