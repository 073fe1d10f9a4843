package rpc

import (
	"context"

	"github.com/fusionems/quantum/pkg/identity"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/access"
	"github.com/fusionems/quantum/services/compliance/internal/cms"
	"github.com/fusionems/quantum/services/compliance/internal/dea"
)

// Access serves WorkspaceAccessService: the decision of the gate, for whoever draws the portal.
type Access struct {
	compliancev1.UnimplementedWorkspaceAccessServiceServer
	conditions Conditions
}

// NewAccess returns the server of WorkspaceAccessService.
func NewAccess(c Conditions) *Access { return &Access{conditions: c} }

// GetWorkspaceAccess decides for each workspace. Without an agency its conditions do not hold.
func (s *Access) GetWorkspaceAccess(ctx context.Context, req *compliancev1.GetWorkspaceAccessRequest) (*compliancev1.GetWorkspaceAccessResponse, error) {
	var f access.Facts
	if caller, _ := identity.From(ctx); caller.AgencyID != 0 {
		var err error
		if f, err = s.conditions.Facts(ctx, req.GetSubject()); err != nil {
			return nil, err
		}
	}
	p := access.Person{Roles: req.GetRoles(), Scopes: req.GetScopes()}
	out := &compliancev1.GetWorkspaceAccessResponse{}
	for _, w := range []string{dea.Workspace, cms.Workspace} {
		v := decide(w, p, f)
		out.Workspaces = append(out.Workspaces, &compliancev1.WorkspaceAccess{Workspace: w, Visible: v.Visible, Reason: v.Reason})
	}
	return out, nil
}
