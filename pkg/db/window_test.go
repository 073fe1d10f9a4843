package db_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/testkit/pg"
)

// release is what a binary of some version carries: migration 1, the expansion 2, and 100, which takes away what binaries before it use.
func release(newest ...string) fstest.MapFS {
	all := map[string]string{
		"0001": "CREATE TABLE {s}.x (agency_id bigint, old text)",
		"0002": "ALTER TABLE {s}.x ADD new text",
		"0100": "ALTER TABLE {s}.x DROP old",
	}
	files := fstest.MapFS{}
	for _, v := range newest {
		files[v+"_change_x.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + strings.ReplaceAll(all[v], "{s}", "boot_svc") + ";\n")}
	}
	return files
}

// A release goes forward over two others and back again, as the hooks of `helm upgrade` and `helm rollback` do with it.
func TestGoingBackIsRefusedOutsideOfTheWindow(t *testing.T) {
	raw := pg.NewDatabase(t)
	if err := db.Bootstrap(t.Context(), raw.URL, db.BootstrapConfig{Schema: "boot_svc", LoginPassword: "l'ogin", MigratorPassword: "migrator"}); err != nil {
		t.Fatal(err)
	}
	owner := raw.As(t, "boot_svc_migrator", "migrator")
	first, expanded, contracted := release("0001"), release("0001", "0002"), release("0001", "0002", "0100")
	migrate := func(r fstest.MapFS) error { return db.Migrate(t.Context(), owner, "boot_svc", r) }
	d := opened(t, raw.As(t, "boot_svc_login", "l'ogin"))
	check := func(r fstest.MapFS) error {
		w, err := db.WindowOf(r)
		if err != nil {
			t.Fatal(err)
		}
		return d.CheckSchema(t.Context(), w)
	}
	if err := check(first); err == nil || errors.Is(err, db.ErrSchemaNewer) || !strings.Contains(err.Error(), "run migrate") {
		t.Errorf("on an empty schema: %v", err)
	}
	for _, r := range []fstest.MapFS{first, expanded} {
		if err := migrate(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(check(first), check(expanded), migrate(first)); err != nil {
		t.Errorf("back within the window: %v", err)
	}
	if v, err := d.SchemaVersion(t.Context()); err != nil || v != 2 {
		t.Errorf("going back left version %d, %v", v, err)
	}
	if err := migrate(contracted); err != nil {
		t.Fatal(err)
	}
	for _, r := range []fstest.MapFS{first, expanded} {
		for what, err := range map[string]error{"migrate": migrate(r), "start": check(r)} {
			if !errors.Is(err, db.ErrSchemaNewer) || !strings.Contains(err.Error(), "at version 100; this binary works up to 99") {
				t.Errorf("%s of an older one: %v", what, err)
			}
		}
	}
	if err := check(contracted); err != nil {
		t.Error(err)
	}
	// The tables that every schema has are migrated by every binary, and bind it the same.
	if _, err := raw.Superuser(t).Exec(t.Context(), "INSERT INTO boot_svc.pkg_db_version (version_id, is_applied) VALUES (100, true)"); err != nil {
		t.Fatal(err)
	}
	if err := check(contracted); !errors.Is(err, db.ErrSchemaNewer) || !strings.Contains(err.Error(), "shared tables") {
		t.Errorf("newer shared tables: %v", err)
	}
}
