package rpc

import (
	"context"

	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

// PersonnelStore keeps which crew ids a login has.
type PersonnelStore interface {
	SetPersonnel(ctx context.Context, agencyID int64, subject string, crewIDs []string) (*store.Personnel, error)
	Personnel(ctx context.Context, agencyID int64, after string, limit int32) ([]store.Personnel, error)
}

// Personnel serves PersonnelService.
type Personnel struct {
	clinicalv1.UnimplementedPersonnelServiceServer
	store PersonnelStore
	pages *page.Sealer
}

// NewPersonnel returns the server of PersonnelService.
func NewPersonnel(s PersonnelStore, pages *page.Sealer) *Personnel {
	return &Personnel{store: s, pages: pages}
}

// UpdatePersonnel sets the crew ids of a login.
func (s *Personnel) UpdatePersonnel(ctx context.Context, req *clinicalv1.UpdatePersonnelRequest) (*clinicalv1.Personnel, error) {
	p, _ := identity.From(ctx)
	updated, err := s.store.SetPersonnel(ctx, p.AgencyID, req.GetSubject(), req.GetCrewIds())
	if err != nil {
		return nil, err
	}
	return personnelOf(updated), nil
}

// ListPersonnel lists the bindings of the agency.
func (s *Personnel) ListPersonnel(ctx context.Context, req *clinicalv1.ListPersonnelRequest) (*clinicalv1.ListPersonnelResponse, error) {
	p, _ := identity.From(ctx)
	rows, next, err := page.Read(s.pages, p, "personnel", req, func(after string, limit int32) ([]store.Personnel, error) {
		return s.store.Personnel(ctx, p.AgencyID, after, limit)
	}, func(last store.Personnel) string { return last.Subject })
	res := &clinicalv1.ListPersonnelResponse{NextPageToken: next}
	for i := range rows {
		res.Personnel = append(res.Personnel, personnelOf(&rows[i]))
	}
	return res, err
}
