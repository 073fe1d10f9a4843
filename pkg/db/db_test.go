package db_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/pg"
)

const (
	agencyA = 11
	agencyB = 22
)

func service() pg.Service {
	return pg.Service{Schema: "notes_svc", Migrations: os.DirFS("testdata/migrations")}
}

// open gives a database with one note in each agency.
func open(t testing.TB) (*db.DB, *pg.Database) {
	t.Helper()
	d, raw := pg.Open(t, service())
	for _, a := range []int64{agencyA, agencyB} {
		err := d.Write(as("qa", a), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO notes_svc.notes VALUES ($1, 1, 'note')", a)
			return err
		})
		if err != nil {
			t.Fatalf("seeding agency %d: %v", a, err)
		}
	}
	return d, raw
}

func as(role string, agency int64) context.Context {
	return identity.With(context.Background(), identity.Principal{
		Subject: "user-" + role, Actor: identity.Human, Roles: []string{role}, ActingRole: role, AgencyID: agency,
	})
}

func across(reason string) context.Context {
	return identity.With(context.Background(), identity.Principal{
		Subject: "founder", Actor: identity.Human, Roles: []string{"founder"}, ActingRole: "founder", CrossAgency: true, AccessReason: reason,
	})
}

func agencies(ctx context.Context, tx *db.Tx) ([]int64, error) {
	rs, err := tx.Query(ctx, "SELECT agency_id FROM notes_svc.notes ORDER BY 1")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rs, pgx.RowTo[int64])
}

type runner func(context.Context, func(context.Context, *db.Tx) error) error

func TestEachWaySeesItsAgencyOnly(t *testing.T) {
	d, _ := open(t)
	for name, run := range map[string]runner{"Read": d.Read, "ReadOne": d.ReadOne, "Write": d.Write} {
		for _, agency := range []int64{agencyA, agencyB} {
			var got []int64
			err := run(as("agency", agency), func(ctx context.Context, tx *db.Tx) (err error) {
				got, err = agencies(ctx, tx)
				return err
			})
			if err != nil || len(got) != 1 || got[0] != agency {
				t.Errorf("%s as agency %d: got %v, %v", name, agency, got, err)
			}
		}
	}
}

func TestFirstAndLaterStatementsOfAllKinds(t *testing.T) {
	d, _ := open(t)
	err := d.Write(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error {
		for i := range 2 {
			if _, err := tx.Exec(ctx, "INSERT INTO notes_svc.notes VALUES ($1, $2, 'x')", agencyA, 10+i); err != nil {
				return err
			}
			var n int
			if err := tx.QueryRow(ctx, "SELECT count(*) FROM notes_svc.notes").Scan(&n); err != nil {
				return err
			}
			if n != 2+i {
				t.Errorf("count = %d", n)
			}
			b := &pgx.Batch{}
			b.Queue("SELECT 1")
			b.Queue("SELECT 2")
			if err := tx.SendBatch(ctx, b).Close(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, first := range map[string]func(context.Context, *db.Tx) error{
		"QueryRow": func(ctx context.Context, tx *db.Tx) error {
			var id int64
			return tx.QueryRow(ctx, "SELECT id FROM notes_svc.notes").Scan(&id)
		},
		"SendBatch": func(ctx context.Context, tx *db.Tx) error {
			b := &pgx.Batch{}
			b.Queue("SELECT id FROM notes_svc.notes")
			return tx.SendBatch(ctx, b).Close()
		},
	} {
		if err := d.Read(as("qa", agencyB), func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(first(ctx, tx), first(ctx, tx))
		}); err != nil {
			t.Errorf("%s first: %v", name, err)
		}
	}
}

func TestReadOneRefusesASecondStatement(t *testing.T) {
	d, _ := open(t)
	err := d.ReadOne(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error {
		if _, err := agencies(ctx, tx); err != nil {
			return err
		}
		_, err := agencies(ctx, tx)
		return err
	})
	if err == nil {
		t.Error("a second statement must be refused")
	}
}

func TestReadersCannotWrite(t *testing.T) {
	d, raw := open(t)
	for name, run := range map[string]runner{"Read": d.Read, "ReadOne": d.ReadOne} {
		err := run(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, "DELETE FROM notes_svc.notes")
			return err
		})
		if err == nil {
			t.Errorf("%s: DELETE must be refused", name)
		}
	}
	if n := count(t, raw); n != 2 {
		t.Errorf("%d notes left, want 2", n)
	}
}

func TestWritesStayInTheAgency(t *testing.T) {
	d, raw := open(t)
	err := d.Write(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO notes_svc.notes VALUES ($1, 9, 'x')", agencyB)
		return err
	})
	if errs.Reason(err) != db.ReasonDenied {
		t.Errorf("insert for another agency: %v", err)
	}
	err = d.Write(as("agency", agencyA), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO notes_svc.notes VALUES ($1, 9, 'x')", agencyA)
		return err
	})
	if errs.Reason(err) != db.ReasonDenied {
		t.Errorf("insert without a grant: %v", err)
	}
	if n := count(t, raw); n != 2 {
		t.Errorf("%d notes, want 2", n)
	}
}

func TestFailsClosed(t *testing.T) {
	d, _ := open(t)
	list := func(ctx context.Context, tx *db.Tx) error {
		got, err := agencies(ctx, tx)
		if err == nil {
			t.Errorf("got %v, want an error", got)
		}
		return err
	}
	cases := map[string]context.Context{
		"no principal":         context.Background(),
		"role without a group": as("", agencyA),
		"unknown group":        as("nobody", agencyA),
		"no agency":            as("qa", 0),
		"group cross by name":  as("cross", agencyA),
	}
	for range 2 { // the second round meets connections that were used
		for name, ctx := range cases {
			for way, run := range map[string]runner{"Read": d.Read, "ReadOne": d.ReadOne, "Write": d.Write} {
				if err := run(ctx, list); err == nil {
					t.Errorf("%s, %s: no error", name, way)
				}
			}
		}
		if err := d.Read(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error {
			_, err := agencies(ctx, tx)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAcrossAgencies(t *testing.T) {
	d, _ := open(t)
	var got []int64
	read := func(ctx context.Context, tx *db.Tx) (err error) {
		got, err = agencies(ctx, tx)
		return err
	}
	if err := d.Read(across("monthly review"), read); err != nil || len(got) != 2 {
		t.Errorf("got %v, %v; want both agencies", got, err)
	}
	if err := d.Read(across(""), read); errs.Reason(err) != db.ReasonCrossNotAllowed {
		t.Errorf("without a reason: %v", err)
	}
	if err := d.Write(across("monthly review"), read); errs.Reason(err) != db.ReasonCrossReadOnly {
		t.Errorf("write: %v", err)
	}
	p, _ := identity.From(across("x"))
	for _, change := range []func(*identity.Principal){
		func(p *identity.Principal) { p.Actor = identity.AI },
		func(p *identity.Principal) { p.Actor = identity.Service },
		func(p *identity.Principal) { p.ActingRole = "qa" },
	} {
		q := p
		change(&q)
		if err := d.Read(identity.With(context.Background(), q), read); errs.Reason(err) != db.ReasonCrossNotAllowed {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

func count(t testing.TB, raw *pg.Database) int {
	t.Helper()
	var n int
	if err := raw.Superuser(t).QueryRow(context.Background(), "SELECT count(*) FROM notes_svc.notes").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
