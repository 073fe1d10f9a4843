package rpc_test

import (
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/page"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/fusionems/quantum/services/agency/internal/registry"
)

func TestCreateAgencyIsSafeToRepeat(t *testing.T) {
	w := newWorld(t)
	req := &agencyv1.CreateAgencyRequest{RequestId: uuid.NewString(), Agency: &agencyv1.Agency{
		DisplayName: "Third EMS", StateUniqueId: "S-300", AgencyNumber: "300", StateCode: "36", TimeZone: "America/New_York",
	}}
	first, err := w.agencies.CreateAgency(founder(0), req)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.agencies.CreateAgency(founder(0), req)
	if err != nil || !proto.Equal(first, second) {
		t.Fatalf("repeated: %v, %v; want %v", second, err, first)
	}
	other := proto.CloneOf(req)
	other.Agency.DisplayName = "Another EMS"
	_, err = w.agencies.CreateAgency(founder(0), other)
	wantReason(t, err, errs.Conflict, registry.ReasonRequestReused)
}

func TestCreateAgencyRefusesTakenIdentifiers(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*agencyv1.Agency){
		"same unique id, other case": func(a *agencyv1.Agency) { a.StateUniqueId = "s-100 " },
		"same number":                func(a *agencyv1.Agency) { a.AgencyNumber = "100" },
	} {
		t.Run(name, func(t *testing.T) {
			a := &agencyv1.Agency{DisplayName: "X", StateUniqueId: "S-900", AgencyNumber: "900", StateCode: "55", TimeZone: "UTC"}
			change(a)
			_, err := w.agencies.CreateAgency(founder(0), &agencyv1.CreateAgencyRequest{Agency: a, RequestId: uuid.NewString()})
			wantReason(t, err, errs.AlreadyExists, registry.ReasonExists)
		})
	}
	other := agencyA()
	other.StateCode = "27"
	if w.register(t, other).GetId() == w.a {
		t.Error("the same identifiers in another state are another agency")
	}
}

func TestCreateAgencyNamesEveryViolatedRule(t *testing.T) {
	w := newWorld(t)
	_, err := w.agencies.CreateAgency(founder(0), &agencyv1.CreateAgencyRequest{RequestId: uuid.NewString(), Agency: &agencyv1.Agency{
		DisplayName: " ", StateUniqueId: "", AgencyNumber: "x\x01", StateCode: "WI", TimeZone: "Local",
	}})
	wantReason(t, err, errs.Invalid, registry.ReasonInvalid)
	e, _ := errs.As(err)
	var fields []string
	for _, f := range e.Fields {
		fields = append(fields, f.Field)
	}
	want := []string{"agency.displayName", "agency.stateUniqueId", "agency.agencyNumber", "agency.stateCode", "agency.timeZone"}
	if len(fields) != len(want) {
		t.Fatalf("fields %v, want %v", fields, want)
	}
	for i := range want {
		if fields[i] != want[i] {
			t.Errorf("field %d is %s, want %s", i, fields[i], want[i])
		}
	}
}

func TestRegistrationTellsTheFleetInsideTheNewTenant(t *testing.T) {
	w := newWorld(t)
	list := w.sent(t)
	registered, agencies := eventsOf(t, list, &agencyv1.AgencyRegistered{})
	if len(registered) != 2 || agencies[0] != w.a || agencies[1] != w.b || registered[0].GetTimeZone() != "America/Chicago" {
		t.Fatalf("registered %v for agencies %v", registered, agencies)
	}
	records, _ := eventsOf(t, list, &auditv1.Recorded{})
	if len(records) != 2 {
		t.Fatalf("%d audit records, want one for each registration and none for taking an id", len(records))
	}
	if got := records[1].GetEvent(); got.GetAgencyId() != w.b || got.GetResource() != registry.Name(w.b) || got.GetActor() != "f" {
		t.Errorf("record %v does not name the new agency", got)
	}
}

func TestGetAgencyShowsOwnOrAnyToTheFounder(t *testing.T) {
	w := newWorld(t)
	for _, role := range []string{"agency_administrator", "qa_reviewer", "peer_reviewer", "clinical_staff", "clinical_supervisor", "billing_staff", "compliance_officer", "integration"} {
		own, err := w.agencies.GetAgency(member(role, w.a), &agencyv1.GetAgencyRequest{Id: w.a})
		if err != nil || own.GetDisplayName() != "Prairie EMS" {
			t.Errorf("%s: own agency: %v, %v", role, own, err)
		}
		_, err = w.agencies.GetAgency(member(role, w.a), &agencyv1.GetAgencyRequest{Id: w.b})
		if !errs.IsKind(err, errs.NotFound) {
			t.Errorf("%s: another's agency: %v, want not found", role, err)
		}
	}
	_, err := w.agencies.GetAgency(member("agency_administrator", 0), &agencyv1.GetAgencyRequest{Id: w.a})
	wantReason(t, err, errs.NotFound, registry.ReasonNotFound)
	for _, id := range []int64{w.a, w.b} {
		if got, err := w.agencies.GetAgency(founder(0), &agencyv1.GetAgencyRequest{Id: id}); err != nil || got.GetId() != id {
			t.Errorf("founder: agency %d: %v, %v", id, got, err)
		}
	}
	_, err = w.agencies.GetAgency(founder(w.a), &agencyv1.GetAgencyRequest{Id: 4711})
	wantReason(t, err, errs.NotFound, registry.ReasonNotFound)
}

func TestListAgenciesPages(t *testing.T) {
	w := newWorld(t)
	var got []int64
	token := ""
	for {
		page, err := w.agencies.ListAgencies(founder(0), &agencyv1.ListAgenciesRequest{PageSize: 1, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.GetAgencies() {
			got = append(got, a.GetId())
		}
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	if len(got) != 2 || got[0] != w.a || got[1] != w.b {
		t.Fatalf("pages gave %v, want %v", got, []int64{w.a, w.b})
	}
	_, err := w.agencies.ListAgencies(founder(0), &agencyv1.ListAgenciesRequest{PageToken: "forged"})
	wantReason(t, err, errs.Invalid, page.ReasonTokenInvalid)
}

func TestResolveNemsisAgency(t *testing.T) {
	w := newWorld(t)
	cases := []struct {
		name    string
		asked   int64
		req     *agencyv1.ResolveNemsisAgencyRequest
		want    int64
		invalid bool
	}{
		{"both identifiers", w.a, &agencyv1.ResolveNemsisAgencyRequest{StateUniqueId: "S-100", AgencyNumber: "100", StateCode: "55"}, w.a, false},
		{"number alone", w.a, &agencyv1.ResolveNemsisAgencyRequest{AgencyNumber: "200", StateCode: "55"}, w.b, false},
		{"unregistered", w.a, &agencyv1.ResolveNemsisAgencyRequest{AgencyNumber: "999", StateCode: "55"}, 0, false},
		{"one's own in another state", w.a, &agencyv1.ResolveNemsisAgencyRequest{AgencyNumber: "100", StateCode: "27"}, 0, false},
		{"another's in another state", w.a, &agencyv1.ResolveNemsisAgencyRequest{AgencyNumber: "200", StateCode: "27"}, w.b, false},
		{"another's own in another state", w.b, &agencyv1.ResolveNemsisAgencyRequest{StateUniqueId: "S-100", StateCode: "27"}, w.a, false},
		{"mixed identifiers, asked for the first", w.a, &agencyv1.ResolveNemsisAgencyRequest{StateUniqueId: "S-100", AgencyNumber: "200", StateCode: "55"}, w.b, false},
		{"mixed identifiers, asked for the second", w.b, &agencyv1.ResolveNemsisAgencyRequest{StateUniqueId: "S-100", AgencyNumber: "200", StateCode: "55"}, w.a, false},
		{"no state", w.a, &agencyv1.ResolveNemsisAgencyRequest{StateUniqueId: "S-100"}, 0, true},
		{"no identifier", w.a, &agencyv1.ResolveNemsisAgencyRequest{StateCode: "55"}, 0, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := w.fleet.ResolveNemsisAgency(peer("clinical", c.asked), c.req)
			if c.invalid {
				wantReason(t, err, errs.Invalid, registry.ReasonInvalid)
				return
			}
			if err != nil || got.GetAgencyId() != c.want {
				t.Fatalf("got %v, %v; want agency %d", got, err, c.want)
			}
		})
	}
}
