package db_test

import (
	"context"
	"strings"
	"testing"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/testkit/pg"
)

// selfChecks are the checks by name.
func selfChecks(d *db.DB) map[string]func(context.Context) error {
	counted := func(f func(context.Context) (int, error)) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := f(ctx)
			return err
		}
	}
	return map[string]func(context.Context) error{
		"login": d.CheckLogin, "forced": counted(d.CheckForced), "needed": counted(readings(d)["needed"]), "separated": counted(readings(d)["separated"]),
	}
}

// readings are the checks that read as every group, without exceptions.
func readings(d *db.DB) map[string]func(context.Context) (int, error) {
	return map[string]func(context.Context) (int, error){
		"needed":    func(ctx context.Context) (int, error) { return d.CheckAgencyNeeded(ctx, nil) },
		"separated": func(ctx context.Context) (int, error) { return d.CheckSeparated(ctx, nil) },
	}
}

func TestAnExceptionOfASelfCheckMustBeThere(t *testing.T) {
	d, _ := open(t)
	all, err := d.CheckSeparated(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := d.CheckSeparated(t.Context(), map[string]string{"qa/module_state": "a reason"}); err != nil || n != all-1 {
		t.Errorf("%d readings of %d, %v", n, all, err)
	}
	if _, err := d.CheckAgencyNeeded(t.Context(), map[string]string{"qa/nothing": "a reason"}); err == nil || !strings.Contains(err.Error(), "qa/nothing excuses nothing") {
		t.Errorf("got %v", err)
	}
}

// Roles belong to the whole server, so what is done to them here happens to a schema that no other test has.
const posture = "posture_svc"

func TestSelfChecksPassOnWhatWasBuiltAsItShould(t *testing.T) {
	d, _ := open(t)
	for name, check := range selfChecks(d) {
		if err := check(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	tables, err := d.CheckForced(t.Context())
	if err != nil || tables < 4 {
		t.Errorf("%d tables were looked at, %v", tables, err)
	}
	for name, f := range readings(d) {
		if n, err := f(t.Context()); err != nil || n < 10 {
			t.Errorf("%s: only %d readings were tried, %v", name, n, err)
		}
	}
}

func TestSelfChecksFindEachFault(t *testing.T) {
	policy := func(condition string) string {
		return "ALTER POLICY tenant ON {s}.module_state USING (" + condition + ")"
	}
	row := "INSERT INTO {s}.module_state VALUES (11, 'qa', true, 1);"
	for name, c := range map[string]struct{ sql, check, says string }{
		"not forced":             {"ALTER TABLE {s}.module_state NO FORCE ROW LEVEL SECURITY", "forced", "module_state"},
		"not enabled":            {"ALTER TABLE {s}.inbox DISABLE ROW LEVEL SECURITY", "forced", "inbox"},
		"a table without":        {"CREATE TABLE {s}.notes (agency_id bigint)", "forced", "notes"},
		"disabled, seen":         {row + "ALTER TABLE {s}.module_state DISABLE ROW LEVEL SECURITY", "separated", "sees 1 rows"},
		"disabled, asked":        {"ALTER TABLE {s}.module_state DISABLE ROW LEVEL SECURITY", "needed", "not refused"},
		"everybody's policy":     {"CREATE POLICY open ON {s}.module_state TO PUBLIC USING (true)", "needed", "not refused"},
		"nobody's agency is all": {policy("agency_id = NULLIF(current_setting('app.current_agency', true), '')::bigint"), "needed", "not refused"},
		"more than the agency":   {row + policy("agency_id <= current_setting('app.current_agency')::bigint"), "separated", "sees 1 rows"},
		"a neighbour's row":      {policy("agency_id BETWEEN current_setting('app.current_agency')::bigint AND current_setting('app.current_agency')::bigint + 1"), "separated", "another one 1"},
		"any row is written":     {"ALTER POLICY tenant ON {s}.module_state WITH CHECK (true)", "separated", "not refused by its policy"},
		"a superuser":            {"ALTER ROLE {s}_login SUPERUSER", "login", "{s}_login"},
		"a role above policies":  {"ALTER ROLE {s}_login BYPASSRLS", "login", "{s}_login"},
		"it may become one":      {"ALTER ROLE {s}_qa BYPASSRLS", "login", "{s}_qa"},
		"it may become owner":    {"GRANT {s}_migrator TO {s}_login", "login", "schema {s}"},
		"an owner":               {"ALTER TABLE {s}.inbox OWNER TO {s}_login", "login", "{s}.inbox"},
		"nothing migrated":       {"DROP TABLE {s}.outbox, {s}.inbox, {s}.module_state", "forced", "is it migrated"},
	} {
		t.Run(name, func(t *testing.T) {
			d, raw := pg.Open(t, pg.Service{Schema: posture})
			check := selfChecks(d)[c.check]
			if err := check(t.Context()); err != nil {
				t.Fatalf("before: %v", err)
			}
			fill := func(s string) string { return strings.ReplaceAll(s, "{s}", posture) }
			conn := raw.Superuser(t)
			t.Cleanup(func() {
				_, err := conn.Exec(context.WithoutCancel(t.Context()), fill("ALTER ROLE {s}_login NOSUPERUSER NOBYPASSRLS; ALTER ROLE {s}_qa NOBYPASSRLS; REVOKE {s}_migrator FROM {s}_login"))
				if err != nil {
					t.Error(err)
				}
			})
			if _, err := conn.Exec(t.Context(), fill(c.sql)); err != nil {
				t.Fatal(err)
			}
			if err := check(t.Context()); err == nil || !strings.Contains(err.Error(), fill(c.says)) {
				t.Errorf("got %v, which does not say %q", err, fill(c.says))
			}
		})
	}
}
