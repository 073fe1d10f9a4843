package app_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fusionems/quantum/services/carefusion/internal/audit"
)

// login runs statements as the service's login in a role with a subject, past all code of the service.
func (w *world) login(role, subject string, sql string, args ...any) (int64, error) {
	w.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, as(w.t, w.db, "carefusion_login", strings.TrimPrefix(mustURL(w.t, w.db).Path, "/")))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	tx, err := conn.Begin(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if role != "" {
		if _, err := tx.Exec(ctx, `SELECT set_config('role', $1, true)`, "carefusion_"+role); err != nil {
			w.t.Fatal(err)
		}
	}
	if subject != "unset" {
		if _, err := tx.Exec(ctx, `SELECT set_config('app.current_subject', $1, true)`, subject); err != nil {
			w.t.Fatal(err)
		}
	}
	tag, err := tx.Exec(ctx, sql, args...)
	return tag.RowsAffected(), err
}

func code(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

func clinical() []string {
	return []string{"patient", "appointment", "session", "participant", "consent", "message", "note", "note_version", "reminder", "room_command"}
}

func TestEveryTableForcesRowLevelSecurity(t *testing.T) {
	s := newScene(t)
	if n := s.behind(`SELECT count(*) FROM pg_class WHERE relnamespace = 'carefusion'::regnamespace AND relkind = 'r' AND relname <> 'goose_db_version'
		AND NOT (relrowsecurity AND relforcerowsecurity)`); n.(int64) != 0 {
		t.Errorf("%v tables do not force row-level security", n)
	}
	if n := s.behind(`SELECT count(*) FROM pg_roles WHERE rolname LIKE 'carefusion%' AND (rolsuper OR rolbypassrls OR rolcreaterole)`); n.(int64) != 0 {
		t.Errorf("%v roles are above the rules", n)
	}
	if n := s.behind(`SELECT count(*) FROM pg_class WHERE relnamespace = 'carefusion'::regnamespace AND relkind = 'r' AND relowner <> 'carefusion_migrator'::regrole`); n.(int64) != 0 {
		t.Errorf("%v tables belong to somebody else than the migrator", n)
	}
	for _, table := range append(clinical(), "provider", "ledger_entry", "journal", "encounter", "audit_record", "busy") {
		if _, err := s.login("", uuid.NewString(), `SELECT FROM carefusion.`+table); code(err) != "42501" {
			t.Errorf("%s: the login itself reads: %v", table, err)
		}
	}
}

func TestRowsFailClosed(t *testing.T) {
	s := newScene(t)
	for _, table := range []string{"appointment", "session", "consent", "message", "note"} {
		for _, subject := range []string{"unset", "", "patient0"} {
			if n, err := s.login("patient", subject, `SELECT FROM carefusion.`+table); err == nil {
				t.Errorf("%s with subject %q: %d rows instead of an error", table, subject, n)
			}
		}
		if n, err := s.login("patient", s.ids["patient_id"], `SELECT FROM carefusion.`+table); err != nil || n == 0 {
			t.Errorf("%s as its patient: %d rows, %v", table, n, err)
		}
		for who, role := range map[string]string{"patient1": "patient", "colleague": "provider"} {
			if n, err := s.login(role, s.users[who].subject.String(), `SELECT FROM carefusion.`+table); err != nil || n != 0 {
				t.Errorf("%s as %s: %d rows, %v", table, who, n, err)
			}
		}
	}
}

func TestAdminAndBillingHaveNoClinicalRow(t *testing.T) {
	s := newScene(t)
	for _, role := range []string{"admin", "billing"} {
		for _, table := range clinical() {
			if _, err := s.login(role, s.users[role].subject.String(), `SELECT FROM carefusion.`+table); code(err) != "42501" {
				t.Errorf("%s reads %s: %v", role, table, err)
			}
		}
	}
}

// TestTheDatabaseHoldsTheRules tries by SQL, with the right role and subject, what the code would not let through.
func TestTheDatabaseHoldsTheRules(t *testing.T) {
	s := newScene(t)
	p := s.users["provider"].subject.String()
	start := s.slot("patient1", p, 26*time.Hour)
	id := s.book("patient1", p, start)
	me := s.users["patient1"].subject.String()
	s.at(start, -time.Minute)
	s.post("patient1", "appointments/"+id+"/session:checkIn", nil)
	s.post("patient1", "appointments/"+id+"/session:wait", nil)
	for name, c := range map[string]struct{ role, subject, sql string }{
		"a patient admits":               {"patient", me, `UPDATE carefusion.session SET state = 'ADMITTED' WHERE appointment_id = $1`},
		"a patient starts the call":      {"patient", me, `UPDATE carefusion.session SET state = 'IN_CALL', room = 'x' WHERE appointment_id = $1`},
		"a provider skips admission":     {"provider", p, `UPDATE carefusion.session SET state = 'IN_CALL', room = 'x' WHERE appointment_id = $1`},
		"a patient completes":            {"patient", me, `UPDATE carefusion.appointment SET state = 'IN_PROGRESS' WHERE appointment_id = $1`},
		"a provider moves the time":      {"provider", p, `UPDATE carefusion.appointment SET start_time = start_time + interval '1 hour' WHERE appointment_id = $1`},
		"a provider consents":            {"provider", p, `INSERT INTO carefusion.consent (appointment_id, patient_id, provider_id, purpose, version, sha256, decision, signer, decision_time) SELECT appointment_id, patient_id, provider_id, 'CARE', 1, 'x', 'GIVEN', 'PATIENT', now() FROM carefusion.appointment WHERE appointment_id = $1`},
		"a provider approves themselves": {"provider", p, `UPDATE carefusion.provider SET state = 'ACTIVE' WHERE provider_id = carefusion.caller() AND $1 <> ''`},
		"a message in another's name":    {"provider", p, `INSERT INTO carefusion.message SELECT gen_random_uuid(), appointment_id, patient_id, provider_id, patient_id, 'x', now() FROM carefusion.appointment WHERE appointment_id = $1`},
		"a row for another patient":      {"patient", me, `INSERT INTO carefusion.session SELECT appointment_id, gen_random_uuid(), provider_id, 'CHECKED_IN' FROM carefusion.appointment WHERE appointment_id = $1`},
		"the calendar by hand":           {"provider", p, `DELETE FROM carefusion.busy WHERE appointment_id = $1`},
		"the audit log by hand":          {"admin", me, `DELETE FROM carefusion.audit_record WHERE body <> $1`},
	} {
		if n, err := s.login(c.role, c.subject, c.sql, id); err == nil {
			t.Errorf("%s: %d rows, want an error", name, n)
		}
	}
	s.post("provider", "appointments/"+id+"/session:admit", nil)
	if _, err := s.login("provider", p, `UPDATE carefusion.session SET state = 'IN_CALL', room = 'x' WHERE appointment_id = $1`, id); code(err) != "23514" {
		t.Errorf("a call without consent to care: %v", err)
	}
}

func TestMoneyAndRecordsOnlyGrow(t *testing.T) {
	s := newScene(t)
	ctx := context.Background()
	// As the owner of everything, row-level security aside: triggers still hold.
	owner, err := pgx.Connect(ctx, s.db)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close(ctx) }()
	for _, table := range []string{"journal", "ledger_entry", "encounter", "consent", "consent_text", "message", "note_version", "audit_record"} {
		if _, err := owner.Exec(ctx, `DELETE FROM carefusion.`+table); code(err) != "23000" {
			t.Errorf("%s can be deleted from: %v", table, err)
		}
	}
	_, err = owner.Exec(ctx, `INSERT INTO carefusion.journal SELECT gen_random_uuid(), appointment_id, patient_id, 'PAYMENT', NULL, NULL, gen_random_uuid(), now() FROM carefusion.encounter`)
	if code(err) != "23514" {
		t.Errorf("a journal without lines: %v", err)
	}
	tx, err := owner.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = tx.Exec(ctx, `INSERT INTO carefusion.journal SELECT gen_random_uuid(), appointment_id, patient_id, 'PAYMENT', NULL, NULL, gen_random_uuid(), now()
		FROM carefusion.encounter`); err != nil {
		t.Fatal(err)
	}
	if _, err = tx.Exec(ctx, `INSERT INTO carefusion.ledger_entry SELECT journal_id, n, patient_id, 'CASH', 5, 'USD' FROM carefusion.journal, generate_series(1, 2) n
		WHERE kind = 'PAYMENT'`); err != nil {
		t.Fatal(err)
	}
	if err = tx.Commit(ctx); code(err) != "23514" {
		t.Errorf("lines that do not add up to zero: %v", err)
	}
}

func TestTamperingShows(t *testing.T) {
	s := newScene(t)
	ctx := context.Background()
	migrator := as(t, s.db, "carefusion_migrator", strings.TrimPrefix(mustURL(t, s.db).Path, "/"))
	before, err := audit.VerifyAt(ctx, migrator)
	if err != nil || !before.Intact() || before.Records < 20 {
		t.Fatalf("%+v %v", before, err)
	}
	anchor := audit.Anchor{Sequence: before.Records, Hash: before.Head}
	if v, err := audit.VerifyAt(ctx, migrator, anchor); err != nil || !v.Intact() {
		t.Errorf("with its own head: %+v %v", v, err)
	}
	owner, err := pgx.Connect(ctx, s.db)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = owner.Close(ctx) }()
	for name, sql := range map[string]string{
		"changed": `UPDATE carefusion.audit_record SET body = replace(body, 'OK', 'KO') WHERE sequence = 7`,
		"removed": `DELETE FROM carefusion.audit_record WHERE sequence = 7`,
		"swapped": `UPDATE carefusion.audit_record SET sequence = 15 - sequence + 1000 WHERE sequence IN (7, 8)`,
	} {
		tx, err := owner.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica`); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
		if v, err := audit.Verify(ctx, tx); err != nil || v.FirstBad != 7 {
			t.Errorf("%s: %+v %v, want the first bad record to be 7", name, v, err)
		}
		_ = tx.Rollback(ctx)
	}
	// Whoever rewrites everything makes a chain that fits, but not the head that was kept elsewhere.
	other := database(t)
	otherMigrator := as(t, other, "carefusion_migrator", strings.TrimPrefix(mustURL(t, other).Path, "/"))
	if v, err := audit.VerifyAt(ctx, otherMigrator, anchor); err != nil || v.Intact() {
		t.Errorf("another log with the anchor of this one: %+v %v", v, err)
	}
}
