package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	"github.com/fusionems/quantum/pkg/rpc"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/dea"
)

type auditRequest interface {
	page.Request
	GetResource() string
	GetMethod() string
	GetActor() string
	GetOutcome() auditv1.Outcome
	GetFrom() *timestamppb.Timestamp
	GetTo() *timestamppb.Timestamp
}

// action is the prefix of everything that is done in the workspace.
func (s shared) action() string {
	if s.name == dea.Workspace {
		return compliancev1.DeaService_ServiceDesc.ServiceName + "/"
	}
	return compliancev1.CmsService_ServiceDesc.ServiceName + "/"
}

// auditLog asks the audit service, whose token continues the list; it is sealed once more, for the person it was given to.
func (s shared) auditLog(ctx context.Context, req auditRequest) (*compliancev1.ListAuditLogResponse, error) {
	bound := []any{s.name, "audit", req.GetResource(), req.GetMethod(), req.GetActor(), req.GetOutcome(), req.GetFrom().AsTime(), req.GetTo().AsTime()}
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	p, _ := identity.From(ctx)
	var token string
	if _, err := s.Pages.Open(p, bound, req.GetPageToken(), &token); err != nil {
		return nil, err
	}
	in, err := s.Evidence.ListServiceEvents(ctx, &auditv1.ListServiceEventsRequest{
		PageSize: size, PageToken: token, Action: s.action() + req.GetMethod(), Resource: req.GetResource(), Actor: req.GetActor(),
		Outcome: req.GetOutcome(), From: req.GetFrom(), To: req.GetTo(),
	})
	if err != nil {
		return nil, away(err)
	}
	out := &compliancev1.ListAuditLogResponse{
		Events: in.GetEvents(), Checkpoint: in.GetCheckpoint(), TreeSize: in.GetTreeSize(), RootHash: in.GetRootHash(),
	}
	if in.GetNextPageToken() != "" {
		out.NextPageToken, err = s.Pages.Seal(p, bound, in.GetNextPageToken())
	}
	return out, err
}

// away keeps what another service refused for our own reasons from looking like the caller's mistake.
func away(err error) error {
	e := rpc.FromStatus(err)
	if e != nil && e.Kind == errs.Unavailable {
		return errs.New(errs.Unavailable, "AUDIT_UNAVAILABLE", "the audit log does not answer; try again", errs.WithCause(err))
	}
	return err
}
