package service

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/testkit/pg"
)

// TestRolesMakeAnEmptyDatabaseReady runs what the command prints, twice, as an operator does before the first migration.
func TestRolesMakeAnEmptyDatabaseReady(t *testing.T) {
	var script strings.Builder
	def := Definition{Name: "printed_roles"}
	if err := roles(def, &script); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(script.String(), "PASSWORD") {
		t.Error("the script sets a password")
	}
	conn, err := pgx.Connect(t.Context(), pg.NewDatabase(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // the test is over
	for range 2 {
		if _, err := conn.PgConn().Exec(t.Context(), script.String()).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	var groups int
	err = conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles l ON l.oid = m.member
		WHERE l.rolname = 'printed_roles_login' AND NOT l.rolsuper AND NOT l.rolbypassrls`).Scan(&groups)
	if want := len(db.DefaultGroups()) + 2; err != nil || groups != want {
		t.Errorf("the login is in %d groups, want %d: %v", groups, want, err)
	}
}
