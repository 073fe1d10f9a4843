package schedule

import (
	"context"
	"errors"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// RescheduleAppointment moves an appointment: in one transaction the old slot becomes free and the new one is taken, or neither. The
// row is held from the first look on, so that of two moves, or of a move and a cancellation, the second sees what the first did.
func (s *Booking) RescheduleAppointment(ctx context.Context, req *carefusionv1.RescheduleAppointmentRequest) (*carefusionv1.Appointment, error) {
	id, start := req.GetAppointmentId(), req.GetStartTime().AsTime()
	audit.Target(ctx, "appointments/"+id)
	var out *carefusionv1.Appointment
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		found, err := s.query(ctx, tx, `appointment_id = $1 FOR UPDATE`, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return errNotFound
		}
		now := found[0]
		repeated, err := movedBy(ctx, tx, req)
		if err != nil || repeated {
			out = now
			return err
		}
		if err := s.movable(ctx, tx, now); err != nil {
			return err
		}
		if start.Equal(now.GetStartTime().AsTime()) {
			out = now
			return nil
		}
		if err := s.shift(ctx, tx, req, now); err != nil {
			return err
		}
		out, err = s.get(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// shift takes the new slot. That nobody else has it is the database's exclusion constraint, as in booking.
func (s *Booking) shift(ctx context.Context, tx store.Tx, req *carefusionv1.RescheduleAppointmentRequest, now *carefusionv1.Appointment) error {
	slot, state, err := s.bookable(ctx, tx, now.GetProviderId(), req.GetStartTime().AsTime())
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE carefusion.appointment SET start_time = $2, end_time = $3, patient_state = $4, remind_time = $5 WHERE appointment_id = $1`,
		now.GetAppointmentId(), slot.Start, slot.End, state, s.remind(slot.Start)); err != nil {
		return refused(err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO carefusion.appointment_move (move_id, appointment_id, patient_id, provider_id, from_time, to_time, request_id, move_time)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, store.NewID(), now.GetAppointmentId(), now.GetPatientId(), now.GetProviderId(),
		now.GetStartTime().AsTime(), slot.Start, req.GetRequestId(), s.Clock())
	if store.Violated(err) == "appointment_move_patient_id_request_id_key" {
		return errReused
	}
	return err
}

var errReused = fault.Exists("REQUEST_ID_REUSED", "This requestId was used for another move. Choose a new one.")

// movedBy reports whether this request moved the appointment before.
func movedBy(ctx context.Context, tx store.Tx, req *carefusionv1.RescheduleAppointmentRequest) (bool, error) {
	var same bool
	err := tx.QueryRow(ctx, `SELECT appointment_id = $2 AND to_time = $3 FROM carefusion.appointment_move WHERE patient_id = carefusion.caller() AND request_id = $1`,
		req.GetRequestId(), req.GetAppointmentId(), req.GetStartTime().AsTime()).Scan(&same)
	if errors.Is(err, store.ErrNoRows) {
		return false, nil
	}
	if err == nil && !same {
		err = errReused
	}
	return same, err
}

// movable refuses what has begun: who did not come in time, or came, does not get another time out of it.
func (s *Booking) movable(ctx context.Context, tx store.Tx, now *carefusionv1.Appointment) error {
	if now.GetState() != carefusionv1.AppointmentState_APPOINTMENT_STATE_SCHEDULED || !now.GetStartTime().AsTime().After(s.Clock()) {
		return fault.Precondition("APPOINTMENT_STATE", "Only an appointment that is booked and has not begun can be moved.")
	}
	var arrived bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM carefusion.session WHERE appointment_id = $1)`, now.GetAppointmentId()).Scan(&arrived)
	if err == nil && arrived {
		err = fault.Precondition("APPOINTMENT_STATE", "The patient has checked in. Cancel the appointment and book another one.")
	}
	return err
}
