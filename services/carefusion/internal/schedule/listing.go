package schedule

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/page"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// ListAppointments lists the caller's.
func (s *Booking) ListAppointments(ctx context.Context, req *carefusionv1.ListAppointmentsRequest) (*carefusionv1.ListAppointmentsResponse, error) {
	last := uuid.UUID{}
	for i := range last {
		last[i] = math.MaxUint8
	}
	from, until := optional(req.GetStartTime()), optional(req.GetEndTime())
	if from != nil && until != nil && !until.After(*from) {
		return nil, fault.Invalid("endTime", "range", "Send an end after the start.")
	}
	// The token of one span does not lead on in another.
	name := fmt.Sprint("appointments ", req.GetStartTime().AsTime().UnixNano(), " ", req.GetEndTime().AsTime().UnixNano())
	before, err := s.Pages.AfterID(ctx, name, req.GetPageToken(), last)
	if err != nil {
		return nil, err
	}
	size := page.Size(req.GetPageSize())
	var all []*carefusionv1.Appointment
	err = s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		all, err = s.query(ctx, tx, `appointment_id < $1 AND carefusion.caller() IN (patient_id, provider_id)
			AND ($3::timestamptz IS NULL OR start_time >= $3) AND ($4::timestamptz IS NULL OR start_time < $4) ORDER BY appointment_id DESC LIMIT $2`,
			before.String(), size+1, from, until)
		return err
	})
	if err != nil {
		return nil, err
	}
	rows, token := page.Cut(ctx, s.Pages, name, all, size, (*carefusionv1.Appointment).GetAppointmentId)
	return &carefusionv1.ListAppointmentsResponse{Appointments: rows, NextPageToken: token}, nil
}

func optional(t *timestamppb.Timestamp) *time.Time {
	if t == nil {
		return nil
	}
	at := t.AsTime()
	return &at
}
