package rpc

import (
	"context"

	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
)

// listQuery is what a page token of ListAgencies is bound to: the list has no filters.
const listQuery = "ListAgencies"

// ListAgencies answers agencies by id.
func (s *Agencies) ListAgencies(ctx context.Context, req *agencyv1.ListAgenciesRequest) (*agencyv1.ListAgenciesResponse, error) {
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	p, _ := identity.From(ctx)
	var after int64
	if _, err := s.pages.Open(p, listQuery, req.GetPageToken(), &after); err != nil {
		return nil, err
	}
	list, more, err := s.registry.List(ctx, after, int(size))
	if err != nil {
		return nil, err
	}
	out := &agencyv1.ListAgenciesResponse{}
	for _, a := range list {
		out.Agencies = append(out.Agencies, agencyTo(a))
	}
	if more {
		out.NextPageToken, err = s.pages.Seal(p, listQuery, list[len(list)-1].ID)
	}
	return out, err
}
