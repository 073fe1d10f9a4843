package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
)

type waiting struct {
	Agency  int64
	Subject string
	Event   *commonv1.Event
}

func outboxRows(t *testing.T, raw *pg.Database) []waiting {
	t.Helper()
	rs, err := raw.Superuser(t).Query(context.Background(), "SELECT agency_id, nats_subject, payload FROM notes_svc.outbox ORDER BY seq")
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rs, func(r pgx.CollectableRow) (waiting, error) {
		w := waiting{Event: &commonv1.Event{}}
		var b []byte
		if err := r.Scan(&w.Agency, &w.Subject, &b); err != nil {
			return w, err
		}
		return w, proto.Unmarshal(b, w.Event)
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func insertAndEmit(then error) func(context.Context, *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO notes_svc.notes VALUES ($1, 7, 'x')", tx.AgencyID()); err != nil {
			return err
		}
		tx.Emit("policies/a", &auditv1.PolicyActivated{Key: "a", Version: 1})
		tx.Emit("policies/b", &auditv1.PolicyActivated{Key: "b", Version: 2})
		return then
	}
}

func TestEventsAndAuditRecordCommitWithTheData(t *testing.T) {
	d, raw := open(t)
	for _, agency := range []int64{agencyA, agencyB} {
		ctx, call := audit.Start(as("qa", agency), "notes", "fleet.notes.v1.Notes/Create", time.Now)
		if err := d.Write(ctx, insertAndEmit(nil)); err != nil {
			t.Fatal(err)
		}
		if !call.IsCommitted() {
			t.Error("the call does not know that it is recorded")
		}
		// A second transaction of the same call records nothing again.
		if err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, "UPDATE notes_svc.notes SET body = 'y'")
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	list := outboxRows(t, raw)
	if len(list) != 6 || count(t, raw) != 4 {
		t.Fatalf("%d messages and %d notes, want 6 and 4", len(list), count(t, raw))
	}
	for i, w := range list {
		agency := int64(agencyA)
		if i >= 3 {
			agency = agencyB
		}
		subject := "governance.policy.activated.v1"
		if i%3 == 2 {
			subject = "audit.record.v1"
		}
		if w.Agency != agency || w.Event.GetAgencyId() != agency || w.Subject != subject {
			t.Errorf("message %d: %+v", i, w)
		}
	}
}

func TestNothingLeavesWhenTheDataDoesNot(t *testing.T) {
	d, raw := open(t)
	for name, fn := range map[string]func(context.Context, *db.Tx) error{
		"error": insertAndEmit(errors.New("no")),
		"not an event": func(_ context.Context, tx *db.Tx) error {
			tx.Emit("x", &emptypb.Empty{})
			return insertAndEmit(nil)(context.Background(), tx)
		},
		"no event": func(_ context.Context, tx *db.Tx) error { tx.Emit("x", nil); return nil },
		"ignored error": func(ctx context.Context, tx *db.Tx) error {
			_, _ = tx.Exec(ctx, "SELECT 1/0")
			return insertIgnored(ctx, tx)
		},
	} {
		ctx, call := audit.Start(as("qa", agencyA), "notes", "m", time.Now)
		if err := d.Write(ctx, fn); err == nil {
			t.Errorf("%s: no error", name)
		}
		if call.IsCommitted() {
			t.Errorf("%s: the call counts as recorded", name)
		}
	}
	for name, run := range map[string]runner{"Read": d.Read, "ReadOne": d.ReadOne} {
		err := run(as("qa", agencyA), func(_ context.Context, tx *db.Tx) error {
			tx.Emit("policies/a", &auditv1.PolicyActivated{Key: "a"})
			return nil
		})
		if err == nil {
			t.Errorf("%s: an event in a transaction that only reads", name)
		}
	}
	if n := len(outboxRows(t, raw)); n != 0 || count(t, raw) != 2 {
		t.Errorf("%d messages and %d notes, want 0 and 2", n, count(t, raw))
	}
}

func insertIgnored(ctx context.Context, tx *db.Tx) error {
	_, _ = tx.Exec(ctx, "INSERT INTO notes_svc.notes VALUES (11, 8, 'x')")
	tx.Emit("policies/a", &auditv1.PolicyActivated{Key: "a"})
	return nil
}

func TestAWriteOfEventsAlone(t *testing.T) {
	d, raw := open(t)
	for _, agency := range []int64{agencyA, agencyB, 0} {
		if err := d.Write(as("qa", agency), func(_ context.Context, tx *db.Tx) error {
			tx.Emit("policies/a", &auditv1.PolicyActivated{Key: "a"})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	list := outboxRows(t, raw)
	if len(list) != 3 || list[0].Agency != agencyA || list[1].Agency != agencyB || list[2].Agency != 0 {
		t.Errorf("got %+v", list)
	}
	// A role cannot write events for another agency, nor read or remove any.
	for _, sql := range []string{
		"INSERT INTO notes_svc.outbox (event_id, agency_id, nats_subject, payload) VALUES (gen_random_uuid(), 22, 's', 'x')",
		"SELECT * FROM notes_svc.outbox", "DELETE FROM notes_svc.outbox",
		"UPDATE notes_svc.module_state SET enabled = false", "SELECT * FROM notes_svc.inbox",
	} {
		if err := d.Write(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error { _, err := tx.Exec(ctx, sql); return err }); err == nil {
			t.Errorf("%s: allowed", sql)
		}
	}
}

func TestDeferredStatements(t *testing.T) {
	d, raw := open(t)
	insert := func(ctx context.Context, tx *db.Tx, id int) error {
		_, err := tx.Deferred().Exec(ctx, "INSERT INTO notes_svc.notes VALUES ($1, $2, 'x')", tx.AgencyID(), id)
		return err
	}
	for _, agency := range []int64{agencyA, agencyB} {
		err := d.Write(as("qa", agency), func(ctx context.Context, tx *db.Tx) error {
			if err := errors.Join(insert(ctx, tx, 20), insert(ctx, tx, 21)); err != nil {
				return err
			}
			// A statement in between sees what was deferred before it.
			var n int
			if err := tx.QueryRow(ctx, "SELECT count(*) FROM notes_svc.notes").Scan(&n); err != nil || n != 3 {
				t.Errorf("count %d, %v", n, err)
			}
			tx.Emit("policies/a", &auditv1.PolicyActivated{Key: "a"})
			return insert(ctx, tx, 22)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, raw); n != 8 || len(outboxRows(t, raw)) != 2 {
		t.Errorf("%d notes, %d messages", n, len(outboxRows(t, raw)))
	}
	err := d.Write(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error {
		tx.Emit("policies/a", &auditv1.PolicyActivated{Key: "a"})
		return insert(ctx, tx, 20)
	})
	if db.Constraint(err) != "notes_pkey" || len(outboxRows(t, raw)) != 2 {
		t.Errorf("a violated constraint in a deferred statement: %v", err)
	}
	if err := d.Read(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error { return insert(ctx, tx, 30) }); err == nil {
		t.Error("deferred in a transaction that only reads")
	}
	if err := d.Write(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error { return insert(ctx, tx, 31) }); err != nil || count(t, raw) != 9 {
		t.Errorf("a deferred statement alone: %v", err)
	}
}

// Whatever statement comes next takes what was deferred along: it sees those rows, or has their error.
func TestDeferredStatementsTravelWithTheNext(t *testing.T) {
	d, raw := open(t)
	const total = "SELECT count(*)::int FROM notes_svc.notes"
	next := map[string]func(ctx context.Context, tx *db.Tx) (int, error){
		"Exec": func(ctx context.Context, tx *db.Tx) (int, error) {
			tag, err := tx.Exec(ctx, "SELECT id FROM notes_svc.notes")
			return int(tag.RowsAffected()), err
		},
		"Query": func(ctx context.Context, tx *db.Tx) (int, error) {
			rs, err := tx.Query(ctx, total)
			if err != nil {
				return 0, err
			}
			return pgx.CollectExactlyOneRow(rs, pgx.RowTo[int])
		},
		"QueryRow": func(ctx context.Context, tx *db.Tx) (n int, err error) {
			return n, tx.QueryRow(ctx, total).Scan(&n)
		},
		"SendBatch": func(ctx context.Context, tx *db.Tx) (n int, err error) {
			b := &pgx.Batch{}
			b.Queue(total)
			br := tx.SendBatch(ctx, b)
			err = br.QueryRow().Scan(&n)
			return n, errors.Join(err, br.Close())
		},
	}
	undo := errors.New("undo")
	for name, ask := range next {
		for _, agency := range []int64{agencyA, agencyB} {
			for _, begun := range []bool{false, true} {
				attempt := func(id int) (n int, asked, err error) {
					err = d.Write(as("qa", agency), func(ctx context.Context, tx *db.Tx) error {
						if begun {
							if _, err := tx.Exec(ctx, "SELECT 1"); err != nil {
								return err
							}
						}
						if _, err := tx.Deferred().Exec(ctx, "INSERT INTO notes_svc.notes VALUES ($1, $2, 'x')", tx.AgencyID(), id); err != nil {
							return err
						}
						if n, asked = ask(ctx, tx); asked != nil {
							return nil // ignored: the commit must fail all the same
						}
						return undo
					})
					return n, asked, err
				}
				if n, asked, err := attempt(40); n != 2 || asked != nil || !errors.Is(err, undo) {
					t.Errorf("%s, begun %v: saw %d, %v, %v", name, begun, n, asked, err)
				}
				if _, asked, err := attempt(1); db.Constraint(asked) != "notes_pkey" || err == nil {
					t.Errorf("%s, begun %v: a violated constraint is %v for the next statement and %v for the commit", name, begun, asked, err)
				}
			}
		}
	}
	if n := count(t, raw); n != 2 {
		t.Errorf("%d notes, want 2", n)
	}
}

func TestManyEventsInOneTransaction(t *testing.T) {
	d, raw := open(t)
	for _, n := range []int{1, 2, 3, 4, 5, 50} {
		if err := d.Write(as("qa", agencyB), func(_ context.Context, tx *db.Tx) error {
			for i := range n {
				tx.Emit("policies/a", &auditv1.PolicyActivated{Key: "a", Version: int32(i)})
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(outboxRows(t, raw)); n != 65 {
		t.Errorf("%d messages, want 65", n)
	}
}
