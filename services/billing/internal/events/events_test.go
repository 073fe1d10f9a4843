package events_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/policy"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	billingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
	"github.com/fusionems/quantum/services/billing/internal/claim"
	"github.com/fusionems/quantum/services/billing/internal/events"
	"github.com/fusionems/quantum/services/billing/internal/store"
)

const (
	agencyA = int64(11)
	agencyB = int64(22)
)

// evidence hands out one version of the governance document, as the evidence service does.
type evidence struct{ version *auditv1.PolicyVersion }

func (e *evidence) GetActivePolicy(context.Context, *auditv1.GetActivePolicyRequest, ...grpc.CallOption) (*auditv1.PolicyVersion, error) {
	return e.version, nil
}

// governed is the document of version 1, changed, as the given version.
func governed(t testing.TB, number int32, change func(map[string]*structpb.Value)) *auditv1.PolicyVersion {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "audit", "internal", "governance", "seeds", claim.PolicyKey+".json"))
	if err != nil {
		t.Fatal(err)
	}
	doc := new(structpb.Struct)
	if err := protojson.Unmarshal(raw, doc); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(doc.GetFields())
	}
	raw, err = protojson.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	_, sum, err := policy.Canonical(raw)
	if err != nil {
		t.Fatal(err)
	}
	return &auditv1.PolicyVersion{
		Key: claim.PolicyKey, Version: number, Document: doc, Sha256: sum, Active: true,
		ActivateTime: timestamppb.New(time.Unix(int64(number), 0)),
	}
}

type fixture struct {
	t       *testing.T
	db      *db.DB
	raw     *pg.Database
	source  *evidence
	keeper  *policy.Keeper
	handler inbox.Handler
	claims  store.Claims
}

func open(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, source: &evidence{version: governed(t, 1, nil)}}
	f.db, f.raw = pg.Open(t, pg.Service{Schema: "billing", Migrations: store.Migrations})
	f.keeper = policy.NewKeeper(f.db, f.source, slog.New(slog.DiscardHandler))
	rules := policy.Register(f.keeper, claim.PolicyKey, claim.ParseRules)
	f.claims = store.NewClaims(f.db)
	f.handler = events.NewDrafter(rules, f.claims, func() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }).Handler()
	return f
}

func (f *fixture) fetch() {
	f.t.Helper()
	if err := f.keeper.Fetch(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

// deliver applies the event as the inbox does: as the service itself, in the agency of the event.
func (f *fixture) deliver(agency int64, m *clinicalv1.ClaimSnapshotReady) error {
	f.t.Helper()
	ev := inbox.Event{AgencyID: agency, Type: "fleet.clinical.v1.ClaimSnapshotReady", Message: m}
	return f.db.Write(identity.With(f.t.Context(), identity.ForService("billing", agency)), func(ctx context.Context, tx *db.Tx) error {
		return f.handler.Apply(ctx, tx, ev, nil)
	})
}

func (f *fixture) claimOf(agency int64, chart string) (claim.Record, bool) {
	f.t.Helper()
	ctx := identity.With(f.t.Context(), identity.Principal{Subject: "b", Actor: identity.Human, ActingRole: "billing", AgencyID: agency})
	rows, err := f.claims.List(ctx, claim.Filter{ChartID: uuid.MustParse(chart)}, nil, 2)
	if err != nil {
		f.t.Fatal(err)
	}
	if len(rows) != 1 {
		return claim.Record{}, false
	}
	return rows[0], true
}

// drafted are the ClaimDrafted events in the outbox, in order.
func (f *fixture) drafted() (out []*billingv1.ClaimDrafted) {
	f.t.Helper()
	rows, err := f.raw.Superuser(f.t).Query(f.t.Context(), "SELECT payload FROM billing.outbox WHERE nats_subject = 'billing.claim.drafted.v1' ORDER BY seq")
	if err != nil {
		f.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		envelope, m := new(commonv1.Event), new(billingv1.ClaimDrafted)
		if err := rows.Scan(&b); err != nil {
			f.t.Fatal(err)
		}
		if err := proto.Unmarshal(b, envelope); err != nil {
			f.t.Fatal(err)
		}
		if err := envelope.GetPayload().UnmarshalTo(m); err != nil {
			f.t.Fatal(err)
		}
		if want := "claims/" + m.GetClaimId(); envelope.GetSubject() != want {
			f.t.Errorf("subject %s, want %s", envelope.GetSubject(), want)
		}
		out = append(out, m)
	}
	return out
}

func snapshot(chart string, version int32) *clinicalv1.ClaimSnapshotReady {
	return &clinicalv1.ClaimSnapshotReady{
		ChartId: chart, Version: version, ServiceDate: &date.Date{Year: 2026, Month: 3, Day: 1},
		ServiceType: "2205001", UnitCapability: "2207015", ResponseMode: "2223001", UnitDisposition: "4227001",
		CareDisposition: "4228001", TransportDisposition: "4230001", LevelOfCare: "4232005", TransportMethod: "4216005",
		SceneLocationType: "Y92.009", DestinationType: "4221003", PickupZip: "53703", LoadedMilesTenths: proto.Int32(1234),
		Impressions: []string{"I46.9"}, Symptoms: []string{"R55"}, Procedures: []string{"426220008"},
		Medications: []*clinicalv1.ClaimSnapshotReady_GivenMedication{{Code: "317361", Route: "9927021", Time: timestamppb.New(time.Unix(1772366400, 0))}},
		Payment: &clinicalv1.ClaimSnapshotReady_Payment{
			PrimaryMethod: "2601001", ServiceLevel: "2650003",
			Insurances: []*clinicalv1.ClaimSnapshotReady_Insurance{{PayerType: "MB", Priority: "2611003", Relationship: "2622001", PolicyNumberPresent: true}},
		},
		BillingSignature: true, BillingSignatureStatuses: []string{"4515031"},
		Demographics:     &clinicalv1.ClaimSnapshotReady_Demographics{Name: true, BirthDate: true, Address: true, Sex: true},
		MultiplePatients: true,
	}
}

func TestASnapshotBecomesAClaim(t *testing.T) {
	f := open(t)
	f.fetch()
	for _, agency := range []int64{agencyA, agencyB} {
		chart := uuid.NewString()
		if err := f.deliver(agency, snapshot(chart, 1)); err != nil {
			t.Fatal(err)
		}
		got, ok := f.claimOf(agency, chart)
		if !ok {
			t.Fatalf("agency %d has no claim", agency)
		}
		d := got.Draft
		if d.State != claim.Drafted || !slices.Equal(d.MissingCodes(), []string{claim.MissingPatientCount}) || d.ServiceDate != "2026-03-01" || d.Level.HCPCS != "A0433" || d.Level.DocumentedHCPCS != "A0427" ||
			d.Mileage.MilesTenths != 1240 || d.OriginDestination != "RH" || len(d.Modifiers) != 0 ||
			!slices.Equal(d.Diagnoses, []string{"I46.9", "R55"}) || len(d.Payers) != 1 || d.PickupZIP != "53703" {
			t.Errorf("draft %+v", d)
		}
		if got.Policy.Key != claim.PolicyKey || got.Policy.Version != 1 || got.Policy.SHA256 != f.source.version.GetSha256() {
			t.Errorf("judged under %+v", got.Policy)
		}
		if _, ok := f.claimOf(agencyA+agencyB-agency, chart); ok {
			t.Error("the other agency sees the claim")
		}
	}
	if list := f.drafted(); len(list) != 2 || list[0].GetNoBillCode() != "" {
		t.Errorf("events %v", list)
	}
}

func TestVersionsOfAChart(t *testing.T) {
	f := open(t)
	f.fetch()
	chart := uuid.NewString()
	cancelled := snapshot(chart, 2)
	cancelled.UnitDisposition, cancelled.TransportDisposition = "4227005", ""
	for _, m := range []*clinicalv1.ClaimSnapshotReady{snapshot(chart, 1), cancelled, snapshot(chart, 1), cancelled} {
		if err := f.deliver(agencyA, m); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := f.claimOf(agencyA, chart)
	if got.ChartVersion != 2 || got.Draft.NoBill == nil || got.Draft.NoBill.Code != "CANCELLED" {
		t.Errorf("got version %d, %+v", got.ChartVersion, got.Draft.NoBill)
	}
	list := f.drafted()
	if len(list) != 2 || list[0].GetNoBillCode() != "" || list[1].GetNoBillCode() != "CANCELLED" || list[0].GetClaimId() != list[1].GetClaimId() || list[1].GetChartId() != chart {
		t.Errorf("events %v", list)
	}
}

func TestTheNextDraftIsJudgedUnderTheVersionInForce(t *testing.T) {
	f := open(t)
	f.fetch()
	before, after := uuid.NewString(), uuid.NewString()
	if err := f.deliver(agencyA, snapshot(before, 1)); err != nil {
		t.Fatal(err)
	}
	f.source.version = governed(t, 2, func(doc map[string]*structpb.Value) {
		doc["mileage"].GetStructValue().Fields["tenthsUpToMiles"] = structpb.NewNumberValue(200)
	})
	f.fetch()
	if err := f.deliver(agencyA, snapshot(after, 1)); err != nil {
		t.Fatal(err)
	}
	old, _ := f.claimOf(agencyA, before)
	recent, _ := f.claimOf(agencyA, after)
	if old.Policy.Version != 1 || old.Draft.Mileage.MilesTenths != 1240 || recent.Policy.Version != 2 || recent.Draft.Mileage.MilesTenths != 1234 {
		t.Errorf("version %d with %d tenths, version %d with %d tenths", old.Policy.Version, old.Draft.Mileage.MilesTenths, recent.Policy.Version, recent.Draft.Mileage.MilesTenths)
	}
}

func TestWithoutAPolicyNothingIsJudged(t *testing.T) {
	f := open(t)
	chart := uuid.NewString()
	if err := f.deliver(agencyA, snapshot(chart, 1)); !errs.IsKind(err, errs.Unavailable) {
		t.Errorf("got %v, want it to be tried again later", err)
	}
	if _, ok := f.claimOf(agencyA, chart); ok {
		t.Error("a claim without rules")
	}
}

func TestAnEmptySnapshotIsADraftFullOfQuestions(t *testing.T) {
	f := open(t)
	f.fetch()
	chart := uuid.NewString()
	if err := f.deliver(agencyB, &clinicalv1.ClaimSnapshotReady{ChartId: chart, Version: 1}); err != nil {
		t.Fatal(err)
	}
	got, _ := f.claimOf(agencyB, chart)
	for _, code := range []string{claim.MissingServiceDate, claim.MissingTransport, claim.MissingMiles, claim.MissingOrigin, claim.MissingDestination, claim.MissingPayer, claim.MissingSignature, claim.MissingPCS} {
		if !slices.Contains(got.Draft.MissingCodes(), code) {
			t.Errorf("%s is not asked for: %v", code, got.Draft.MissingCodes())
		}
	}
	if got.Draft.State != claim.Drafted || got.Draft.OriginDestination != "??" {
		t.Errorf("got %s, %q", got.Draft.State, got.Draft.OriginDestination)
	}
}

func TestAMalformedChartIDIsRefused(t *testing.T) {
	f := open(t)
	f.fetch()
	if err := f.deliver(agencyA, &clinicalv1.ClaimSnapshotReady{ChartId: "7", Version: 1}); err == nil {
		t.Error("accepted")
	}
}
