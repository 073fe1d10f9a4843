package rpc

import (
	"context"

	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	"github.com/fusionems/quantum/services/agency/internal/registry"
)

// listQuery is what a page token of ListAgencies is bound to: the list has no filters.
const listQuery = "ListAgencies"

// ListAgencies answers agencies by id.
func (s *Agencies) ListAgencies(ctx context.Context, req *agencyv1.ListAgenciesRequest) (*agencyv1.ListAgenciesResponse, error) {
	p, _ := identity.From(ctx)
	list, next, err := page.Read(s.pages, p, listQuery, req,
		func(after int64, limit int32) ([]registry.Agency, error) {
			return s.registry.List(ctx, after, int(limit))
		},
		func(a registry.Agency) int64 { return a.ID })
	if err != nil {
		return nil, err
	}
	out := &agencyv1.ListAgenciesResponse{NextPageToken: next}
	for _, a := range list {
		out.Agencies = append(out.Agencies, agencyTo(a))
	}
	return out, nil
}
