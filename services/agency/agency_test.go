package agency_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/testkit/servicetest"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/agency"
)

// access stands for the compliance service; it decides by whether the person is a founder.
type access struct {
	compliancev1.UnimplementedWorkspaceAccessServiceServer
	away atomic.Bool
}

func (a *access) GetWorkspaceAccess(_ context.Context, req *compliancev1.GetWorkspaceAccessRequest) (*compliancev1.GetWorkspaceAccessResponse, error) {
	if a.away.Load() {
		return nil, status.Error(codes.Unavailable, "away")
	}
	founder := slices.Contains(req.GetRoles(), "founder") && slices.Contains(req.GetScopes(), "dea:view")
	return &compliancev1.GetWorkspaceAccessResponse{Workspaces: []*compliancev1.WorkspaceAccess{
		{Workspace: "dea", Visible: founder, Reason: req.GetSubject()}, {Workspace: "cms", Visible: founder, Reason: req.GetSubject()},
	}}, nil
}

func start(t *testing.T, open bool, a *access) *servicetest.Running {
	t.Helper()
	return servicetest.Start(t, agency.Definition(), servicetest.Options{AuthzOpen: open, Peers: map[string]func(grpc.ServiceRegistrar){
		"compliance": func(s grpc.ServiceRegistrar) { compliancev1.RegisterWorkspaceAccessServiceServer(s, a) },
	}})
}

// Which workspaces a person sees is what the compliance service says; while it says nothing, nobody is kept out of the rest.
func TestMeTellsTheWorkspaces(t *testing.T) {
	a := &access{}
	r := start(t, false, a)
	id := register(t, r, "100")
	me := agencyv1.NewMeServiceClient(r.Gateway())
	for role, want := range map[string]bool{"founder": true, "clinical_staff": false, "controlled_substance_officer": false} {
		got, err := told(t, r, me, role, id)
		if err != nil || len(got.GetWorkspaces()) != 2 || got.GetAgency().GetId() != id {
			t.Fatalf("%s: %v, %v", role, got, err)
		}
		for _, w := range got.GetWorkspaces() {
			if w.Visible == nil || w.GetVisible() != want || w.GetReason() != "test-"+role {
				t.Errorf("%s: %v", role, w)
			}
		}
	}
	a.away.Store(true)
	got, err := me.GetMe(r.As("founder", id), &agencyv1.GetMeRequest{})
	if err != nil || len(got.GetWorkspaces()) != 2 || got.GetAgency().GetId() != id {
		t.Fatalf("while it is away: %v, %v", got, err)
	}
	for _, w := range got.GetWorkspaces() {
		if w.Visible != nil || w.GetReason() != "UNKNOWN" {
			t.Errorf("while it is away: %v", w)
		}
	}
}

// told asks who somebody is until the compliance service has answered: the caller does not wait long for it.
func told(t *testing.T, r *servicetest.Running, me agencyv1.MeServiceClient, role string, agency int64) (*agencyv1.Me, error) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		got, err := me.GetMe(r.As(role, agency), &agencyv1.GetMeRequest{})
		if err != nil || time.Now().After(deadline) || len(got.GetWorkspaces()) > 0 && got.GetWorkspaces()[0].Visible != nil {
			return got, err
		}
	}
}

func register(t *testing.T, r *servicetest.Running, number string) int64 {
	t.Helper()
	a, err := agencyv1.NewAgencyServiceClient(r.Gateway()).CreateAgency(r.As("founder", 0), &agencyv1.CreateAgencyRequest{
		RequestId: uuid.NewString(),
		Agency:    &agencyv1.Agency{DisplayName: "Agency " + number, StateUniqueId: "S" + number, AgencyNumber: number, StateCode: "55", TimeZone: "America/Chicago"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a.GetId()
}

func TestTheServiceAtWork(t *testing.T) {
	r := start(t, false, &access{})
	a, b := register(t, r, "100"), register(t, r, "200")
	conn := r.Gateway()
	agencies, modules := agencyv1.NewAgencyServiceClient(conn), agencyv1.NewModuleServiceClient(conn)
	own, err := agencies.GetAgency(r.As("agency_administrator", a), &agencyv1.GetAgencyRequest{Id: a})
	if err != nil || own.GetAgencyNumber() != "100" {
		t.Errorf("own agency: %v, %v", own, err)
	}
	if _, err := agencies.GetAgency(r.As("agency_administrator", a), &agencyv1.GetAgencyRequest{Id: b}); status.Code(err) != codes.NotFound {
		t.Errorf("another's agency: %v", err)
	}
	me, err := agencyv1.NewMeServiceClient(conn).GetMe(r.As("clinical_staff", b), &agencyv1.GetMeRequest{})
	if err != nil || me.GetAgency().GetId() != b || len(me.GetModules()) != 5 {
		t.Errorf("me: %v, %v", me, err)
	}
	if _, err := modules.UpdateModule(r.As("agency_administrator", a), &agencyv1.UpdateModuleRequest{AgencyId: a, Module: "qa", Enabled: proto.Bool(false), Reason: "x"}); status.Code(err) != codes.PermissionDenied {
		t.Errorf("an administrator moves a switch: %v", err)
	}
	if _, err := modules.UpdateModule(r.As("founder", 0), &agencyv1.UpdateModuleRequest{AgencyId: a, Module: "qa", Enabled: proto.Bool(false), Reason: "x"}); err != nil {
		t.Errorf("the founder moves a switch: %v", err)
	}
	if _, err := modules.UpdateModule(r.As("founder", 0), &agencyv1.UpdateModuleRequest{AgencyId: b, Module: "qa"}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("a body that forgets the position: %v", err)
	}
	off, err := agencyv1.NewModuleRegistryServiceClient(conn).GetModuleRegistry(t.Context(), &agencyv1.GetModuleRegistryRequest{})
	if err != nil || len(off.GetDisabled()) != 1 || off.GetDisabled()[0].GetAgencyId() != a {
		t.Errorf("what is off: %v, %v", off, err)
	}
	ids := &agencyv1.ResolveNemsisAgencyRequest{AgencyNumber: "200", StateCode: "55"}
	found, err := agencyv1.NewModuleRegistryServiceClient(r.ConnAs("clinical")).ResolveNemsisAgency(t.Context(), ids)
	if err != nil || found.GetAgencyId() != b {
		t.Errorf("whose identifiers: %v, %v", found, err)
	}
	if _, err := agencyv1.NewModuleRegistryServiceClient(r.ConnAs("billing")).ResolveNemsisAgency(t.Context(), ids); status.Code(err) != codes.PermissionDenied {
		t.Errorf("billing asks whose identifiers these are: %v", err)
	}
}

// written lets somebody ask who they are until they are written down: the caller does not wait long for it, and the next call tries again.
func written(t *testing.T, r *servicetest.Running, agency int64) {
	t.Helper()
	super, me := r.Database.Superuser(t), agencyv1.NewMeServiceClient(r.Gateway())
	for deadline := time.Now().Add(time.Minute); ; {
		if _, err := me.GetMe(r.As("clinical_staff", agency), &agencyv1.GetMeRequest{}); err != nil {
			t.Fatal(err)
		}
		var there bool
		if err := super.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM agency.person WHERE agency_id = $1)", agency).Scan(&there); err != nil {
			t.Fatal(err)
		}
		if there {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody is written down")
		}
	}
}

// The service's own check is off: the database still refuses whoever the matrix denies.
func TestTheDatabaseRefuses(t *testing.T) {
	r := start(t, true, &access{})
	a, b := register(t, r, "100"), register(t, r, "200")
	conn := r.Gateway()
	agencies, modules := agencyv1.NewAgencyServiceClient(conn), agencyv1.NewModuleServiceClient(conn)
	const own = "every role sees its own agency's row, which GetMe shows it"
	for _, role := range []string{"agency_administrator", "qa_reviewer", "peer_reviewer", "clinical_supervisor", "medical_director", "clinical_staff", "billing_administrator", "billing_operations", "billing_staff", "compliance_officer", "controlled_substance_officer", "integration"} {
		list, err := agencies.ListAgencies(r.As(role, a), &agencyv1.ListAgenciesRequest{})
		if err != nil || len(list.GetAgencies()) != 1 || list.GetAgencies()[0].GetId() != a {
			t.Errorf("%s lists %v, %v; want the own agency alone", role, list, err)
		}
		if _, err := agencies.GetAgency(r.As(role, a), &agencyv1.GetAgencyRequest{Id: b}); status.Code(err) != codes.NotFound {
			t.Errorf("%s reads another agency: %v", role, err)
		}
		_, err = agencies.CreateAgency(r.As(role, a), &agencyv1.CreateAgencyRequest{RequestId: uuid.NewString(), Agency: &agencyv1.Agency{
			DisplayName: "X", StateUniqueId: "S9", AgencyNumber: "9", StateCode: "55", TimeZone: "UTC",
		}})
		if status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s registers an agency: %v", role, err)
		}
		for _, id := range []int64{a, b} {
			_, err := modules.UpdateModule(r.As(role, a), &agencyv1.UpdateModuleRequest{AgencyId: id, Module: "qa", Enabled: proto.Bool(false), Reason: "x"})
			if c := status.Code(err); c != codes.PermissionDenied && c != codes.NotFound {
				t.Errorf("%s of %d moves a switch of %d: %v", role, a, id, err)
			}
		}
	}
	for _, id := range []int64{a, b} {
		written(t, r, id)
	}
	probes := []servicetest.Probe{{Method: agencyv1.PersonService_ListPeople_FullMethodName, Request: &agencyv1.ListPeopleRequest{}}}
	r.DatabaseRefuses(t, a, probes, map[string]string{
		agencyv1.AgencyService_GetAgency_FullMethodName: own, agencyv1.AgencyService_ListAgencies_FullMethodName: own,
		agencyv1.ModuleService_ListModules_FullMethodName: own, agencyv1.MeService_GetMe_FullMethodName: own,
		agencyv1.AgencyService_CreateAgency_FullMethodName: "probed above", agencyv1.ModuleService_UpdateModule_FullMethodName: "probed above",
	})
}
