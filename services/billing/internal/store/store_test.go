package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/catalog"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/billing/internal/claim"
	"github.com/fusionems/quantum/services/billing/internal/store"
)

const (
	agencyA = int64(11)
	agencyB = int64(22)
)

func service() pg.Service { return pg.Service{Schema: "billing", Migrations: store.Migrations} }

func TestCatalog(t *testing.T) {
	catalog.Check(t, service(), catalog.Reviewed{
		Platform: map[string]string{"policy_version": "governance is the founder's, for all agencies"},
	})
}

func TestMigrationsAreUnchanged(t *testing.T) {
	catalog.MigrationsUnchanged(t, store.Migrations, "testdata/migrations.sha256")
}

func person(group string, agency int64) context.Context {
	return identity.With(context.Background(), identity.Principal{
		Subject: "user-" + group, Actor: identity.Human, ActingRole: group, AgencyID: agency,
	})
}

func across() context.Context {
	return identity.With(context.Background(), identity.Principal{
		Subject: "founder", Actor: identity.Human, ActingRole: "founder", CrossAgency: true, AccessReason: "audit of drafts",
	})
}

func record(agency int64, chart uuid.UUID, version int32, d claim.Draft) claim.Record {
	return claim.Record{
		AgencyID: agency, ChartID: chart, ChartVersion: version, Draft: d,
		Policy: claim.PolicyVersion{Key: claim.PolicyKey, Version: 1, SHA256: strings.Repeat("a", 64)},
	}
}

func ready() claim.Draft {
	return claim.Draft{
		State: claim.Ready, ServiceDate: "2026-03-01", Level: &claim.Level{HCPCS: "A0427", Rule: "als1.level_of_care"},
		Mileage: &claim.Mileage{HCPCS: "A0425", MilesTenths: 74}, OriginDestination: "RH", Diagnoses: []string{"I20.9"}, PickupZIP: "53703",
	}
}

func incomplete(codes ...string) claim.Draft {
	d := claim.Draft{State: claim.Drafted}
	for _, c := range codes {
		d.Missing = append(d.Missing, claim.Missing{Code: c, Element: "ePayment.02", Message: "supply it"})
	}
	return d
}

func unbilled() claim.Draft {
	return claim.Draft{State: claim.Unbilled, NoBill: &claim.NoBill{Code: "CANCELLED", Explanation: "it was"}}
}

// put stores a draft as the service does on an event.
func put(t testing.TB, d *db.DB, r claim.Record, at time.Time) (id uuid.UUID, changed bool) {
	t.Helper()
	s := store.NewClaims(d)
	err := d.Write(identity.With(t.Context(), identity.ForService("billing", r.AgencyID)), func(ctx context.Context, tx *db.Tx) (err error) {
		id, changed, err = s.Put(ctx, tx, r, at)
		return err
	})
	if err != nil {
		t.Fatalf("storing a draft: %v", err)
	}
	return id, changed
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestOneClaimPerChartAndEachDraftKept(t *testing.T) {
	d, raw := pg.Open(t, service())
	chart := uuid.New()
	id, changed := put(t, d, record(agencyA, chart, 1, incomplete("PCS_MISSING")), noon)
	if !changed || id == uuid.Nil {
		t.Fatalf("first draft: %v, %v", id, changed)
	}
	// The same chart id in another agency is another chart.
	other, changed := put(t, d, record(agencyB, chart, 1, unbilled()), noon)
	if !changed || other == id {
		t.Errorf("other agency: %v, %v", other, changed)
	}
	if _, changed := put(t, d, record(agencyA, chart, 1, ready()), noon); changed {
		t.Error("the same version drafted twice")
	}
	again, changed := put(t, d, record(agencyA, chart, 3, ready()), noon.Add(time.Hour))
	if !changed || again != id {
		t.Errorf("version 3: %v, %v; want claim %v", again, changed, id)
	}
	if _, changed := put(t, d, record(agencyA, chart, 2, unbilled()), noon.Add(2*time.Hour)); changed {
		t.Error("an older version replaced a newer one")
	}
	got, err := store.NewClaims(d).Get(person("billing", agencyA), id)
	if err != nil {
		t.Fatal(err)
	}
	if got.ChartVersion != 3 || got.Draft.State != claim.Ready || !got.CreateTime.Equal(noon) || !got.UpdateTime.Equal(noon.Add(time.Hour)) {
		t.Errorf("got version %d, %s, %v, %v", got.ChartVersion, got.Draft.State, got.CreateTime, got.UpdateTime)
	}
	if *got.Draft.Level != *ready().Level || *got.Draft.Mileage != *ready().Mileage || got.Policy != record(agencyA, chart, 3, ready()).Policy {
		t.Errorf("read back differently: %+v", got)
	}
	var revisions string
	err = raw.Superuser(t).QueryRow(t.Context(), `SELECT string_agg(revision || ':' || chart_version || ':' || (draft->>'state'), ' ' ORDER BY revision)
FROM billing.claim_revision WHERE agency_id = $1`, agencyA).Scan(&revisions)
	if err != nil || revisions != "1:1:DRAFT 2:3:READY" {
		t.Errorf("revisions %q, %v", revisions, err)
	}
}

func TestListFiltersAndPages(t *testing.T) {
	d, _ := pg.Open(t, service())
	charts := map[string]uuid.UUID{}
	for _, agency := range []int64{agencyA, agencyB} {
		for name, draft := range map[string]claim.Draft{
			"ready": ready(), "pcs": incomplete("PCS_MISSING"), "both": incomplete("SIGNATURE_MISSING", "PCS_MISSING"), "none": unbilled(),
		} {
			chart := uuid.New()
			charts[fmt.Sprint(agency, name)] = chart
			put(t, d, record(agency, chart, 1, draft), noon)
		}
	}
	s := store.NewClaims(d)
	for _, c := range []struct {
		name   string
		filter claim.Filter
		want   int
	}{
		{"all", claim.Filter{}, 4},
		{"draft", claim.Filter{State: claim.Drafted}, 2},
		{"no-bill", claim.Filter{State: claim.Unbilled}, 1},
		{"missing", claim.Filter{MissingCode: "PCS_MISSING"}, 2},
		{"missing and ready", claim.Filter{State: claim.Ready, MissingCode: "PCS_MISSING"}, 0},
		{"chart", claim.Filter{ChartID: charts[fmt.Sprint(agencyA, "ready")]}, 1},
		{"chart of the other agency", claim.Filter{ChartID: charts[fmt.Sprint(agencyB, "ready")]}, 0},
	} {
		got, err := s.List(person("billing", agencyA), c.filter, nil, 10)
		if err != nil || len(got) != c.want {
			t.Errorf("%s: %d rows, %v; want %d", c.name, len(got), err, c.want)
		}
		for _, r := range got {
			if r.AgencyID != agencyA {
				t.Errorf("%s: a row of agency %d", c.name, r.AgencyID)
			}
		}
	}
	var seen []uuid.UUID
	var after *claim.Position
	for {
		rows, err := s.List(person("billing", agencyA), claim.Filter{}, after, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			seen = append(seen, r.ID)
		}
		after = claim.PositionOf(rows[len(rows)-1])
	}
	newestFirst := slices.IsSortedFunc(seen, func(a, b uuid.UUID) int { return strings.Compare(b.String(), a.String()) })
	if len(seen) != 4 || !newestFirst {
		t.Errorf("pages gave %v", seen)
	}
}

// TestWhoSeesWhat asks as every group, in both agencies.
func TestWhoSeesWhat(t *testing.T) {
	d, _ := pg.Open(t, service())
	ids := map[int64]uuid.UUID{}
	for _, agency := range []int64{agencyA, agencyB} {
		ids[agency], _ = put(t, d, record(agency, uuid.New(), 1, ready()), noon)
	}
	s := store.NewClaims(d)
	for _, group := range db.DefaultGroups() {
		if group == "cross" {
			continue // reached by a founder with a reason only, below
		}
		may := group == "billing" || group == "founder" || group == "system"
		for _, agency := range []int64{agencyA, agencyB} {
			rows, err := s.List(person(group, agency), claim.Filter{}, nil, 10)
			_, own := s.Get(person(group, agency), ids[agency])
			_, foreign := s.Get(person(group, agency), ids[agencyA+agencyB-agency])
			switch {
			case may:
				if err != nil || len(rows) != 1 || rows[0].ID != ids[agency] || own != nil || errs.Reason(foreign) != store.ReasonNotFound {
					t.Errorf("%s in agency %d: %d rows, %v; own %v; foreign %v", group, agency, len(rows), err, own, foreign)
				}
			case !errs.IsKind(err, errs.Denied) || !errs.IsKind(own, errs.Denied) || !errs.IsKind(foreign, errs.Denied):
				t.Errorf("%s in agency %d is not denied: %v, %v, %v", group, agency, err, own, foreign)
			}
		}
		if _, err := s.List(person(group, 0), claim.Filter{}, nil, 10); err == nil {
			t.Errorf("%s without an agency read something", group)
		}
	}
	rows, err := s.List(across(), claim.Filter{}, nil, 10)
	if err != nil || len(rows) != 2 {
		t.Errorf("founder across agencies: %d rows, %v", len(rows), err)
	}
	if _, err := s.Get(across(), ids[agencyB]); err != nil {
		t.Errorf("founder across agencies, one claim: %v", err)
	}
}

// TestNobodyButTheServiceWrites, and the service only what a draft needs.
func TestNobodyButTheServiceWrites(t *testing.T) {
	d, _ := pg.Open(t, service())
	put(t, d, record(agencyA, uuid.New(), 1, ready()), noon)
	try := func(ctx context.Context, sql string) error {
		return d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, sql)
			return err
		})
	}
	insert := fmt.Sprintf(`INSERT INTO billing.claim (agency_id, id, chart_id, chart_version, revision, state, missing_codes, draft, policy_key,
policy_version, policy_sha256, create_time, update_time) VALUES (%d, gen_random_uuid(), gen_random_uuid(), 1, 1, 'READY', '{}', '{}', 'k', 1, repeat('a', 64), now(), now())`, agencyB)
	for _, group := range db.DefaultGroups() {
		if group == "cross" || group == "system" {
			continue
		}
		for _, sql := range []string{insert, "UPDATE billing.claim SET state = 'READY'", "DELETE FROM billing.claim", "UPDATE billing.claim_revision SET draft = '{}'", "DELETE FROM billing.claim_revision"} {
			if err := try(person(group, agencyB), sql); !errs.IsKind(err, errs.Denied) {
				t.Errorf("%s: %s: %v, want it denied", group, sql[:30], err)
			}
		}
	}
	system := identity.With(t.Context(), identity.ForService("billing", agencyA))
	for _, sql := range []string{
		insert, // the row is of agency B
		"DELETE FROM billing.claim", "DELETE FROM billing.claim_revision", "UPDATE billing.claim_revision SET draft = '{}'",
		"UPDATE billing.claim SET agency_id = 22", "UPDATE billing.claim SET chart_id = gen_random_uuid()", "TRUNCATE billing.claim_revision",
	} {
		if err := try(system, sql); !errs.IsKind(err, errs.Denied) {
			t.Errorf("system: %s: %v, want it denied", sql, err)
		}
	}
	if err := try(across(), insert); !errs.IsKind(err, errs.Denied) {
		t.Errorf("across agencies: %v, want it denied", err)
	}
}
