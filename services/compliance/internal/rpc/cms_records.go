package rpc

import (
	"context"
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/rpc"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/cms"
	"github.com/fusionems/quantum/services/compliance/internal/keeper"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/screen"
)

// Cms serves CmsService.
type Cms struct {
	compliancev1.UnimplementedCmsServiceServer
	shared
	records *keeper.Keeper[cms.Enrollment]
}

// NewCms returns the server of CmsService.
func NewCms(w Workspace) *Cms {
	records := keeper.New(cms.Workspace, w.Store.Enrollments(), keeper.Screen{Text: screen.Text, JSON: screen.JSON}, w.Clock.Now)
	return &Cms{shared: shared{w, cms.Workspace}, records: records}
}

// ListCmsMetadata answers one page of enrollments.
func (s *Cms) ListCmsMetadata(ctx context.Context, req *compliancev1.ListCmsMetadataRequest) (*compliancev1.ListCmsMetadataResponse, error) {
	list, next, err := listed(ctx, s.shared, s.records, req, func(last cms.Enrollment) *time.Time { return last.RevalidationDueDate })
	out := &compliancev1.ListCmsMetadataResponse{NextPageToken: next}
	for _, r := range list {
		out.Metadata = append(out.Metadata, enrollmentTo(r))
	}
	return out, err
}

// GetCmsMetadata answers one enrollment.
func (s *Cms) GetCmsMetadata(ctx context.Context, req *compliancev1.GetCmsMetadataRequest) (*compliancev1.CmsEnrollment, error) {
	id, err := idOf(req.GetId(), record.NotFound)
	if err != nil {
		return nil, err
	}
	return enrollmentOr(s.records.Get(ctx, id))
}

// CreateCmsMetadata makes an enrollment.
func (s *Cms) CreateCmsMetadata(ctx context.Context, req *compliancev1.CreateCmsMetadataRequest) (*compliancev1.CmsEnrollment, error) {
	id, err := requestID(req.GetRequestId())
	if err != nil {
		return nil, err
	}
	r, err := enrollmentFrom(req.GetMetadata())
	if err != nil {
		return nil, err
	}
	out, err := enrollmentOr(s.records.Create(ctx, r, id))
	if err != nil {
		return nil, err
	}
	return out, rpc.Created(ctx)
}

// UpdateCmsMetadata changes an enrollment.
func (s *Cms) UpdateCmsMetadata(ctx context.Context, req *compliancev1.UpdateCmsMetadataRequest) (*compliancev1.CmsEnrollment, error) {
	id, err := idOf(req.GetId(), record.NotFound)
	if err != nil {
		return nil, err
	}
	r, err := enrollmentFrom(req.GetMetadata())
	if err != nil {
		return nil, err
	}
	return enrollmentOr(s.records.Update(ctx, id, r, maskOf(req.GetUpdateMask()), req.GetMetadata().GetEtag()))
}

// DeleteCmsMetadata retires an enrollment.
func (s *Cms) DeleteCmsMetadata(ctx context.Context, req *compliancev1.DeleteCmsMetadataRequest) (*compliancev1.CmsEnrollment, error) {
	id, err := idOf(req.GetId(), record.NotFound)
	if err != nil {
		return nil, err
	}
	return enrollmentOr(s.records.Retire(ctx, id, record.RetireReason(req.GetReason()), req.GetEtag())) //nolint:gosec // a defined code
}

func enrollmentOr(r cms.Enrollment, err error) (*compliancev1.CmsEnrollment, error) {
	if err != nil {
		return nil, err
	}
	return enrollmentTo(r), nil
}

func enrollmentTo(e cms.Enrollment) *compliancev1.CmsEnrollment {
	out := &compliancev1.CmsEnrollment{
		Id: e.ID.String(), AgencyId: e.AgencyID, SupplierName: e.SupplierName, NpiReference: e.NPI, PtanReference: e.PTAN,
		EnrollmentStatus: string(e.Status), Etag: e.Etag(), Warnings: warningsTo(e.Warnings), EnrollmentState: e.State,
		PecosEnrollmentId: e.PECOSEnrollmentID, MacIdentifier: e.MACIdentifier, EffectiveDate: dateTo(e.EffectiveDate),
		DeactivationDate: dateTo(e.DeactivationDate), RevalidationDueDate: dateTo(e.RevalidationDueDate),
		LastVerifiedDate: dateTo(e.LastVerifiedDate), VerificationSource: compliancev1.VerificationSource(e.Source),
		CreateTime: timestamppb.New(e.CreateTime), UpdateTime: timestamppb.New(e.UpdateTime),
		RetireTime: timeTo(e.RetireTime), RetireReason: compliancev1.RetireReason(e.RetireReason),
	}
	for _, p := range e.Payers {
		out.PayerParticipation = append(out.PayerParticipation, &compliancev1.PayerParticipation{
			PayerId: p.PayerID, Status: compliancev1.PayerParticipation_Status(p.Status),
			EffectiveDate: dateTo(storedDay(p.EffectiveDate)), EndDate: dateTo(storedDay(p.EndDate)),
		})
	}
	return out
}

// storedDay is a day as this service stored it; another text was never accepted.
func storedDay(s string) *time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return nil
	}
	return &t
}

//nolint:gosec // codes are defined values
func enrollmentFrom(m *compliancev1.CmsEnrollment) (cms.Enrollment, error) {
	var d dates
	e := cms.Enrollment{
		SupplierName: m.GetSupplierName(), NPI: m.GetNpiReference(), PTAN: m.GetPtanReference(), State: m.GetEnrollmentState(),
		PECOSEnrollmentID: m.GetPecosEnrollmentId(), MACIdentifier: m.GetMacIdentifier(),
		EffectiveDate: d.from("effectiveDate", m.GetEffectiveDate()), DeactivationDate: d.from("deactivationDate", m.GetDeactivationDate()),
		RevalidationDueDate: d.from("revalidationDueDate", m.GetRevalidationDueDate()),
	}
	e.LastVerifiedDate, e.Source = d.from("lastVerifiedDate", m.GetLastVerifiedDate()), record.Source(m.GetVerificationSource())
	for i, p := range m.GetPayerParticipation() {
		at := "payerParticipation[" + strconv.Itoa(i) + "]."
		e.Payers = append(e.Payers, cms.Participation{
			PayerID: p.GetPayerId(), Status: cms.ParticipationStatus(p.GetStatus()),
			EffectiveDate: d.text(at+"effectiveDate", p.GetEffectiveDate()), EndDate: d.text(at+"endDate", p.GetEndDate()),
		})
	}
	return e, d.err
}
