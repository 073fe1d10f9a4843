package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/catalog"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/agency/internal/registry"
	"github.com/fusionems/quantum/services/agency/internal/store"
)

func definition(t *testing.T) pg.Service {
	t.Helper()
	table, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	return pg.Service{Schema: "agency", Migrations: store.Migrations, Groups: table.DatabaseGroup}
}

func TestCatalog(t *testing.T) {
	catalog.Check(t, definition(t), catalog.Reviewed{
		Platform: map[string]string{"registry_revision": "one number for the whole fleet"},
		Keys: map[string]string{
			"agency_request":         "a request registers one agency in the whole fleet; only the founder inserts",
			"agency_state_unique_id": "what makes one agency of the fleet one agency; only the founder inserts",
			"agency_number":          "what makes one agency of the fleet one agency; only the founder inserts",
		},
		Policies: map[string]string{
			"agency.administer":        "the founder administers tenants; services ask whose a document is",
			"module_switch.administer": "the founder administers tenants; the gateway asks what is off anywhere",
		},
	})
	catalog.MigrationsUnchanged(t, store.Migrations, "testdata/migrations.sum")
}

// TestRowsByGroup looks at raw rows as every group: own agency only, but for the founder and the fleet's services; and
// nobody writes but the founder, inside the agency that the transaction is in.
func TestRowsByGroup(t *testing.T) {
	d, raw := pg.Open(t, definition(t))
	insert(t, raw.Superuser(t), 1)
	insert(t, raw.Superuser(t), 2)
	all := map[string]bool{"founder": true, "system": true}
	for _, group := range db.DefaultGroups() {
		if group == "cross" {
			continue // a founder with a reason; below
		}
		d := as(t, raw, group)
		ctx := identity.With(t.Context(), identity.Principal{Subject: "u", Actor: identity.Human, ActingRole: group, AgencyID: 1})
		for _, table := range []string{"agency", "module_switch"} {
			want := 1
			if all[group] {
				want = 2
			}
			if n, err := count(ctx, d, table); err != nil || n != want {
				t.Errorf("%s sees %d rows of %s, %v; want %d", group, n, table, err, want)
			}
		}
		for _, sql := range []string{
			"UPDATE agency.module_switch SET enabled = true WHERE agency_id = 2", "DELETE FROM agency.agency", "DELETE FROM agency.module_switch",
			"UPDATE agency.agency SET display_name = 'x'", insertSwitch(2),
		} {
			n, err := exec(ctx, d, sql)
			if err == nil && n > 0 {
				t.Errorf("%s in agency 1: %s changed %d rows", group, sql, n)
			}
		}
		n, err := exec(ctx, d, "UPDATE agency.module_switch SET reason = 'y' WHERE agency_id = 1")
		if allowed := err == nil && n == 1; allowed != (group == "founder") {
			t.Errorf("%s moves a switch of its agency: %d, %v", group, n, err)
		}
		nowhere := identity.With(t.Context(), identity.Principal{Subject: "u", Actor: identity.Human, ActingRole: group})
		if n, err := count(nowhere, d, "agency"); (err == nil) != all[group] {
			t.Errorf("%s without an agency sees %d agencies, %v", group, n, err)
		}
	}
	cross := identity.With(t.Context(), identity.Principal{Subject: "f", Actor: identity.Human, ActingRole: "founder", CrossAgency: true, AccessReason: "review"})
	if n, err := count(cross, d, "agency"); err != nil || n != 2 {
		t.Errorf("the founder across agencies sees %d agencies, %v", n, err)
	}
	if _, err := exec(cross, d, insertSwitch(2)); err == nil {
		t.Error("the founder writes across agencies")
	}
}

// as is the service's database with roles that are named as their groups.
func as(t *testing.T, raw *pg.Database, group string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{
		URL: raw.As(t, "agency_login", pg.LoginPassword), Schema: "agency", Groups: func(string) (string, bool) { return group, true },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func insert(t *testing.T, conn *pgx.Conn, id int64) {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO agency.agency VALUES ($1, 'N', 'S' || $1::bigint, 'A' || $1::bigint, '55', 'UTC', 'active', gen_random_uuid(), sha256('x'), now())`,
		`INSERT INTO agency.module_switch VALUES ($1, 'qa', false, 'x', 2, now())`,
		`INSERT INTO agency.person VALUES ($1, 'u' || $1::bigint, 'l' || $1::bigint, '{clinical_staff}', now(), date_trunc('hour', now(), 'UTC'))`,
	} {
		if _, err := conn.Exec(context.Background(), sql, id); err != nil {
			t.Fatal(err)
		}
	}
}

func insertSwitch(agency int64) string {
	return "INSERT INTO agency.module_switch VALUES (" + map[int64]string{1: "1", 2: "2"}[agency] + ", 'billing', true, '', 3, now())"
}

func count(ctx context.Context, d *db.DB, table string) (n int, err error) {
	err = d.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM agency."+table).Scan(&n)
	})
	return n, err
}

var errUndo = errors.New("undone")

// exec runs a statement, says how many rows it changed, and undoes it.
func exec(ctx context.Context, d *db.DB, sql string) (n int64, err error) {
	err = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var tag pgconn.CommandTag
		tag, err := tx.Exec(ctx, sql)
		n = tag.RowsAffected()
		if err == nil {
			err = errUndo
		}
		return err
	})
	if errors.Is(err, errUndo) {
		err = nil
	}
	return n, err
}

func TestRequestIDsAreUnique(t *testing.T) {
	d, _ := pg.Open(t, definition(t))
	agencies := store.NewAgencies(d)
	a := registry.Agency{ID: 1, DisplayName: "N", StateUniqueID: "S1", Number: "A1", StateCode: "55", TimeZone: "UTC", State: registry.Active, CreateTime: time.Now()}
	req := registry.Request{ID: uuid.New(), Digest: make([]byte, 32)}
	for i := range 2 {
		a.ID, a.StateUniqueID, a.Number = int64(i+1), a.StateUniqueID+"x", a.Number+"x"
		ctx := identity.With(t.Context(), identity.Principal{Subject: "f", Actor: identity.Human, ActingRole: "founder", AgencyID: a.ID})
		err := agencies.Write(ctx, func(ctx context.Context, tx registry.Tx) error { return tx.Insert(ctx, a, req) })
		if (i == 0 && err != nil) || (i == 1 && !errors.Is(err, registry.ErrRequestTaken)) {
			t.Fatalf("insert %d: %v", i, err)
		}
	}
}
