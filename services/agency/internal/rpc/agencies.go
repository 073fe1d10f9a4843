package rpc

import (
	"context"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/page"
	"github.com/fusionems/quantum/pkg/rpc"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	"github.com/fusionems/quantum/services/agency/internal/registry"
)

// Agencies serves AgencyService.
type Agencies struct {
	agencyv1.UnimplementedAgencyServiceServer
	registry *registry.Service
	pages    *page.Sealer
}

// NewAgencies returns the server of AgencyService.
func NewAgencies(r *registry.Service, pages *page.Sealer) *Agencies {
	return &Agencies{registry: r, pages: pages}
}

// CreateAgency registers an agency.
func (s *Agencies) CreateAgency(ctx context.Context, req *agencyv1.CreateAgencyRequest) (*agencyv1.Agency, error) {
	id, err := uuid.Parse(req.GetRequestId())
	if err != nil {
		return nil, errs.New(errs.Invalid, registry.ReasonInvalid, "the request needs an id",
			errs.WithFields(errs.Field{Field: "requestId", Rule: "uuid", Message: "a UUID chosen by the client"}))
	}
	a, err := s.registry.Create(ctx, agencyFrom(req.GetAgency()), id)
	if err != nil {
		return nil, err
	}
	return agencyTo(a), rpc.Created(ctx)
}

// GetAgency answers one agency.
func (s *Agencies) GetAgency(ctx context.Context, req *agencyv1.GetAgencyRequest) (*agencyv1.Agency, error) {
	a, err := s.registry.Get(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return agencyTo(a), nil
}
