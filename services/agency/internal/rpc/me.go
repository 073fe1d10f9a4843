package rpc

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/agency/internal/registry"
	"github.com/fusionems/quantum/services/agency/internal/switchboard"
)

// Me serves MeService.
type Me struct {
	agencyv1.UnimplementedMeServiceServer
	registry *registry.Service
	switches *switchboard.Service
	access   Access
	people   Directory
}

// Directory is told who was here.
type Directory interface {
	Saw(ctx context.Context, p identity.Principal)
}

// Access decides which workspaces a person sees; the client of WorkspaceAccessService is one.
type Access interface {
	GetWorkspaceAccess(ctx context.Context, req *compliancev1.GetWorkspaceAccessRequest, opts ...grpc.CallOption) (*compliancev1.GetWorkspaceAccessResponse, error)
}

// NewMe returns the server of MeService.
func NewMe(r *registry.Service, s *switchboard.Service, a Access, d Directory) *Me {
	return &Me{registry: r, switches: s, access: a, people: d}
}

// GetMe answers who the caller is.
func (s *Me) GetMe(ctx context.Context, _ *agencyv1.GetMeRequest) (*agencyv1.Me, error) {
	p, ok := identity.From(ctx)
	if !ok {
		return nil, errs.New(errs.Unauthenticated, "PRINCIPAL_MISSING", "nobody is signed in")
	}
	me := meTo(p)
	me.Workspaces = s.workspaces(ctx, p)
	if p.AgencyID == 0 {
		return me, nil
	}
	if err := s.addAgency(ctx, me, p.AgencyID); err != nil {
		return nil, err
	}
	if me.Agency != nil {
		s.people.Saw(ctx, p)
	}
	return me, nil
}

// addAgency fills in the agency. A token may name one that is not registered here: its bearer has no agency then.
func (s *Me) addAgency(ctx context.Context, me *agencyv1.Me, id int64) error {
	a, err := s.registry.Get(ctx, id)
	if errs.IsKind(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	me.Agency = agencyTo(a)
	list, err := s.switches.List(ctx, id)
	for _, m := range list {
		if m.Enabled {
			me.Modules = append(me.Modules, m.Module)
		}
	}
	return err
}

func meTo(p identity.Principal) *agencyv1.Me {
	me := &agencyv1.Me{
		Subject: p.Subject, Name: p.Name, Actor: string(p.Actor), Roles: p.Roles, Scopes: p.Scopes, Acr: p.ACR,
	}
	if !p.AuthTime.IsZero() {
		me.AuthTime = timestamppb.New(p.AuthTime)
	}
	return me
}

// accessTimeout keeps a service that is slow from keeping everybody out of the portal.
const accessTimeout = 2 * time.Second

// workspaces asks who sees them. Without an answer the portal is told that it is not known: it then shows neither button, and
// says why.
func (s *Me) workspaces(ctx context.Context, p identity.Principal) []*agencyv1.Workspace {
	ctx, cancel := context.WithTimeout(ctx, accessTimeout)
	defer cancel()
	in, err := s.access.GetWorkspaceAccess(ctx, &compliancev1.GetWorkspaceAccessRequest{Subject: p.Subject, Roles: p.Roles, Scopes: p.Scopes})
	if err != nil {
		return []*agencyv1.Workspace{{Workspace: "dea", Reason: accessUnknown}, {Workspace: "cms", Reason: accessUnknown}}
	}
	var out []*agencyv1.Workspace
	for _, w := range in.GetWorkspaces() {
		out = append(out, &agencyv1.Workspace{Workspace: w.GetWorkspace(), Visible: proto.Bool(w.GetVisible()), Reason: w.GetReason()})
	}
	return out
}

const accessUnknown = "UNKNOWN"
