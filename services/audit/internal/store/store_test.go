package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/mod/sumdb/note"

	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/catalog"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/audit/internal/leaf"
	"github.com/fusionems/quantum/services/audit/internal/store"
	"github.com/fusionems/quantum/services/audit/internal/tlog"
	"github.com/fusionems/quantum/services/audit/internal/trail"
	"github.com/fusionems/quantum/services/audit/internal/verify"
)

const (
	agencyA = 11
	agencyB = 22
)

func definition(t testing.TB) pg.Service {
	t.Helper()
	table, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	return pg.Service{Schema: "audit", Migrations: store.Migrations, Groups: table.DatabaseGroup}
}

// rig is the log over a real database.
type rig struct {
	db       *db.DB
	raw      *pg.Database
	signer   *tlog.Signer
	appender *trail.Appender
	reader   *trail.Reader
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{}
	r.db, r.raw = pg.Open(t, definition(t))
	key, _, err := note.GenerateKey(rand.Reader, "log.test/audit")
	if err != nil {
		t.Fatal(err)
	}
	if r.signer, err = tlog.NewSigner(key); err != nil {
		t.Fatal(err)
	}
	r.appender = trail.NewAppender(r.signer, time.Now, rand.Reader)
	r.reader = trail.NewReader(store.NewLog(r.db))
	return r
}

var errRollback = errors.New("rolled back on purpose")

func (r *rig) try(records []leaf.Record, then error) error {
	ctx := identity.With(context.Background(), identity.ForService("audit", 0))
	return r.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := r.appender.Append(ctx, store.In(tx), records); err != nil {
			return err
		}
		return then
	})
}

func (r *rig) append(t testing.TB, records ...leaf.Record) {
	t.Helper()
	if err := r.try(records, nil); err != nil {
		t.Fatal(err)
	}
}

func entry(agency int64, i int) leaf.Record {
	return leaf.Record{
		EventID: uuid.Must(uuid.NewV7()), AgencyID: agency, Stream: leaf.Human, Outcome: leaf.Success,
		OccurredTime: time.Date(2026, 5, 1, 0, 0, i, 0, time.UTC), Service: "qa", Action: "fleet.qa.v1.CaseService/GetCase",
		Resource: fmt.Sprintf("cases/%d", i), Actor: fmt.Sprintf("user-%d", agency), ActorKind: "human", Role: "qa_reviewer",
		RequestID: uuid.NewString(),
		Detail:    leaf.EncodeDetail(leaf.Detail{Changes: []leaf.Change{{Field: "state", Before: "open", After: "closed"}}}),
	}
}

// person is somebody of a role; agency 0 with the founder's role works across agencies.
func person(role string, agency int64) context.Context {
	p := identity.Principal{Subject: "u", Actor: identity.Human, Roles: []string{role}, ActingRole: role, AgencyID: agency}
	if agency == 0 && role == "founder" {
		p.CrossAgency, p.AccessReason = true, "yearly review"
	}
	return identity.With(context.Background(), p)
}

func TestCatalog(t *testing.T) {
	catalog.Check(t, definition(t), catalog.Reviewed{
		Platform: map[string]string{
			"node":              "hashes of the whole tree; they tell nothing about whose entry it was",
			"checkpoint":        "size and root of the whole log",
			"policy_version":    "governance is the founder's, for all agencies",
			"policy_activation": "governance is the founder's, for all agencies",
		},
		Keys: map[string]string{
			"entry_pkey":  "the log has one order over all agencies",
			"entry_event": "the log holds an event once, whoever it belongs to",
		},
		Policies: map[string]string{
			"entry.writer":     "the log takes in the entries of all agencies in one transaction",
			"entry.writer_ids": "and asks which events it has; its grant is on the event id alone",
		},
	})
	catalog.MigrationsUnchanged(t, store.Migrations, "testdata/migrations.sum")
}

func TestAppendIsIdempotentAndSurvivesRollback(t *testing.T) {
	r := newRig(t)
	a, b, c := entry(agencyA, 1), entry(agencyB, 2), entry(agencyA, 3)
	r.append(t, a, b, a)
	if err := r.try([]leaf.Record{c}, errRollback); !errors.Is(err, errRollback) {
		t.Fatal(err)
	}
	r.append(t, entry(agencyB, 4)) // the tree in memory is that of the rolled-back append
	r.append(t, b, c, a)
	r.append(t, a)
	h, err := r.reader.Checkpoint(person("founder", 0))
	if err != nil || h.Size != 4 {
		t.Fatalf("head %v, %v; want 4 entries", h, err)
	}
	if got, err := tlog.OpenCheckpoint(h.Note, r.signer.VerifierKey()); err != nil || got.Size != 4 {
		t.Errorf("checkpoint %v, %v", got, err)
	}
	other := &rig{db: r.db, raw: r.raw, signer: r.signer, appender: trail.NewAppender(r.signer, time.Now, rand.Reader)}
	other.append(t, entry(agencyA, 5)) // another process, which reads the edge of the tree
	r.append(t, entry(agencyA, 6))     // and this one notices
	if h, err := r.reader.Checkpoint(person("founder", 0)); err != nil || h.Size != 6 {
		t.Fatalf("head %v, %v; want 6 entries", h, err)
	}
}

// A log whose nodes contradict its checkpoint takes in nothing: going on would sign over the alteration.
func TestAlteredLogTakesNothingIn(t *testing.T) {
	r := newRig(t)
	r.append(t, entry(agencyA, 1), entry(agencyB, 2), entry(agencyA, 3))
	_, err := r.raw.Superuser(t).Exec(context.Background(), `ALTER TABLE audit.node DISABLE TRIGGER append_only;
UPDATE audit.node SET hashes = sha256('x') WHERE level = 1; ALTER TABLE audit.node ENABLE ALWAYS TRIGGER append_only`)
	if err != nil {
		t.Fatal(err)
	}
	restarted := &rig{db: r.db, appender: trail.NewAppender(r.signer, time.Now, rand.Reader)}
	if err := restarted.try([]leaf.Record{entry(agencyA, 4)}, nil); err == nil || !strings.Contains(err.Error(), "audit verify") {
		t.Errorf("appended to an altered log: %v", err)
	}
}

// Replicas that write at the same time still make one log.
func TestWritersTakeTurns(t *testing.T) {
	r := newRig(t)
	const writers, batches = 4, 12
	shared := make([]leaf.Record, batches)
	for i := range shared {
		shared[i] = entry(agencyB, i)
	}
	var wg sync.WaitGroup
	for range writers {
		w := &rig{db: r.db, appender: trail.NewAppender(r.signer, time.Now, rand.Reader)}
		wg.Go(func() {
			for i := range batches {
				// Each batch has one event of its own and one that every writer was given.
				if err := w.try([]leaf.Record{entry(agencyA, i), shared[i]}, nil); err != nil {
					t.Errorf("batch %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	ctx := context.Background()
	scan, err := store.OpenScan(ctx, r.raw.As(t, "audit_login", pg.LoginPassword))
	if err != nil {
		t.Fatal(err)
	}
	defer scan.Close(ctx)
	report, err := verify.Log(ctx, scan, verify.Options{VerifierKeys: []string{r.signer.VerifierKey()}})
	if err != nil || !report.OK() || report.Size != writers*batches+batches {
		t.Errorf("report %+v, %v", report, err)
	}
}

func TestReadersSeeTheirAgency(t *testing.T) {
	r := newRig(t)
	a, b, platform := entry(agencyA, 1), entry(agencyB, 2), entry(0, 3)
	r.append(t, a, b, platform)
	count := func(ctx context.Context) int {
		list, err := r.reader.List(ctx, trail.Filter{}, 1<<62, 10)
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		return len(list)
	}
	for _, role := range []string{"compliance_officer", "founder"} {
		if n := count(person(role, agencyA)); n != 1 {
			t.Errorf("%s of A sees %d entries", role, n)
		}
		if _, err := r.reader.Get(person(role, agencyA), b.EventID); !errs.IsKind(err, errs.NotFound) {
			t.Errorf("%s of A reads an entry of B: %v", role, err)
		}
		if _, err := r.reader.Prove(person(role, agencyB), a.EventID); !errs.IsKind(err, errs.NotFound) {
			t.Errorf("%s of B proves an entry of A: %v", role, err)
		}
	}
	if n := count(person("founder", 0)); n != 3 {
		t.Errorf("the founder across agencies sees %d entries, platform included", n)
	}
	for _, role := range []string{"agency_administrator", "qa_reviewer", "billing_staff", "clinical_staff", "integration", "peer_reviewer", "clinical_supervisor"} {
		if _, err := r.reader.List(person(role, agencyA), trail.Filter{}, 1<<62, 10); !errs.IsKind(err, errs.Denied) {
			t.Errorf("%s reads the log: %v", role, err)
		}
	}
}

func TestFiltersAndPages(t *testing.T) {
	r := newRig(t)
	var all []leaf.Record
	for i := range 30 {
		e := entry(agencyA, i)
		switch i % 3 {
		case 1:
			e.Stream, e.Actor, e.Service, e.Action = leaf.System, "billing", "billing", "fleet.billing.v1.ClaimService/ImportChart"
		case 2:
			e.Outcome, e.Reason = leaf.Denied, "SCOPE_MISSING"
		}
		all = append(all, e)
	}
	r.append(t, all...)
	r.append(t, entry(agencyB, 1))
	ctx := person("compliance_officer", agencyA)
	for name, c := range map[string]struct {
		f    trail.Filter
		want int
	}{
		"none":           {trail.Filter{}, 30},
		"stream":         {trail.Filter{Stream: leaf.System}, 10},
		"outcome":        {trail.Filter{Outcome: leaf.Denied}, 10},
		"actor":          {trail.Filter{Actor: "billing"}, 10},
		"resource":       {trail.Filter{Resource: "cases/7"}, 1},
		"request":        {trail.Filter{RequestID: all[4].RequestID}, 1},
		"request, other": {trail.Filter{RequestID: all[4].RequestID, Actor: "nobody"}, 0},
		"action":         {trail.Filter{Action: "fleet.qa.v1.CaseService/GetCase"}, 20},
		"action prefix":  {trail.Filter{Action: "fleet.billing."}, 10},
		"service prefix": {trail.Filter{Action: "fleet.qa.v1.CaseService/"}, 20},
		"from":           {trail.Filter{From: all[25].OccurredTime}, 5},
		"to":             {trail.Filter{To: all[25].OccurredTime}, 25},
		"both":           {trail.Filter{From: all[5].OccurredTime, To: all[10].OccurredTime, Outcome: leaf.Success}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			var got []trail.Entry
			for before, more := uint64(1<<62), true; more; {
				page, err := r.reader.List(ctx, c.f, before, 4)
				if err != nil || len(page) > 4 {
					t.Fatalf("%d entries, %v", len(page), err)
				}
				more = len(page) == 4
				for _, e := range page {
					if e.LeafIndex >= before || e.AgencyID != agencyA {
						t.Fatalf("entry %d of agency %d below %d", e.LeafIndex, e.AgencyID, before)
					}
					before = e.LeafIndex
				}
				got = append(got, page...)
			}
			if len(got) != c.want {
				t.Errorf("%d entries, want %d", len(got), c.want)
			}
		})
	}
}

// Every role there is, the owner of the tables and a superuser included, is refused by the database itself.
func TestEvidenceIsAppendOnlyForEveryRole(t *testing.T) {
	r := newRig(t)
	r.append(t, entry(agencyA, 1))
	conn := r.raw.Superuser(t)
	ctx := context.Background()
	for _, sql := range []string{
		`INSERT INTO audit.policy_version VALUES ('k', 1, '{}', sha256('{}'), 'c', 'a', now())`,
		`INSERT INTO audit.policy_activation (key, version, activated_by, activate_time) VALUES ('k', 1, 'a', now())`,
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := conn.Query(ctx, `SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'audit\_%' OR rolname = 'postgres'`)
	if err != nil {
		t.Fatal(err)
	}
	var roles []string
	for rows.Next() {
		var role string
		if err := rows.Scan(&role); err != nil {
			t.Fatal(err)
		}
		roles = append(roles, role)
	}
	if rows.Err() != nil || len(roles) < 16 {
		t.Fatalf("roles %v, %v", roles, rows.Err())
	}
	for _, role := range roles {
		for table, column := range map[string]string{"entry": "reason", "node": "hashes", "checkpoint": "note", "policy_version": "comment", "policy_activation": "activated_by"} {
			for _, sql := range []string{
				"UPDATE audit." + table + " SET " + column + " = " + column, "DELETE FROM audit." + table, "TRUNCATE audit." + table + " CASCADE",
			} {
				_, err := conn.Exec(ctx, "SET ROLE "+role+"; SELECT set_config('app.current_agency', '11', false); "+sql)
				if _, reset := conn.Exec(ctx, "RESET ROLE"); reset != nil {
					t.Fatal(reset)
				}
				var pg *pgconn.PgError
				if !errors.As(err, &pg) || (pg.Code != "23001" && pg.Code != "42501") {
					t.Errorf("%s as %s: %v, want a refusal", sql, role, err)
				}
				if (role == "postgres" || role == "audit_migrator") && (pg == nil || pg.Code != "23001") {
					t.Errorf("%s as owner or superuser is not refused by the trigger: %v", sql, err)
				}
			}
		}
	}
}
