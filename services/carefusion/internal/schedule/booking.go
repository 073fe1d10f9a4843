package schedule

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/page"
	"github.com/fusionems/quantum/services/carefusion/internal/provider"
	"github.com/fusionems/quantum/services/carefusion/internal/seal"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// Booking implements AppointmentService.
type Booking struct {
	carefusionv1.UnimplementedAppointmentServiceServer
	DB           *store.DB
	Seal         *seal.Sealer
	Pages        page.Pages
	Clock        func() time.Time
	Availability *Availability
	// Lead is how long before an appointment its reminder is due.
	Lead time.Duration
}

var (
	errNotFound = fault.NotFound("APPOINTMENT_NOT_FOUND", "There is no such appointment.")
	errTaken    = fault.Exists("SLOT_TAKEN", "Somebody else has booked this slot. List the free slots again.")
)

func placeReason(id string) string { return "appointment reason " + id }

// BookAppointment books a slot or says why not. That nobody else gets it is the database's exclusion constraint.
func (s *Booking) BookAppointment(ctx context.Context, req *carefusionv1.BookAppointmentRequest) (*carefusionv1.Appointment, error) {
	var out *carefusionv1.Appointment
	id := store.NewID().String()
	audit.Target(ctx, "appointments/"+id)
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		if out, err = s.earlier(ctx, tx, req); out != nil || err != nil {
			return err
		}
		slot, state, err := s.bookable(ctx, tx, req.GetProviderId(), req.GetStartTime().AsTime())
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO carefusion.appointment
			(appointment_id, patient_id, provider_id, start_time, end_time, patient_state, sealed_reason, remind_time, request_id)
			VALUES ($1, carefusion.caller(), $2, $3, $4, $5, $6, $7, $8)`, id, req.GetProviderId(), slot.Start, slot.End, state,
			s.Seal.Seal(placeReason(id), req.GetReasonForVisit()), s.remind(slot.Start), req.GetRequestId())
		if err != nil {
			return refused(err)
		}
		out, err = s.get(ctx, tx, id)
		return err
	})
	if errors.Is(err, errRepeated) {
		return s.repeated(ctx, req)
	}
	return out, err
}

var errRepeated = errors.New("schedule: the same request at the same time")

func refused(err error) error {
	switch store.Violated(err) {
	case "busy_provider":
		return errTaken
	case "busy_patient":
		return fault.Exists("PATIENT_BUSY", "The caller has another appointment at this time.")
	case "appointment_patient_id_request_id_key":
		return errRepeated
	}
	return err
}

// repeated answers the twin that won when one request came twice at once.
func (s *Booking) repeated(ctx context.Context, req *carefusionv1.BookAppointmentRequest) (*carefusionv1.Appointment, error) {
	var out *carefusionv1.Appointment
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = s.earlier(ctx, tx, req)
		return err
	})
	if err == nil && out == nil {
		err = errNotFound
	}
	return out, err
}

// earlier is the appointment that the same request made before, if any.
func (s *Booking) earlier(ctx context.Context, tx store.Tx, req *carefusionv1.BookAppointmentRequest) (*carefusionv1.Appointment, error) {
	found, err := s.query(ctx, tx, `patient_id = carefusion.caller() AND request_id = $1`, req.GetRequestId())
	if err != nil || len(found) == 0 {
		return nil, err
	}
	if found[0].GetProviderId() != req.GetProviderId() || !found[0].GetStartTime().AsTime().Equal(req.GetStartTime().AsTime()) {
		return nil, fault.Exists("REQUEST_ID_REUSED", "This requestId was used for another booking. Choose a new one.")
	}
	return found[0], nil
}

// bookable answers the slot and the patient's state, or which rule is broken.
func (s *Booking) bookable(ctx context.Context, tx store.Tx, providerID string, start time.Time) (Slot, string, error) {
	var state string
	err := tx.QueryRow(ctx, `SELECT state FROM carefusion.patient WHERE patient_id = carefusion.caller()`).Scan(&state)
	if errors.Is(err, store.ErrNoRows) {
		return Slot{}, "", fault.Precondition("PATIENT_NOT_FOUND", "Register as a patient first.")
	}
	if err != nil {
		return Slot{}, "", err
	}
	p, err := provider.Get(ctx, tx, providerID)
	if err != nil {
		return Slot{}, "", err
	}
	if p.GetState() != carefusionv1.ProviderState_PROVIDER_STATE_ACTIVE {
		return Slot{}, "", fault.Precondition("PROVIDER_STATE", "The provider does not take bookings.")
	}
	if !start.After(s.Clock()) {
		return Slot{}, "", fault.Precondition("SLOT_PAST", "The slot has begun. List the free slots again.")
	}
	plan, err := s.Availability.plan(ctx, tx, p)
	if err != nil {
		return Slot{}, "", err
	}
	slot, ok := plan.At(start)
	if !ok {
		return Slot{}, "", fault.Precondition("SLOT_UNKNOWN", "The provider has no slot that starts then. List the free slots.")
	}
	if !provider.LicensedOn(p, state, start.In(plan.Zone)) {
		return Slot{}, "", fault.Precondition("PROVIDER_NOT_LICENSED", "The provider has no licence that is valid that day in the state where the patient is.")
	}
	return slot, state, nil
}

// remind is when to remind; nothing if that moment has passed.
func (s *Booking) remind(start time.Time) *time.Time {
	at := start.Add(-s.Lead)
	if !at.After(s.Clock()) {
		return nil
	}
	return &at
}

// CancelAppointment gives the slot back.
func (s *Booking) CancelAppointment(ctx context.Context, req *carefusionv1.CancelAppointmentRequest) (*carefusionv1.Appointment, error) {
	reason := req.GetReason().String()[len("CANCEL_REASON_"):]
	return s.move(ctx, req.GetAppointmentId(), `UPDATE carefusion.appointment SET state = 'CANCELLED', cancel_reason = $2
		WHERE appointment_id = $1 AND state = 'SCHEDULED'`, reason)
}

// MarkNoShow is possible once the appointment has begun.
func (s *Booking) MarkNoShow(ctx context.Context, req *carefusionv1.MarkNoShowRequest) (*carefusionv1.Appointment, error) {
	return s.move(ctx, req.GetAppointmentId(), `UPDATE carefusion.appointment SET state = 'NO_SHOW'
		WHERE appointment_id = $1 AND state = 'SCHEDULED' AND start_time <= $2`, s.Clock())
}

func (s *Booking) move(ctx context.Context, id, update string, arg any) (*carefusionv1.Appointment, error) {
	audit.Target(ctx, "appointments/"+id)
	var out *carefusionv1.Appointment
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, err := s.get(ctx, tx, id); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, update, id, arg)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.Precondition("APPOINTMENT_STATE", "The appointment is not in a state that permits this.")
		}
		out, err = s.get(ctx, tx, id)
		return err
	})
	return out, err
}

// GetAppointment reads one.
func (s *Booking) GetAppointment(ctx context.Context, req *carefusionv1.GetAppointmentRequest) (*carefusionv1.Appointment, error) {
	audit.Target(ctx, "appointments/"+req.GetAppointmentId())
	var out *carefusionv1.Appointment
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = s.get(ctx, tx, req.GetAppointmentId())
		return err
	})
	return out, err
}

func (s *Booking) get(ctx context.Context, tx store.Tx, id string) (*carefusionv1.Appointment, error) {
	found, err := s.query(ctx, tx, `appointment_id = $1`, id)
	if err == nil && len(found) == 0 {
		err = errNotFound
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

func (s *Booking) query(ctx context.Context, tx store.Tx, where string, args ...any) ([]*carefusionv1.Appointment, error) {
	rows, err := tx.Query(ctx, `SELECT appointment_id::text, patient_id::text, provider_id::text, start_time, end_time, state, patient_state,
		sealed_reason, COALESCE(cancel_reason, 'UNSPECIFIED') FROM carefusion.appointment WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*carefusionv1.Appointment
	for rows.Next() {
		a := &carefusionv1.Appointment{}
		var start, end time.Time
		var state, cancel string
		var reason []byte
		if err := rows.Scan(&a.AppointmentId, &a.PatientId, &a.ProviderId, &start, &end, &state, &a.PatientState, &reason, &cancel); err != nil {
			return nil, err
		}
		if a.ReasonForVisit, err = s.Seal.Open(placeReason(a.GetAppointmentId()), reason); err != nil {
			return nil, err
		}
		a.StartTime, a.EndTime = timestamppb.New(start), timestamppb.New(end)
		a.State = carefusionv1.AppointmentState(carefusionv1.AppointmentState_value["APPOINTMENT_STATE_"+state])
		a.CancelReason = carefusionv1.CancelReason(carefusionv1.CancelReason_value["CANCEL_REASON_"+cancel])
		out = append(out, a)
	}
	return out, rows.Err()
}
