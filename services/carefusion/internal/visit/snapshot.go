package visit

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// Snapshot is what a watcher of a session is told: ids, states and counts. What they stand for is asked for by its own call.
type Snapshot struct {
	AppointmentID    string `json:"appointmentId"`
	AppointmentState string `json:"appointmentState"`
	// StartTime changes when the appointment is moved.
	StartTime time.Time `json:"startTime"`
	// State is SESSION_STATE_UNSPECIFIED until the patient checks in.
	State         string `json:"state"`
	ConsentEpoch  int32  `json:"consentEpoch"`
	Recording     bool   `json:"recording"`
	LastMessageID string `json:"lastMessageId"`
	Consents      int    `json:"consents"`
}

// Snapshot reads as the caller, who sees only what is theirs.
func (s *Service) Snapshot(ctx context.Context, appointment uuid.UUID) (Snapshot, error) {
	var out Snapshot
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		err := tx.QueryRow(ctx, `SELECT a.appointment_id::text, 'APPOINTMENT_STATE_' || a.state, a.start_time, 'SESSION_STATE_' || COALESCE(s.state, 'UNSPECIFIED'),
			COALESCE(s.consent_epoch, 0), COALESCE(s.recording, false),
			COALESCE((SELECT m.message_id::text FROM carefusion.message m WHERE m.appointment_id = a.appointment_id ORDER BY m.message_id DESC LIMIT 1), ''),
			(SELECT count(*) FROM carefusion.consent c WHERE c.appointment_id = a.appointment_id)
			FROM carefusion.appointment a LEFT JOIN carefusion.session s ON s.appointment_id = a.appointment_id WHERE a.appointment_id = $1`, appointment).
			Scan(&out.AppointmentID, &out.AppointmentState, &out.StartTime, &out.State, &out.ConsentEpoch, &out.Recording, &out.LastMessageID, &out.Consents)
		if errors.Is(err, store.ErrNoRows) {
			return errNotFound
		}
		return err
	})
	return out, err
}

// Queue is who waits for the calling provider, longest first.
type Queue struct {
	AppointmentIDs []string `json:"appointmentIds"`
}

// Waiting reads the caller's waiting room.
func (s *Service) Waiting(ctx context.Context) (Queue, error) {
	res, err := s.ListWaiting(ctx, nil)
	out := Queue{AppointmentIDs: []string{}}
	for _, w := range res.GetSessions() {
		out.AppointmentIDs = append(out.AppointmentIDs, w.GetAppointmentId())
	}
	return out, err
}
