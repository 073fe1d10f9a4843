package visit

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/room"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// EnterWaitingRoom makes the caller visible to the provider. Asking twice changes nothing.
func (s *Service) EnterWaitingRoom(ctx context.Context, req *carefusionv1.EnterWaitingRoomRequest) (*carefusionv1.Session, error) {
	return s.change(ctx, req.GetAppointmentId(), func(ctx context.Context, tx store.Tx, now Session) error {
		if now.State == Waiting {
			return nil
		}
		if _, ok := Next(now.State, Wait, role(ctx)); !ok {
			return errState
		}
		return exec(ctx, tx, `UPDATE carefusion.session SET state = 'WAITING', wait_time = $2 WHERE appointment_id = $1`, now.Appointment, s.Clock())
	})
}

// AdmitPatient lets a waiting patient in.
func (s *Service) AdmitPatient(ctx context.Context, req *carefusionv1.AdmitPatientRequest) (*carefusionv1.Session, error) {
	return s.change(ctx, req.GetAppointmentId(), func(ctx context.Context, tx store.Tx, now Session) error {
		if _, ok := Next(now.State, Admit, role(ctx)); !ok {
			return errState
		}
		// Cancelled while waiting: there is nothing to admit to.
		tag, err := tx.Exec(ctx, `UPDATE carefusion.appointment SET state = 'IN_PROGRESS' WHERE appointment_id = $1 AND state IN ('SCHEDULED', 'IN_PROGRESS')`, now.Appointment)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errState
		}
		return exec(ctx, tx, `UPDATE carefusion.session SET state = 'ADMITTED', admit_time = $2 WHERE appointment_id = $1`, now.Appointment, s.Clock())
	})
}

// StartCall opens a room with a new name.
func (s *Service) StartCall(ctx context.Context, req *carefusionv1.StartCallRequest) (*carefusionv1.Session, error) {
	return s.change(ctx, req.GetAppointmentId(), func(ctx context.Context, tx store.Tx, now Session) error {
		if _, ok := Next(now.State, Start, role(ctx)); !ok {
			return errState
		}
		if yes, err := Consented(ctx, tx, now.Appointment, "CARE"); err != nil || !yes {
			return either(err, errConsent)
		}
		if s.Room == nil {
			return errVideo
		}
		return exec(ctx, tx, `UPDATE carefusion.session SET state = 'IN_CALL', room = $2, start_time = COALESCE(start_time, $3) WHERE appointment_id = $1`,
			now.Appointment, room.NewName(), s.Clock())
	})
}

// EndSession completes the appointment and, if there was a call, makes it an encounter.
func (s *Service) EndSession(ctx context.Context, req *carefusionv1.EndSessionRequest) (*carefusionv1.Session, error) {
	return s.change(ctx, req.GetAppointmentId(), func(ctx context.Context, tx store.Tx, now Session) error {
		if _, ok := Next(now.State, End, role(ctx)); !ok {
			return errState
		}
		tag, err := tx.Exec(ctx, `UPDATE carefusion.appointment SET state = 'COMPLETED' WHERE appointment_id = $1 AND state = 'IN_PROGRESS'`, now.Appointment)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errState
		}
		if now.start != nil {
			if err := exec(ctx, tx, `INSERT INTO carefusion.encounter VALUES ($1, $2, $3, $4, $5)`, now.Appointment, now.Patient, now.Provider, *now.start, s.Clock()); err != nil {
				return err
			}
		}
		if err := closing(ctx, tx, now); err != nil {
			return err
		}
		return exec(ctx, tx, `UPDATE carefusion.session SET state = 'ENDED', room = NULL, recording = false, end_time = $2 WHERE appointment_id = $1`, now.Appointment, s.Clock())
	})
}

// closing writes the commands that end a room with what runs in it.
func closing(ctx context.Context, tx store.Tx, now Session) error {
	if now.Recording {
		if err := Command(ctx, tx, now, "STOP_RECORDING"); err != nil {
			return err
		}
	}
	if now.Room == "" {
		return nil
	}
	return Command(ctx, tx, now, "CLOSE")
}

// Withdrawn does what a withdrawal means for the session, in the transaction that records it.
func Withdrawn(ctx context.Context, tx store.Tx, now Session, purpose string) error {
	switch purpose {
	case "CARE":
		next, ok := Next(now.State, Withdraw, carefusionv1.Role_ROLE_PATIENT)
		if !ok {
			return nil
		}
		if err := closing(ctx, tx, now); err != nil {
			return err
		}
		return exec(ctx, tx, `UPDATE carefusion.session SET state = $2, room = NULL, recording = false, consent_epoch = consent_epoch + 1 WHERE appointment_id = $1`,
			now.Appointment, next)
	case "RECORDING":
		if !now.Recording {
			return nil
		}
		if err := Command(ctx, tx, now, "STOP_RECORDING"); err != nil {
			return err
		}
		return exec(ctx, tx, `UPDATE carefusion.session SET recording = false WHERE appointment_id = $1`, now.Appointment)
	}
	return nil
}

// StartRecording needs the deployment's flag, a call and the patient's consent.
func (s *Service) StartRecording(ctx context.Context, req *carefusionv1.StartRecordingRequest) (*carefusionv1.Session, error) {
	return s.change(ctx, req.GetAppointmentId(), func(ctx context.Context, tx store.Tx, now Session) error {
		if s.Recorder == nil {
			return fault.Precondition("RECORDING_DISABLED", "Recording is off in this deployment.")
		}
		if now.State != InCall || now.Recording {
			return errState
		}
		if yes, err := Consented(ctx, tx, now.Appointment, "RECORDING"); err != nil || !yes {
			return either(err, errConsent)
		}
		if err := Command(ctx, tx, now, "START_RECORDING"); err != nil {
			return err
		}
		return exec(ctx, tx, `UPDATE carefusion.session SET recording = true WHERE appointment_id = $1`, now.Appointment)
	})
}

// StopRecording ends what runs. Asking twice changes nothing.
func (s *Service) StopRecording(ctx context.Context, req *carefusionv1.StopRecordingRequest) (*carefusionv1.Session, error) {
	return s.change(ctx, req.GetAppointmentId(), func(ctx context.Context, tx store.Tx, now Session) error {
		return Withdrawn(ctx, tx, now, "RECORDING")
	})
}

// queueing is how long a join waits for others to be done with the video server.
const queueing = 5 * time.Second

// JoinSession mints a token that lets the caller watch; the right to send follows when the room shows the join and the call
// still stands. The session stays locked while the room is opened: a withdrawal comes before, and then there is no room, or
// after, and then it closes this one. So a room that was closed is never opened again.
func (s *Service) JoinSession(ctx context.Context, req *carefusionv1.JoinSessionRequest) (*carefusionv1.JoinSessionResponse, error) {
	id := req.GetAppointmentId()
	audit.Target(ctx, "appointments/"+id)
	who, _ := identity.From(ctx)
	select {
	case s.Opening <- struct{}{}:
		defer func() { <-s.Opening }()
	case <-time.After(queueing):
		return nil, errVideo
	}
	var c room.Credential
	var g room.Grant
	expires := s.Clock().Add(s.TokenTTL)
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		now, err := s.joinable(ctx, tx, id)
		if err != nil {
			return err
		}
		g = room.Grant{Room: now.Room, Identity: room.NewIdentity(), TTL: s.TokenTTL}
		if err := s.Room.Open(ctx, g.Room); err != nil {
			return errVideo
		}
		if c, err = s.Room.Token(ctx, g); err != nil {
			return errVideo
		}
		return exec(ctx, tx, `INSERT INTO carefusion.participant (identity, appointment_id, patient_id, provider_id, subject, room, issue_time, expire_time)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, g.Identity, id, now.Patient, now.Provider, who.Subject, g.Room, s.Clock(), expires)
	})
	if err != nil {
		return nil, err
	}
	out := &carefusionv1.JoinSessionResponse{Token: c.Token, Url: c.URL, Room: g.Room, Identity: g.Identity, ExpireTime: timestamppb.New(expires)}
	for _, i := range c.ICE {
		out.IceServers = append(out.IceServers, &carefusionv1.IceServer{Urls: i.URLs, Username: i.Username, Credential: i.Credential})
	}
	return out, nil
}

func (s *Service) joinable(ctx context.Context, tx store.Tx, id string) (Session, error) {
	now, err := Lock(ctx, tx, id)
	if err != nil {
		return now, err
	}
	if now.State != InCall {
		return now, errState
	}
	if yes, err := Consented(ctx, tx, id, "CARE"); err != nil || !yes {
		return now, either(err, errConsent)
	}
	if s.Room == nil {
		return now, errVideo
	}
	return now, nil
}

func exec(ctx context.Context, tx store.Tx, sql string, args ...any) error {
	_, err := tx.Exec(ctx, sql, args...)
	return err
}

func either(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
