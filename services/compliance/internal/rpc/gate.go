package rpc

import (
	"context"
	"strings"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/access"
	"github.com/fusionems/quantum/services/compliance/internal/cms"
	"github.com/fusionems/quantum/services/compliance/internal/dea"
	"github.com/fusionems/quantum/services/compliance/internal/notice"
)

// Conditions are what a gate asks about the caller.
type Conditions interface {
	Facts(ctx context.Context, subject string) (access.Facts, error)
	Acknowledgement(ctx context.Context, n notice.Notice) (notice.Acknowledgement, error)
}

// Gate stands before every method of both workspaces: an administrator comes in under their conditions only, and nobody
// without having acknowledged the notice. It implements rpc.Guard.
func Gate(c Conditions) func(ctx context.Context, method string) error {
	return func(ctx context.Context, method string) error {
		workspace := workspaceOf(method)
		if workspace == "" {
			return errs.New(errs.Denied, "METHOD_UNKNOWN", "no such workspace")
		}
		if err := administrator(ctx, c, workspace); err != nil {
			return err
		}
		if beforeNotice[method] {
			return nil
		}
		n := notice.Current(workspace)
		a, err := c.Acknowledgement(ctx, n)
		if err == nil && a.Time == nil {
			err = n.NotAcknowledged()
		}
		return err
	}
}

// beforeNotice are the methods by which the notice is read and acknowledged.
var beforeNotice = map[string]bool{
	compliancev1.DeaService_GetDeaNotice_FullMethodName:         true,
	compliancev1.DeaService_AcknowledgeDeaNotice_FullMethodName: true,
	compliancev1.CmsService_GetCmsNotice_FullMethodName:         true,
	compliancev1.CmsService_AcknowledgeCmsNotice_FullMethodName: true,
}

func workspaceOf(method string) string {
	service, _, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	switch service {
	case compliancev1.DeaService_ServiceDesc.ServiceName:
		return dea.Workspace
	case compliancev1.CmsService_ServiceDesc.ServiceName:
		return cms.Workspace
	default:
		return ""
	}
}

func administrator(ctx context.Context, c Conditions, workspace string) error {
	p, _ := identity.From(ctx)
	if p.ActingRole != access.Administrator {
		return nil
	}
	f, err := c.Facts(ctx, p.Subject)
	if err != nil {
		return err
	}
	return decide(workspace, access.Person{Roles: p.Roles, Scopes: p.Scopes}, f).Refusal()
}

func decide(workspace string, p access.Person, f access.Facts) access.Verdict {
	if workspace == dea.Workspace {
		return access.Dea(p, f)
	}
	return access.Cms(p, f)
}
