package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	"github.com/fusionems/quantum/services/agency/internal/directory"
)

// People serves PersonService.
type People struct {
	agencyv1.UnimplementedPersonServiceServer
	directory *directory.Service
	pages     *page.Sealer
}

// NewPeople returns the server of PersonService.
func NewPeople(d *directory.Service, pages *page.Sealer) *People {
	return &People{directory: d, pages: pages}
}

// ListPeople answers the people of the caller's agency by login.
func (s *People) ListPeople(ctx context.Context, req *agencyv1.ListPeopleRequest) (*agencyv1.ListPeopleResponse, error) {
	p, _ := identity.From(ctx)
	list, next, err := page.Read(s.pages, p, "ListPeople/"+req.GetRole(), req,
		func(after directory.Position, limit int32) ([]directory.Person, error) {
			return s.directory.List(ctx, directory.Query{Role: req.GetRole(), After: after, Limit: limit})
		},
		func(d directory.Person) directory.Position {
			return directory.Position{Login: d.Login, Subject: d.Subject}
		})
	if err != nil {
		return nil, err
	}
	out := &agencyv1.ListPeopleResponse{NextPageToken: next}
	for _, d := range list {
		out.People = append(out.People, personTo(d))
	}
	return out, nil
}

func personTo(d directory.Person) *agencyv1.Person {
	return &agencyv1.Person{
		Subject: d.Subject, AgencyId: d.AgencyID, Login: d.Login, Roles: d.Roles,
		FirstSeenTime: timestamppb.New(d.FirstSeen), LastSeenTime: timestamppb.New(d.LastSeen),
	}
}
