package billing_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/outbox"
	"github.com/fusionems/quantum/pkg/policy"
	"github.com/fusionems/quantum/pkg/testkit/servicetest"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	billingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/billing"
)

const agencyA, agencyB = int64(11), int64(22)

const policyKey = "billing.level-of-service"

// evidence answers with the policy in force, once there is one.
type evidence struct {
	auditv1.UnimplementedPolicyDistributionServiceServer
	mu      sync.Mutex
	version *auditv1.PolicyVersion
}

func (e *evidence) GetActivePolicy(context.Context, *auditv1.GetActivePolicyRequest) (*auditv1.PolicyVersion, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.version == nil {
		return nil, status.Error(codes.Unavailable, "starting")
	}
	return e.version, nil
}

func (e *evidence) activate(t *testing.T, version int32) {
	t.Helper()
	seed, err := os.ReadFile(filepath.FromSlash("../audit/internal/governance/seeds/" + policyKey + ".json"))
	if err != nil {
		t.Fatal(err)
	}
	_, sum, err := policy.Canonical(seed)
	if err != nil {
		t.Fatal(err)
	}
	doc := &structpb.Struct{}
	if err := protojson.Unmarshal(seed, doc); err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.version = &auditv1.PolicyVersion{
		Key: policyKey, Version: version, Document: doc, Sha256: sum, Active: true,
		ActivateTime: timestamppb.New(time.Unix(1000*int64(version), 0)),
	}
}

type world struct {
	*servicetest.Running
	t        *testing.T
	bus      *bus.Bus
	evidence *evidence
	claims   billingv1.ClaimServiceClient
}

func start(t *testing.T, open bool) *world {
	t.Helper()
	w := &world{t: t, evidence: &evidence{}}
	w.Running = servicetest.Start(t, billing.Definition(), servicetest.Options{
		AuthzOpen: open,
		Peers: map[string]func(grpc.ServiceRegistrar){
			"audit": func(s grpc.ServiceRegistrar) { auditv1.RegisterPolicyDistributionServiceServer(s, w.evidence) },
		},
	})
	w.bus = w.NATS.Bus("test")
	w.claims = billingv1.NewClaimServiceClient(w.Gateway())
	return w
}

func (w *world) publish(agency int64, subject string, event proto.Message) {
	w.t.Helper()
	m, err := outbox.Envelope(outbox.Fact{ID: uuid.Must(uuid.NewV7()), AgencyID: agency, Subject: subject, Time: time.Now(), Event: event})
	if err != nil {
		w.t.Fatal(err)
	}
	if errs := w.bus.Publish(w.t.Context(), []outbox.Message{m}); errs[0] != nil {
		w.t.Fatal(errs[0])
	}
}

// snapshot publishes a chart: transported by a paramedic crew, and nothing about the payer.
func (w *world) snapshot(agency int64, chart string, version int32) {
	w.t.Helper()
	w.publish(agency, "charts/"+chart, &clinicalv1.ClaimSnapshotReady{
		ChartId: chart, Version: version, ServiceDate: &date.Date{Year: 2026, Month: 3, Day: 1}, ServiceType: "2205001",
		ResponseMode: "2223001", UnitDisposition: "4227001", TransportDisposition: "4230001", LevelOfCare: "4232005",
		SceneLocationType: "Y92.009", DestinationType: "4221003", PickupZip: "53703", LoadedMilesTenths: proto.Int32(74),
		Impressions: []string{"I20.9"}, BillingSignature: true,
	})
}

func (w *world) find(agency int64, chart string) []*billingv1.Claim {
	w.t.Helper()
	out, err := w.claims.ListClaims(w.As("billing_staff", agency), &billingv1.ListClaimsRequest{ChartId: chart})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.GetClaims()
}

// eventually waits for the claim of a chart in at least that version.
func (w *world) eventually(agency int64, chart string, version int32) (c *billingv1.Claim) {
	w.t.Helper()
	w.until("the claim of the chart is there", func() bool {
		list := w.find(agency, chart)
		if len(list) != 1 || list[0].GetChartVersion() < version {
			return false
		}
		c = list[0]
		return true
	})
	return c
}

func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if ok() {
			return
		}
	}
	w.t.Fatalf("it never came true that %s", what)
}

func TestFromSnapshotToClaim(t *testing.T) {
	w := start(t, false)
	// The chart arrives before the service has its policy: the event waits, it is not judged by nothing.
	early, late := uuid.NewString(), uuid.NewString()
	w.snapshot(agencyA, early, 1)
	time.Sleep(500 * time.Millisecond)
	if got := w.find(agencyA, early); len(got) != 0 {
		t.Fatalf("judged without a policy: %v", got)
	}
	w.evidence.activate(t, 1)
	w.snapshot(agencyB, late, 1)
	for agency, chart := range map[int64]string{agencyA: early, agencyB: late} {
		c := w.eventually(agency, chart, 1)
		if c.GetAgencyId() != agency || c.GetState() != billingv1.Claim_STATE_DRAFT || c.GetLevelOfService().GetHcpcs() != "A0427" ||
			c.GetMileage().GetMilesTenths() != 74 || c.GetOriginDestinationModifier() != "RH" || c.GetServiceDate().GetDay() != 1 ||
			c.GetPolicyVersion().GetKey() != policyKey || c.GetPolicyVersion().GetVersion() != 1 || len(c.GetPolicyVersion().GetSha256()) != 64 {
			t.Errorf("agency %d: claim %v", agency, c)
		}
		for _, role := range []string{"billing_staff", "billing_operations", "billing_administrator", "founder"} {
			got, err := w.claims.GetClaim(w.As(role, agency), &billingv1.GetClaimRequest{Id: c.GetId()})
			if err != nil || !proto.Equal(got, c) {
				t.Errorf("read by %s as %v, %v; listed as %v", role, got, err, c)
			}
		}
		if _, err := w.claims.GetClaim(w.As("billing_staff", agencyA+agencyB-agency), &billingv1.GetClaimRequest{Id: c.GetId()}); status.Code(err) != codes.NotFound {
			t.Errorf("the other agency reads it: %v", err)
		}
	}
	all, err := w.claims.ListClaims(w.As("founder", 0), &billingv1.ListClaimsRequest{})
	if err != nil || len(all.GetClaims()) != 2 {
		t.Errorf("founder across agencies: %v, %v", all, err)
	}
	w.snapshot(agencyA, early, 2)
	if c := w.eventually(agencyA, early, 2); c.GetId() != w.find(agencyA, early)[0].GetId() {
		t.Error("a new version of the chart made a second claim")
	}
}

func TestPagesAndFilters(t *testing.T) {
	w := start(t, false)
	w.evidence.activate(t, 1)
	var last string
	for range 5 {
		last = uuid.NewString()
		w.snapshot(agencyA, last, 1)
	}
	w.eventually(agencyA, last, 1)
	ctx := w.As("billing_staff", agencyA)
	seen := map[string]bool{}
	req := &billingv1.ListClaimsRequest{PageSize: 2, MissingCode: "PAYER_MISSING"}
	for pages := 1; ; pages++ {
		out, err := w.claims.ListClaims(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range out.GetClaims() {
			seen[c.GetId()] = true
		}
		if out.GetNextPageToken() == "" {
			if pages != 3 || len(seen) != 5 {
				t.Errorf("%d claims on %d pages", len(seen), pages)
			}
			break
		}
		req.PageToken = out.GetNextPageToken()
	}
	if _, err := w.claims.ListClaims(w.As("billing_staff", agencyB), req); status.Code(err) != codes.InvalidArgument {
		t.Errorf("a token of another agency: %v", err)
	}
	for name, bad := range map[string]*billingv1.ListClaimsRequest{
		"chart id": {ChartId: "7"}, "state": {State: 9}, "page size": {PageSize: -1}, "token": {PageToken: "x"},
	} {
		if _, err := w.claims.ListClaims(ctx, bad); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v, want it refused", name, err)
		}
	}
	if out, err := w.claims.ListClaims(ctx, &billingv1.ListClaimsRequest{State: billingv1.Claim_STATE_READY}); err != nil || len(out.GetClaims()) != 0 {
		t.Errorf("ready claims: %v, %v", out, err)
	}
}

func TestSwitchedOffForOneAgency(t *testing.T) {
	w := start(t, false)
	w.evidence.activate(t, 1)
	w.publish(agencyA, "modules/billing", &agencyv1.ModuleChanged{Module: "billing", Enabled: false, Revision: 2})
	su := w.Database.Superuser(t)
	inbox := func(states string) (n int) {
		if err := su.QueryRow(t.Context(), "SELECT count(*) FROM billing.inbox WHERE agency_id = $1 AND event_type LIKE '%ClaimSnapshotReady' AND state ~ $2", agencyA, states).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	// Once an event is parked the service knows of the switch, and parks what comes after it.
	sent := 0
	w.until("the switch is known", func() bool {
		w.snapshot(agencyA, uuid.NewString(), 1)
		sent++
		return inbox("parked") > 0
	})
	parked, other := uuid.NewString(), uuid.NewString()
	w.snapshot(agencyA, parked, 1)
	w.snapshot(agencyB, other, 1)
	w.eventually(agencyB, other, 1)
	w.until("the event is parked", func() bool { return inbox("parked|applied") == sent+1 })
	if got := w.find(agencyA, parked); len(got) != 0 {
		t.Errorf("judged while the module was off: %v", got)
	}
	w.publish(agencyA, "modules/billing", &agencyv1.ModuleChanged{Module: "billing", Enabled: true, Revision: 3})
	w.eventually(agencyA, parked, 1)
}

// TestTheDatabaseRefusesToo: with the service's own check open, grants and row-level security give the same verdicts.
func TestTheDatabaseRefusesToo(t *testing.T) {
	w := start(t, true)
	w.evidence.activate(t, 1)
	for _, agency := range []int64{agencyA, agencyB} {
		chart := uuid.NewString()
		w.snapshot(agency, chart, 1)
		c := w.eventually(agency, chart, 1)
		w.DatabaseRefuses(t, agency, []servicetest.Probe{
			{Method: billingv1.ClaimService_ListClaims_FullMethodName, Request: &billingv1.ListClaimsRequest{OrderBy: "serviceDate"}},
			{Method: billingv1.ClaimService_GetClaim_FullMethodName, Request: &billingv1.GetClaimRequest{Id: c.GetId()}},
			{Method: billingv1.ClaimService_GetClaimSummary_FullMethodName, Request: &billingv1.GetClaimSummaryRequest{}},
		}, nil)
	}
}

// An administrator counts the claims of the own agency. A page token holds for the order it was given in.
func TestCountingAndOrders(t *testing.T) {
	w := start(t, false)
	w.evidence.activate(t, 1)
	for agency, n := range map[int64]int{agencyA: 3, agencyB: 1} {
		for range n {
			chart := uuid.NewString()
			w.snapshot(agency, chart, 1)
			w.eventually(agency, chart, 1)
		}
		s, err := w.claims.GetClaimSummary(w.As("agency_administrator", agency), &billingv1.GetClaimSummaryRequest{})
		if err != nil || len(s.GetStates()) != 1 || int(s.GetStates()[0].GetClaims()) != n || s.GetStates()[0].GetState() != billingv1.Claim_STATE_DRAFT ||
			s.GetStates()[0].GetOldestServiceDate().GetYear() != 2026 || len(s.GetMissing()) == 0 || s.GetLevels()[0].GetHcpcs() != "A0427" {
			t.Errorf("agency %d: %v, %v", agency, s, err)
		}
	}
	ctx := w.As("billing_staff", agencyA)
	page, err := w.claims.ListClaims(ctx, &billingv1.ListClaimsRequest{PageSize: 1, OrderBy: "serviceDate"})
	if err != nil || page.GetNextPageToken() == "" {
		t.Fatalf("first page %v, %v", page, err)
	}
	for name, bad := range map[string]*billingv1.ListClaimsRequest{
		"another order": {PageToken: page.GetNextPageToken(), OrderBy: "createTime"}, "an order that is none": {OrderBy: "payer"},
	} {
		if _, err := w.claims.ListClaims(ctx, bad); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v, want it refused", name, err)
		}
	}
}
