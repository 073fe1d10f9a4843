package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/testkit/pg"
)

// single opens a DB with one connection, so that each transaction gets what the one before left.
func single(t *testing.T) *db.DB {
	t.Helper()
	_, raw := open(t)
	d, err := db.Open(t.Context(), db.Config{
		URL: raw.As(t, "notes_svc_login", pg.LoginPassword), Schema: "notes_svc", MaxConns: 1,
		Groups: func(r string) (string, bool) { return r, r != "" }, StatementTimeout: time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// mustBeClean says that a transaction without an agency fails, and that ones with an agency see that one only.
func mustBeClean(t *testing.T, d *db.DB, after string) {
	t.Helper()
	for name, run := range map[string]runner{"Read": d.Read, "ReadOne": d.ReadOne, "Write": d.Write} {
		err := run(as("qa", 0), func(ctx context.Context, tx *db.Tx) error {
			got, err := agencies(ctx, tx)
			if err == nil {
				t.Errorf("after %s, %s without an agency saw %v", after, name, got)
			}
			return err
		})
		if err == nil {
			t.Errorf("after %s, %s without an agency: no error", after, name)
		}
		err = run(as("agency", agencyB), func(ctx context.Context, tx *db.Tx) error {
			var role, agency, subject string
			err := tx.QueryRow(ctx, `SELECT current_user, current_setting('app.current_agency'), current_setting('app.current_subject')`).
				Scan(&role, &agency, &subject)
			if role != "notes_svc_agency" || agency != "22" || subject != "user-agency" {
				t.Errorf("after %s, %s: %s %s %s", after, name, role, agency, subject)
			}
			return err
		})
		if err != nil {
			t.Errorf("after %s, %s in an agency: %v", after, name, err)
		}
	}
}

func TestAConnectionCarriesNothingOver(t *testing.T) {
	d := single(t)
	boom := errors.New("boom")
	ignored := func(_ context.Context, _ *db.Tx) {}
	cases := map[string]func(ctx context.Context, run runner){
		"success": func(ctx context.Context, run runner) {
			_ = run(ctx, func(ctx context.Context, tx *db.Tx) error { _, err := agencies(ctx, tx); return err })
		},
		"an error of the function": func(ctx context.Context, run runner) {
			_ = run(ctx, func(ctx context.Context, tx *db.Tx) error { _, _ = agencies(ctx, tx); return boom })
		},
		"an error of the first statement": func(ctx context.Context, run runner) {
			_ = run(ctx, func(ctx context.Context, tx *db.Tx) error { _, err := tx.Exec(ctx, "SELECT 1/0"); return err })
		},
		"a statement that does not parse": func(ctx context.Context, run runner) {
			_ = run(ctx, func(ctx context.Context, tx *db.Tx) error { _, err := tx.Exec(ctx, "SELEC"); return err })
		},
		"an ignored error": func(ctx context.Context, run runner) {
			_ = run(ctx, func(ctx context.Context, tx *db.Tx) error { _, _ = tx.Exec(ctx, "SELECT 1/0"); return nil })
		},
		"rows left open": func(ctx context.Context, run runner) {
			_ = run(ctx, func(ctx context.Context, tx *db.Tx) error {
				rs, err := tx.Query(ctx, "SELECT generate_series(1, 100000)")
				if err == nil {
					rs.Next()
				}
				return err
			})
		},
		"a row never scanned": func(ctx context.Context, run runner) {
			_ = run(ctx, func(ctx context.Context, tx *db.Tx) error { _ = tx.QueryRow(ctx, "SELECT 1"); return nil })
		},
		"a panic": func(ctx context.Context, run runner) {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = run(ctx, func(ctx context.Context, tx *db.Tx) error { _, _ = agencies(ctx, tx); ignored(ctx, tx); panic(boom) })
		},
		"a context that ends in a statement": func(ctx context.Context, run runner) {
			ctx, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
			defer cancel()
			_ = run(ctx, func(ctx context.Context, tx *db.Tx) error { _, err := tx.Exec(ctx, "SELECT pg_sleep(5)"); return err })
		},
		"a context that ends between statements": func(ctx context.Context, run runner) {
			ctx, cancel := context.WithCancel(ctx)
			_ = run(ctx, func(ctx context.Context, tx *db.Tx) error { _, _ = agencies(ctx, tx); cancel(); return nil })
		},
		"a statement timeout": func(ctx context.Context, run runner) {
			_ = run(ctx, func(ctx context.Context, tx *db.Tx) error { _, err := tx.Exec(ctx, "SELECT pg_sleep(5)"); return err })
		},
		"settings of the session": func(ctx context.Context, run runner) {
			_ = run(ctx, func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, "SELECT set_config('app.current_agency', '11', false), set_config('app.current_subject', 'x', false)")
				return err
			})
		},
		"a killed backend": func(ctx context.Context, run runner) {
			_ = run(ctx, func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, "SELECT pg_terminate_backend(pg_backend_pid())")
				return err
			})
		},
	}
	for name, leave := range cases {
		for way, run := range map[string]runner{"Read": d.Read, "ReadOne": d.ReadOne, "Write": d.Write} {
			leave(as("qa", agencyA), run)
			mustBeClean(t, d, fmt.Sprintf("%s in %s", name, way))
		}
	}
}

func TestConcurrentAgenciesNeverMix(t *testing.T) {
	d, _ := open(t)
	var group sync.WaitGroup
	for i := range 8 {
		agency := int64(agencyA)
		if i%2 == 1 {
			agency = agencyB
		}
		group.Go(func() {
			for j := range 100 {
				run := []runner{d.Read, d.ReadOne, d.Write}[j%3]
				err := run(as("qa", agency), func(ctx context.Context, tx *db.Tx) error {
					got, err := agencies(ctx, tx)
					if err == nil && (len(got) != 1 || got[0] != agency) {
						t.Errorf("agency %d saw %v", agency, got)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestTheConnectionStaysHidden(t *testing.T) {
	d, _ := open(t)
	var kept *db.Tx
	err := d.Read(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error {
		kept = tx
		for range 2 {
			rs, err := tx.Query(ctx, "SELECT 1")
			if err != nil {
				return err
			}
			if rs.Conn() != nil {
				t.Error("rows give the connection away")
			}
			rs.Close()
		}
		return d.Read(ctx, func(context.Context, *db.Tx) error { return nil })
	})
	if err == nil {
		t.Error("a transaction inside a transaction: no error")
	}
	if _, err := kept.Exec(context.Background(), "SELECT 1"); err == nil {
		t.Error("a transaction was used after its end")
	}
}

// The raw login, without the package: nothing may be readable.
func TestTheLoginAloneReadsNothing(t *testing.T) {
	_, raw := open(t)
	conn, err := pgx.Connect(t.Context(), raw.As(t, "notes_svc_login", pg.LoginPassword))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, sql := range []string{
		"SELECT * FROM notes_svc.notes", "INSERT INTO notes_svc.notes VALUES (11, 5, 'x')", "SELECT * FROM notes_svc.outbox",
		"SELECT * FROM notes_svc.inbox", "CREATE TABLE notes_svc.x ()", "CREATE TABLE public.x ()", "SET ROLE notes_svc_migrator",
	} {
		if _, err := conn.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: allowed", sql)
		}
	}
	// As a group role but without context, on a fresh session and on a used one.
	for range 2 {
		if _, err := conn.Exec(t.Context(), "SET ROLE notes_svc_qa"); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "SELECT * FROM notes_svc.notes"); err == nil {
			t.Error("rows without an agency: no error")
		}
		if _, err := conn.Exec(t.Context(), "BEGIN; SELECT set_config('app.current_agency','11',true); COMMIT; RESET ROLE"); err != nil {
			t.Fatal(err)
		}
	}
}
