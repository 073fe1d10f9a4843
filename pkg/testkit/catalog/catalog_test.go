package catalog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fusionems/quantum/pkg/testkit/catalog"
	"github.com/fusionems/quantum/pkg/testkit/pg"
)

// recorder is a testing.TB that keeps errors instead of failing.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Helper() {}

func TestAGoodSchemaPasses(t *testing.T) {
	catalog.Check(t, pg.Service{Schema: "cat_good", Migrations: os.DirFS("testdata/good")}, catalog.Reviewed{})
}

func TestEveryMistakeIsFound(t *testing.T) {
	r := &recorder{TB: t}
	catalog.Check(r, pg.Service{Schema: "cat_bad", Migrations: os.DirFS("testdata/bad")}, catalog.Reviewed{
		Platform: map[string]string{"gone": "was removed"},
	})
	for _, want := range []string{
		"table no_agency has no agency_id",
		"table not_forced needs ENABLE and FORCE",
		"unique index bare_key_pkey of bare_key",
		"foreign key bare_reference_id_fkey",
		"policy bare_key.missing_ok",
		"policy bare_reference.no_check",
		"policy not_forced.widened",
		"policy not_forced.cross_writes",
		"cat_bad_billing has SELECT on bare_key, and no policy",
		"cat_bad_cross must not have INSERT on not_forced",
		"cat_bad_login must not have SELECT on not_forced",
		"view owners_eyes needs security_invoker",
		"materialized view frozen",
		"function loose is SECURITY DEFINER",
		`exception "gone" excuses nothing`,
	} {
		found := false
		for _, e := range r.errors {
			found = found || strings.Contains(e, want)
		}
		if !found {
			t.Errorf("not found: %s", want)
		}
	}
	if t.Failed() {
		t.Log(strings.Join(r.errors, "\n"))
	}
}

func TestMergedMigrationsDoNotChange(t *testing.T) {
	file := filepath.Join(t.TempDir(), "migrations.sum")
	one := fstest.MapFS{"0001_a.sql": {Data: []byte("-- a")}}
	r := &recorder{TB: t}
	catalog.MigrationsUnchanged(r, one, file)
	if len(r.errors) != 1 {
		t.Errorf("a migration without a sum: %v", r.errors)
	}
	t.Setenv("UPDATE_MIGRATION_SUMS", "1")
	catalog.MigrationsUnchanged(t, one, file)
	t.Setenv("UPDATE_MIGRATION_SUMS", "")
	catalog.MigrationsUnchanged(t, one, file)
	for name, changed := range map[string]fstest.MapFS{
		"changed": {"0001_a.sql": {Data: []byte("-- b")}},
		"removed": {"0002_b.sql": {Data: []byte("-- b")}},
	} {
		r := &recorder{TB: t}
		catalog.MigrationsUnchanged(r, changed, file)
		if len(r.errors) == 0 {
			t.Errorf("%s: accepted", name)
		}
	}
}
