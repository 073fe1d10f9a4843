package rpc

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/rpc"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/dea"
	"github.com/fusionems/quantum/services/compliance/internal/keeper"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/screen"
)

// Dea serves DeaService.
type Dea struct {
	compliancev1.UnimplementedDeaServiceServer
	shared
	records *keeper.Keeper[dea.Registration]
}

// NewDea returns the server of DeaService.
func NewDea(w Workspace) *Dea {
	records := keeper.New(dea.Workspace, w.Store.Registrations(), keeper.Screen{Text: screen.Text, JSON: screen.JSON}, w.Clock.Now)
	return &Dea{shared: shared{w, dea.Workspace}, records: records}
}

// ListDeaMetadata answers one page of registrations.
func (s *Dea) ListDeaMetadata(ctx context.Context, req *compliancev1.ListDeaMetadataRequest) (*compliancev1.ListDeaMetadataResponse, error) {
	list, next, err := listed(ctx, s.shared, s.records, req, func(last dea.Registration) *time.Time { return last.ExpirationDate })
	out := &compliancev1.ListDeaMetadataResponse{NextPageToken: next}
	for _, r := range list {
		out.Metadata = append(out.Metadata, registrationTo(r))
	}
	return out, err
}

// GetDeaMetadata answers one registration.
func (s *Dea) GetDeaMetadata(ctx context.Context, req *compliancev1.GetDeaMetadataRequest) (*compliancev1.DeaRegistration, error) {
	id, err := idOf(req.GetId(), record.NotFound)
	if err != nil {
		return nil, err
	}
	return registrationOr(s.records.Get(ctx, id))
}

// CreateDeaMetadata makes a registration.
func (s *Dea) CreateDeaMetadata(ctx context.Context, req *compliancev1.CreateDeaMetadataRequest) (*compliancev1.DeaRegistration, error) {
	id, err := requestID(req.GetRequestId())
	if err != nil {
		return nil, err
	}
	r, err := registrationFrom(req.GetMetadata())
	if err != nil {
		return nil, err
	}
	out, err := registrationOr(s.records.Create(ctx, r, id))
	if err != nil {
		return nil, err
	}
	return out, rpc.Created(ctx)
}

// UpdateDeaMetadata changes a registration.
func (s *Dea) UpdateDeaMetadata(ctx context.Context, req *compliancev1.UpdateDeaMetadataRequest) (*compliancev1.DeaRegistration, error) {
	id, err := idOf(req.GetId(), record.NotFound)
	if err != nil {
		return nil, err
	}
	r, err := registrationFrom(req.GetMetadata())
	if err != nil {
		return nil, err
	}
	return registrationOr(s.records.Update(ctx, id, r, maskOf(req.GetUpdateMask()), req.GetMetadata().GetEtag()))
}

// DeleteDeaMetadata retires a registration.
func (s *Dea) DeleteDeaMetadata(ctx context.Context, req *compliancev1.DeleteDeaMetadataRequest) (*compliancev1.DeaRegistration, error) {
	id, err := idOf(req.GetId(), record.NotFound)
	if err != nil {
		return nil, err
	}
	return registrationOr(s.records.Retire(ctx, id, record.RetireReason(req.GetReason()), req.GetEtag())) //nolint:gosec // a defined code
}

func registrationOr(r dea.Registration, err error) (*compliancev1.DeaRegistration, error) {
	if err != nil {
		return nil, err
	}
	return registrationTo(r), nil
}

func registrationTo(r dea.Registration) *compliancev1.DeaRegistration {
	return &compliancev1.DeaRegistration{
		Id: r.ID.String(), AgencyId: r.AgencyID, RegistrantName: r.RegistrantName, DeaRegistrationNumber: r.Number,
		AuthorizedSchedules: r.Schedules, RegistrationStatus: string(r.Status), Etag: r.Etag(), Warnings: warningsTo(r.Warnings),
		BusinessActivity: compliancev1.DeaRegistration_BusinessActivity(r.Activity), RegisteredState: r.State, Stationhouse: r.Stationhouse,
		IssueDate: dateTo(r.IssueDate), ExpirationDate: dateTo(r.ExpirationDate), RenewalDueDate: dateTo(r.RenewalDueDate),
		LastVerifiedDate: dateTo(r.LastVerifiedDate), VerificationSource: compliancev1.VerificationSource(r.Source),
		CreateTime: timestamppb.New(r.CreateTime), UpdateTime: timestamppb.New(r.UpdateTime),
		RetireTime: timeTo(r.RetireTime), RetireReason: compliancev1.RetireReason(r.RetireReason),
	}
}

//nolint:gosec // codes are defined values
func registrationFrom(m *compliancev1.DeaRegistration) (dea.Registration, error) {
	var d dates
	r := dea.Registration{
		RegistrantName: m.GetRegistrantName(), Number: m.GetDeaRegistrationNumber(), Schedules: m.GetAuthorizedSchedules(),
		Activity: dea.Activity(m.GetBusinessActivity()), State: m.GetRegisteredState(), Stationhouse: m.GetStationhouse(),
		IssueDate: d.from("issueDate", m.GetIssueDate()), ExpirationDate: d.from("expirationDate", m.GetExpirationDate()),
		RenewalDueDate: d.from("renewalDueDate", m.GetRenewalDueDate()),
	}
	r.LastVerifiedDate, r.Source = d.from("lastVerifiedDate", m.GetLastVerifiedDate()), record.Source(m.GetVerificationSource())
	return r, d.err
}
