package rpc

import (
	"context"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	billingv1 "github.com/fusionems/quantum/proto/gen/go/fleet/billing/v1"
	"github.com/fusionems/quantum/services/billing/internal/claim"
)

// Claims is what the server reads.
type Claims interface {
	Get(ctx context.Context, id uuid.UUID) (claim.Record, error)
	List(ctx context.Context, f claim.Filter, after *claim.Position, limit int) ([]claim.Record, error)
	Summary(ctx context.Context) (claim.Summary, error)
}

// Server answers ClaimService.
type Server struct {
	billingv1.UnimplementedClaimServiceServer
	claims Claims
	pages  *page.Sealer
}

// New returns a server.
func New(claims Claims, pages *page.Sealer) *Server { return &Server{claims: claims, pages: pages} }

// GetClaim answers one claim.
func (s *Server) GetClaim(ctx context.Context, req *billingv1.GetClaimRequest) (*billingv1.Claim, error) {
	id, err := parseID("id", req.GetId())
	if err != nil {
		return nil, err
	}
	audit.Target(ctx, claim.Name(id))
	r, err := s.claims.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return claimTo(r), nil
}

// GetClaimSummary answers how many claims there are of each kind.
func (s *Server) GetClaimSummary(ctx context.Context, _ *billingv1.GetClaimSummaryRequest) (*billingv1.ClaimSummary, error) {
	summary, err := s.claims.Summary(ctx)
	if err != nil {
		return nil, err
	}
	return summaryTo(summary), nil
}

// ListClaims answers one page of claims.
func (s *Server) ListClaims(ctx context.Context, req *billingv1.ListClaimsRequest) (*billingv1.ListClaimsResponse, error) {
	f, err := filterOf(req)
	if err != nil {
		return nil, err
	}
	p, _ := identity.From(ctx)
	records, next, err := page.Read(s.pages, p, listQuery{List: "billing.claims", Filter: f}, req,
		func(after *claim.Position, limit int32) ([]claim.Record, error) {
			return s.claims.List(ctx, f, after, int(limit))
		},
		claim.PositionOf)
	if err != nil {
		return nil, err
	}
	out := &billingv1.ListClaimsResponse{NextPageToken: next}
	for _, r := range records {
		out.Claims = append(out.Claims, claimTo(r))
	}
	return out, nil
}

// listQuery is what a page token is bound to, besides its caller.
type listQuery struct {
	List   string
	Filter claim.Filter
}

func filterOf(req *billingv1.ListClaimsRequest) (claim.Filter, error) {
	f := claim.Filter{State: stateOf(req.GetState()), MissingCode: req.GetMissingCode(), Order: orderOf(req.GetOrderBy())}
	if req.GetChartId() == "" {
		return f, nil
	}
	var err error
	f.ChartID, err = parseID("chartId", req.GetChartId())
	return f, err
}

func parseID(field, s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil {
		return uuid.Nil, errs.New(errs.Invalid, "INVALID_ARGUMENT", field+" must be a UUID",
			errs.WithFields(errs.Field{Field: field, Rule: "string.uuid", Message: "must be a UUID"}))
	}
	return id, nil
}
