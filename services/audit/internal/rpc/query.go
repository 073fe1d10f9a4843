package rpc

import (
	"context"
	"strings"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/fusionems/quantum/services/audit/internal/leaf"
	"github.com/fusionems/quantum/services/audit/internal/trail"
)

// Query serves AuditQueryService.
type Query struct {
	auditv1.UnimplementedAuditQueryServiceServer
	trail *trail.Reader
	pages *page.Sealer
}

// NewQuery returns the server of AuditQueryService.
func NewQuery(t *trail.Reader, pages *page.Sealer) *Query { return &Query{trail: t, pages: pages} }

// ListServiceEvents answers entries that the calling service wrote about one agency, each with its proof.
func (s *Query) ListServiceEvents(ctx context.Context, req *auditv1.ListServiceEventsRequest) (*auditv1.ListServiceEventsResponse, error) {
	p, _ := identity.From(ctx)
	if !strings.HasPrefix(req.GetAction(), "fleet."+p.Subject+".") {
		return nil, errs.New(errs.Denied, "CALLER_NOT_ALLOWED", "a service reads the evidence of its own work only")
	}
	ctx = asReader(ctx, p)
	list, next, err := entries(ctx, s.trail, s.pages, p, serviceFilter(req), req)
	if err != nil {
		return nil, err
	}
	proven, err := s.trail.ProveAll(ctx, list)
	if err != nil {
		return nil, err
	}
	out := provenTo(proven)
	out.NextPageToken = next
	return out, nil
}

// asReader gives the call the database group of those who may read an agency's evidence: the service's own group sees no
// entry at all. The rule of the method and the check above say who comes this far.
func asReader(ctx context.Context, p identity.Principal) context.Context {
	p.ActingRole = "compliance_officer"
	return identity.With(ctx, p)
}

func serviceFilter(req *auditv1.ListServiceEventsRequest) trail.Filter {
	f := trail.Filter{
		Resource: req.GetResource(), Actor: req.GetActor(), Action: req.GetAction(), Outcome: leaf.Outcome(req.GetOutcome()), //nolint:gosec // defined values only
	}
	if req.GetFrom() != nil {
		f.From = req.GetFrom().AsTime()
	}
	if req.GetTo() != nil {
		f.To = req.GetTo().AsTime()
	}
	return f
}

func provenTo(list trail.Proven) *auditv1.ListServiceEventsResponse {
	out := &auditv1.ListServiceEventsResponse{Checkpoint: list.Head.Note, TreeSize: int64(list.Head.Size), RootHash: list.Head.Root} //nolint:gosec // below 2^63
	for i, e := range list.Entries {
		out.Events = append(out.Events, &auditv1.ProvenEvent{Event: eventTo(e), LeafInput: e.LeafInput, Path: list.Paths[i]})
	}
	return out
}
