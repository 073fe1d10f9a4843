package store_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/crypt"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
	"github.com/fusionems/quantum/services/clinical/democharts"
	"github.com/fusionems/quantum/services/clinical/internal/intake"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

// The two agencies of every test.
const (
	north int64 = 11
	south int64 = 22
)

var demoAgencies = []democharts.Agency{
	{UniqueID: "N-1", Number: "4701", State: "55", County: "55025", ZIP: "53703", Units: []string{"M1", "M2"}, Crew: []democharts.Medic{
		{ID: "N100", Level: democharts.Paramedic}, {ID: "N200", Level: democharts.EMT},
		{ID: "N300", Level: democharts.Paramedic}, {ID: "N400", Level: democharts.EMT},
	}},
	{UniqueID: "S-1", Number: "4702", State: "55", County: "55079", ZIP: "53202", Units: []string{"A7"}, Crew: []democharts.Medic{
		{ID: "S100", Level: democharts.Paramedic}, {ID: "S200", Level: democharts.EMT},
	}},
}

// registry is the agency service's answer, as a table.
type registry map[intake.Identifier]int64

func (r registry) Owner(_ context.Context, id intake.Identifier) (int64, error) { return r[id], nil }

func owners() registry {
	return registry{
		{StateUniqueID: "N-1", State: "55"}: north, {Number: "4701", State: "55"}: north,
		{StateUniqueID: "S-1", State: "55"}: south, {Number: "4702", State: "55"}: south,
	}
}

// fixture is a migrated database with the store on it.
type fixture struct {
	*store.Store
	db       *db.DB
	pg       *pg.Database
	super    *pgx.Conn
	clock    *clock.Fake
	envelope *crypt.Envelope
	importer *intake.Importer
}

func open(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{clock: clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	f.db, f.pg = pg.Open(t, pg.Service{Schema: "clinical", Migrations: store.Migrations})
	f.super = f.pg.Superuser(t)
	f.envelope = envelopeOf(t, kekLine(t))
	f.Store = f.newStore(t)
	var err error
	if f.importer, err = intake.New(owners(), f.Store); err != nil {
		t.Fatal(err)
	}
	return f
}

// reopen puts a fresh pool under the store.
func (f *fixture) reopen(t testing.TB) {
	t.Helper()
	d, err := db.Open(context.Background(), db.Config{
		URL: f.pg.As(t, "clinical_login", pg.LoginPassword), Schema: "clinical", Now: f.clock.Now,
		Groups: func(role string) (string, bool) { return role, role != "" },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	f.db = d
	f.Store = f.newStore(t)
}

func isNotFound(err error) bool { return errs.Reason(err) == store.ReasonNotFound }

// newStore is another replica on the same database: it has nothing in memory.
func (f *fixture) newStore(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.New(f.db, f.envelope, f.clock)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// as is a context of a caller with the database group.
func as(group string, agencyID int64) context.Context { return asSubject(group, agencyID, "u-"+group) }

func asSubject(group string, agencyID int64, subject string) context.Context {
	p := identity.Principal{Subject: subject, Actor: identity.Human, Roles: []string{group}, ActingRole: group, AgencyID: agencyID}
	if group == "cross" {
		p.ActingRole, p.CrossAgency, p.AccessReason, p.AgencyID = "founder", true, "test", 0
	}
	return identity.With(context.Background(), p)
}

// demo are the demo charts of an agency, by scenario.
func demo(t testing.TB) map[int64]map[string]democharts.Document {
	t.Helper()
	docs, err := democharts.Generate(democharts.Config{
		Seed: 1, Base: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Agencies: demoAgencies,
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[int64]map[string]democharts.Document{north: {}, south: {}}
	for _, d := range docs {
		out[[]int64{north, south}[d.AgencyIndex]][d.Scenario] = d
	}
	return out
}

func (f *fixture) put(t testing.TB, agencyID int64, xml []byte) []intake.Imported {
	t.Helper()
	got, err := f.importer.Import(as("integration", agencyID), agencyID, xml)
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return got
}

func (f *fixture) putOne(t testing.TB, agencyID int64, xml []byte) intake.Imported {
	t.Helper()
	got := f.put(t, agencyID, xml)
	if len(got) != 1 {
		t.Fatalf("imported %d charts, want 1", len(got))
	}
	return got[0]
}

// count asks as superuser.
func (f *fixture) count(t testing.TB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := f.super.QueryRow(context.Background(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// events are those in the outbox, oldest first, without audit records.
func (f *fixture) events(t testing.TB) []*commonv1.Event {
	t.Helper()
	rows, err := f.super.Query(context.Background(), "SELECT payload FROM clinical.outbox WHERE nats_subject LIKE 'clinical.%' ORDER BY seq")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		t.Fatal(err)
	}
	out := make([]*commonv1.Event, len(raw))
	for i, b := range raw {
		out[i] = &commonv1.Event{}
		if err := proto.Unmarshal(b, out[i]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func replace(t testing.TB, xml []byte, before, after string) []byte {
	t.Helper()
	if !bytes.Contains(xml, []byte(before)) {
		t.Fatalf("the document has no %q", before)
	}
	return bytes.ReplaceAll(xml, []byte(before), []byte(after))
}
