package rpc_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/agency/internal/directory"
	"github.com/fusionems/quantum/services/agency/internal/registry"
	"github.com/fusionems/quantum/services/agency/internal/rpc"
	"github.com/fusionems/quantum/services/agency/internal/store"
	"github.com/fusionems/quantum/services/agency/internal/switchboard"
)

// away is a compliance service that does not answer.
type away struct{}

func (away) GetWorkspaceAccess(context.Context, *compliancev1.GetWorkspaceAccessRequest, ...grpc.CallOption) (*compliancev1.GetWorkspaceAccessResponse, error) {
	return nil, status.Error(codes.Unavailable, "away")
}

// clockAt is what the directory takes for now.
type clockAt struct{ t time.Time }

func (c *clockAt) now() time.Time { return c.t }

// world is the service over a real database, with two agencies.
type world struct {
	agencies *rpc.Agencies
	modules  *rpc.Modules
	fleet    *rpc.ModuleRegistry
	me       *rpc.Me
	people   *rpc.People
	clock    *clockAt
	log      *bytes.Buffer
	pg       *pg.Database
	a, b     int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	table, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, database := pg.Open(t, pg.Service{Schema: "agency", Migrations: store.Migrations, Groups: table.DatabaseGroup})
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	pages, err := page.NewSealer(base64.StdEncoding.EncodeToString(key))
	if err != nil {
		t.Fatal(err)
	}
	list, err := switchboard.LoadRegistry()
	if err != nil {
		t.Fatal(err)
	}
	agencies := registry.New(store.NewAgencies(d), time.Now)
	switches := switchboard.New(list, store.NewSwitches(d), time.Now)
	clock, log := &clockAt{t: time.Date(2026, 3, 1, 12, 34, 56, 0, time.UTC)}, &bytes.Buffer{}
	people, err := directory.New(store.NewPeople(d), clock.now, slog.New(slog.NewJSONHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		agencies: rpc.NewAgencies(agencies, pages), modules: rpc.NewModules(switches), people: rpc.NewPeople(people, pages),
		fleet: rpc.NewModuleRegistry(switches, agencies), me: rpc.NewMe(agencies, switches, away{}, people),
		pg: database, clock: clock, log: log,
	}
	w.a = w.register(t, agencyA()).GetId()
	w.b = w.register(t, agencyB()).GetId()
	return w
}

func agencyA() *agencyv1.Agency {
	return &agencyv1.Agency{DisplayName: "Prairie EMS", StateUniqueId: "S-100", AgencyNumber: "100", StateCode: "55", TimeZone: "America/Chicago"}
}

func agencyB() *agencyv1.Agency {
	return &agencyv1.Agency{DisplayName: "Harbor EMS", StateUniqueId: "S-200", AgencyNumber: "200", StateCode: "55", TimeZone: "America/New_York"}
}

func (w *world) register(t *testing.T, a *agencyv1.Agency) *agencyv1.Agency {
	t.Helper()
	got, err := w.agencies.CreateAgency(founder(0), &agencyv1.CreateAgencyRequest{Agency: a, RequestId: uuid.NewString()})
	if err != nil {
		t.Fatalf("registering %s: %v", a.GetDisplayName(), err)
	}
	return got
}

// founder is a founder who named an agency in X-Agency-Id, or none.
func founder(agency int64) context.Context {
	return as(identity.Principal{Subject: "f", Actor: identity.Human, Roles: []string{"founder"}, ActingRole: "founder", AgencyID: agency})
}

func member(role string, agency int64) context.Context {
	return as(identity.Principal{Subject: "m", Actor: identity.Human, Roles: []string{role}, ActingRole: role, AgencyID: agency})
}

func peer(name string, agency int64) context.Context { return as(identity.ForService(name, agency)) }

func as(p identity.Principal) context.Context {
	ctx, call := audit.Start(context.Background(), "agency", "test/Method", time.Now)
	call.SetPrincipal(p)
	return identity.With(ctx, p)
}

func wantReason(t *testing.T, err error, kind errs.Kind, reason string) {
	t.Helper()
	if !errs.IsKind(err, kind) || errs.Reason(err) != reason {
		t.Fatalf("got %v, want reason %s", err, reason)
	}
}

// sent returns what waits in the outbox, oldest first, with the tenant of each envelope.
func (w *world) sent(t *testing.T) []*commonv1.Event {
	t.Helper()
	rows, err := w.pg.Superuser(t).Query(context.Background(), "SELECT payload FROM agency.outbox ORDER BY seq")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []*commonv1.Event
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			t.Fatal(err)
		}
		ev := &commonv1.Event{}
		if err := proto.Unmarshal(b, ev); err != nil {
			t.Fatal(err)
		}
		out = append(out, ev)
	}
	return out
}

func eventsOf[M proto.Message](t *testing.T, list []*commonv1.Event, empty M) (events []M, agencies []int64) {
	t.Helper()
	for _, ev := range list {
		if !ev.GetPayload().MessageIs(empty) {
			continue
		}
		m, err := ev.GetPayload().UnmarshalNew()
		if err != nil {
			t.Fatal(err)
		}
		events, agencies = append(events, m.(M)), append(agencies, ev.GetAgencyId())
	}
	return events, agencies
}
