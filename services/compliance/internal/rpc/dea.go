package rpc

import (
	"context"
	"time"

	"google.golang.org/genproto/googleapis/type/date"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/dea"
)

// Reader reads registrations as the caller.
type Reader interface {
	List(ctx context.Context, after *dea.Position, limit int32) ([]dea.Registration, dea.Rules, error)
}

// Dea serves DeaService.
type Dea struct {
	compliancev1.UnimplementedDeaServiceServer
	registrations Reader
	pages         *page.Sealer
	clock         clock.Clock
}

// NewDea returns the server of DeaService.
func NewDea(r Reader, pages *page.Sealer, c clock.Clock) *Dea {
	return &Dea{registrations: r, pages: pages, clock: c}
}

// ListDeaMetadata answers one page of registrations.
func (s *Dea) ListDeaMetadata(ctx context.Context, req *compliancev1.ListDeaMetadataRequest) (*compliancev1.ListDeaMetadataResponse, error) {
	size, err := page.Size(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	after, err := s.position(ctx, req.GetPageToken())
	if err != nil {
		return nil, err
	}
	// One more than the page tells whether there is a next one.
	list, rules, err := s.registrations.List(ctx, after, size+1)
	if err != nil {
		return nil, err
	}
	return s.pageOf(ctx, list, rules, int(size))
}

const query = compliancev1.DeaService_ListDeaMetadata_FullMethodName

func (s *Dea) position(ctx context.Context, token string) (*dea.Position, error) {
	p, _ := identity.From(ctx)
	var after dea.Position
	more, err := s.pages.Open(p, query, token, &after)
	if err != nil || !more {
		return nil, err
	}
	return &after, nil
}

func (s *Dea) pageOf(ctx context.Context, list []dea.Registration, rules dea.Rules, size int) (*compliancev1.ListDeaMetadataResponse, error) {
	out := &compliancev1.ListDeaMetadataResponse{}
	if len(list) > size {
		list = list[:size]
		last := list[size-1]
		p, _ := identity.From(ctx)
		token, err := s.pages.Seal(p, query, dea.Position{ExpirationDate: last.ExpirationDate, ID: last.ID})
		if err != nil {
			return nil, err
		}
		out.NextPageToken = token
	}
	now := s.clock.Now()
	for _, r := range list {
		out.Metadata = append(out.Metadata, registrationTo(r, r.StatusOn(now, rules)))
	}
	return out, nil
}

func registrationTo(r dea.Registration, status dea.Status) *compliancev1.DeaRegistration {
	return &compliancev1.DeaRegistration{
		Id: r.ID.String(), AgencyId: r.AgencyID, RegistrantName: r.RegistrantName, DeaRegistrationNumber: r.Number,
		AuthorizedSchedules: r.Schedules, RegistrationStatus: string(status),
		IssueDate: dateTo(r.IssueDate), ExpirationDate: dateTo(r.ExpirationDate),
		CreateTime: timestamppb.New(r.CreateTime), UpdateTime: timestamppb.New(r.UpdateTime),
	}
}

//nolint:gosec // parts of a date
func dateTo(t *time.Time) *date.Date {
	if t == nil {
		return nil
	}
	return &date.Date{Year: int32(t.Year()), Month: int32(t.Month()), Day: int32(t.Day())}
}
