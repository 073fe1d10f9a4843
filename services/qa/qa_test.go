package qa_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/outbox"
	"github.com/fusionems/quantum/pkg/policy"
	"github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/testkit/servicetest"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
	"github.com/fusionems/quantum/services/qa"
)

const agencyA, agencyB = int64(11), int64(22)

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
	seed, err := os.ReadFile(filepath.FromSlash("../audit/internal/governance/seeds/qa.triggers.json"))
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
		Key: "qa.triggers", Version: version, Document: doc, Sha256: sum, Active: true,
		ActivateTime: timestamppb.New(time.Unix(1000*int64(version), 0)),
	}
}

// clinical answers an arrest for every chart and remembers for which agency it was asked.
type clinical struct {
	clinicalv1.UnimplementedChartFactsServiceServer
	mu       sync.Mutex
	agencies map[string]string
}

func (c *clinical) GetChartFacts(ctx context.Context, req *clinicalv1.GetChartFactsRequest) (*clinicalv1.GetChartFactsResponse, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.agencies[req.GetChartId()] = md.Get(rpc.HeaderAgency)[0]
	return &clinicalv1.GetChartFactsResponse{
		IncidentNumber: req.GetChartId(),
		Facts: &clinicalv1.ChartFacts{Arrest: &clinicalv1.Arrest{
			CardiacArrest: &clinicalv1.Fact{State: clinicalv1.Fact_STATE_VALUE, Value: "3001003"},
		}},
	}, nil
}

type world struct {
	*servicetest.Running
	t        *testing.T
	bus      *bus.Bus
	evidence *evidence
	clinical *clinical
	cases    qav1.CaseServiceClient
}

func start(t *testing.T, open bool) *world {
	t.Helper()
	w := &world{t: t, evidence: &evidence{}, clinical: &clinical{agencies: map[string]string{}}}
	w.Running = servicetest.Start(t, qa.Definition(), servicetest.Options{
		AuthzOpen: open,
		Peers: map[string]func(grpc.ServiceRegistrar){
			"audit":    func(s grpc.ServiceRegistrar) { auditv1.RegisterPolicyDistributionServiceServer(s, w.evidence) },
			"clinical": func(s grpc.ServiceRegistrar) { clinicalv1.RegisterChartFactsServiceServer(s, w.clinical) },
		},
	})
	w.bus = w.NATS.Bus("test")
	w.cases = qav1.NewCaseServiceClient(w.Gateway())
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

func (w *world) imported(agency int64) (chart string) {
	w.t.Helper()
	chart = uuid.NewString()
	w.publish(agency, "charts/"+chart, &clinicalv1.ChartImported{ChartId: chart, Version: 1})
	return chart
}

func (w *world) find(agency int64, chart string) []*qav1.Case {
	w.t.Helper()
	out, err := w.cases.ListCases(w.As("qa_reviewer", agency), &qav1.ListCasesRequest{ChartId: chart})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.GetCases()
}

func (w *world) eventually(agency int64, chart string) *qav1.Case {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if list := w.find(agency, chart); len(list) == 1 {
			return list[0]
		}
	}
	w.t.Fatalf("no case on chart %s", chart)
	return nil
}

func TestFromImportToCase(t *testing.T) {
	w := start(t, false)
	// The chart is imported before the service has its policy: the event waits, it is not judged by nothing.
	early := w.imported(agencyA)
	time.Sleep(500 * time.Millisecond)
	if got := w.find(agencyA, early); len(got) != 0 {
		t.Fatalf("judged without a policy: %v", got)
	}
	w.evidence.activate(t, 1)
	late := w.imported(agencyB)
	for agency, chart := range map[int64]string{agencyA: early, agencyB: late} {
		c := w.eventually(agency, chart)
		if c.GetAgencyId() != agency || c.GetPolicyVersion().GetVersion() != 1 || len(c.GetTriggers()) != 1 || c.GetTriggers()[0].GetCode() != "CLIN.ARREST" {
			t.Errorf("agency %d: case %v", agency, c)
		}
		got, err := w.cases.GetCase(w.As("founder", agency), &qav1.GetCaseRequest{Id: c.GetId()})
		if err != nil || !proto.Equal(got, c) {
			t.Errorf("read as %v, %v; listed as %v", got, err, c)
		}
	}
	if w.clinical.agencies[early] != "11" || w.clinical.agencies[late] != "22" {
		t.Errorf("clinical was asked for agencies %v", w.clinical.agencies)
	}

	// From the activation on, new charts are judged by the new version; the judged ones keep theirs.
	w.evidence.activate(t, 2)
	w.publish(0, "policies/qa.triggers", &auditv1.PolicyActivated{Key: "qa.triggers", Version: 2})
	for deadline := time.Now().Add(time.Minute); ; {
		if c := w.eventually(agencyA, w.imported(agencyA)); c.GetPolicyVersion().GetVersion() == 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("version 2 never came into force")
		}
	}
	if c := w.find(agencyA, early)[0]; c.GetPolicyVersion().GetVersion() != 1 || c.GetTriggers()[0].GetRuleVersion() != 1 {
		t.Errorf("the earlier case changed: %v", c)
	}
}

func TestSwitchedOffForOneAgency(t *testing.T) {
	w := start(t, false)
	w.evidence.activate(t, 1)
	w.publish(agencyA, "modules/qa", &agencyv1.ModuleChanged{Module: "qa", Enabled: false, Revision: 2})
	su := w.Database.Superuser(t)
	inbox := func(states string) (n int) {
		if err := su.QueryRow(t.Context(), "SELECT count(*) FROM qa.inbox WHERE agency_id = $1 AND event_type LIKE '%ChartImported' AND state ~ $2", agencyA, states).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	// Once an event is parked the service knows of the switch, and parks what comes after it.
	sent := 0
	w.until("the switch arrived", func() bool {
		w.imported(agencyA)
		sent++
		return inbox("parked") > 0
	})
	parked := w.imported(agencyA)
	w.eventually(agencyB, w.imported(agencyB))
	w.until("the event is parked", func() bool { return inbox("parked|applied") == sent+1 })
	if got := w.find(agencyA, parked); len(got) != 0 {
		t.Errorf("judged while the module was off: %v", got)
	}
	w.publish(agencyA, "modules/qa", &agencyv1.ModuleChanged{Module: "qa", Enabled: true, Revision: 3})
	w.eventually(agencyA, parked)
}

func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("not reached: %s", what)
		}
	}
}

func TestTheServiceRefuses(t *testing.T) {
	w := start(t, false)
	allowed := []string{"founder", "qa_reviewer", "medical_director"}
	for _, role := range []string{
		"founder", "agency_administrator", "qa_reviewer", "peer_reviewer", "clinical_supervisor", "medical_director", "clinical_staff",
		"billing_administrator", "billing_operations", "billing_staff", "compliance_officer", "controlled_substance_officer", "integration",
	} {
		_, err := w.cases.ListCases(w.As(role, agencyA), &qav1.ListCasesRequest{})
		want := codes.PermissionDenied
		if slices.Contains(allowed, role) {
			want = codes.OK
		}
		if status.Code(err) != want {
			t.Errorf("%s: %v, want %s", role, err, want)
		}
	}
	if _, err := w.cases.ListCases(t.Context(), &qav1.ListCasesRequest{}); status.Code(err) != codes.PermissionDenied {
		t.Errorf("the gateway on nobody's behalf: %v", err)
	}
	direct := qav1.NewCaseServiceClient(w.ConnAs("billing"))
	if _, err := direct.ListCases(t.Context(), &qav1.ListCasesRequest{}); err == nil {
		t.Error("another service lists cases")
	}
}

func TestTheDatabaseRefuses(t *testing.T) {
	w := start(t, true)
	w.evidence.activate(t, 1)
	for _, agency := range []int64{agencyA, agencyB} {
		c := w.eventually(agency, w.imported(agency))
		w.DatabaseRefuses(t, agency, []servicetest.Probe{
			{Method: qav1.CaseService_ListCases_FullMethodName, Request: &qav1.ListCasesRequest{OrderBy: "priority desc"}},
			{Method: qav1.CaseService_GetCase_FullMethodName, Request: &qav1.GetCaseRequest{Id: c.GetId()}},
			{Method: qav1.CaseService_SearchCases_FullMethodName, Request: &qav1.SearchCasesRequest{Query: c.GetIncidentNumber()[:8]}},
			{Method: qav1.CaseService_GetCaseHistory_FullMethodName, Request: &qav1.GetCaseHistoryRequest{Id: c.GetId()}},
			{Method: qav1.CaseService_GetCaseSummary_FullMethodName, Request: &qav1.GetCaseSummaryRequest{}},
		}, nil)
	}
}

// An administrator counts the cases of the own agency, and the contract restricts what else may be asked.
func TestCountingAndBadRequests(t *testing.T) {
	w := start(t, false)
	w.evidence.activate(t, 1)
	for range 2 {
		w.eventually(agencyA, w.imported(agencyA))
	}
	w.eventually(agencyB, w.imported(agencyB))
	for agency, want := range map[int64]int32{agencyA: 2, agencyB: 1} {
		s, err := w.cases.GetCaseSummary(w.As("agency_administrator", agency), &qav1.GetCaseSummaryRequest{})
		if err != nil || len(s.GetCounts()) != 1 || s.GetCounts()[0].GetCases() != want {
			t.Errorf("agency %d: %v, %v", agency, s, err)
		}
	}
	ctx := w.As("qa_reviewer", agencyA)
	if _, err := w.cases.ListCases(ctx, &qav1.ListCasesRequest{OrderBy: "priority"}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("an order that is none: %v", err)
	}
	if _, err := w.cases.SearchCases(ctx, &qav1.SearchCasesRequest{Query: "2"}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("a search of one character: %v", err)
	}
}
