package visit

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/room"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// Service implements SessionService.
type Service struct {
	carefusionv1.UnimplementedSessionServiceServer
	DB    *store.DB
	Clock func() time.Time
	// Room is nil where no video server is configured: visits come as far as the call and say so.
	Room room.Room
	// Recorder is nil where recording is off, which is the default.
	Recorder room.Recorder
	// TokenTTL is how long one may take to join.
	TokenTTL time.Duration
	// CheckInLead is how long before the start one may check in.
	CheckInLead time.Duration
	// Wake tells the worker that a command was written.
	Wake chan struct{}
	// Opening holds a place for each join that may ask the video server at once. A join has a connection to the database
	// meanwhile: a server that hangs must not take all of them from calls that need no video.
	Opening chan struct{}
	answers atomic.Bool
}

var (
	errNotFound = fault.NotFound("SESSION_NOT_FOUND", "The appointment has no session, or there is no such appointment.")
	errState    = fault.Precondition("SESSION_STATE", "The session is not in a state that permits this.")
	errConsent  = fault.Precondition("CONSENT_REQUIRED", "The patient has not consented to this.")
	errVideo    = fault.Unavailable("VIDEO_UNAVAILABLE", "There is no video at the moment.")
)

// Session is one row.
type Session struct {
	Appointment, Patient, Provider string
	State                          State
	Epoch                          int32
	Room                           string
	Recording                      bool
	checkIn                        time.Time
	admit, start, end              *time.Time
}

// Lock reads the session of an appointment and keeps it from changing until the transaction ends.
func Lock(ctx context.Context, tx store.Tx, appointment string) (Session, error) {
	return read(ctx, tx, appointment, ` FOR UPDATE`)
}

func read(ctx context.Context, tx store.Tx, appointment, lock string) (Session, error) {
	found, err := query(ctx, tx, `appointment_id = $1`+lock, appointment)
	if err == nil && len(found) == 0 {
		err = errNotFound
	}
	if err != nil {
		return Session{}, err
	}
	return found[0], nil
}

func query(ctx context.Context, tx store.Tx, where string, args ...any) ([]Session, error) {
	rows, err := tx.Query(ctx, `SELECT appointment_id::text, patient_id::text, provider_id::text, state, consent_epoch, COALESCE(room, ''), recording,
		check_in_time, admit_time, start_time, end_time FROM carefusion.session WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Session
	for rows.Next() {
		var s Session
		if err := rows.Scan(&s.Appointment, &s.Patient, &s.Provider, &s.State, &s.Epoch, &s.Room, &s.Recording, &s.checkIn, &s.admit, &s.start, &s.end); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// Proto leaves the room's name out: it is told with a token and not otherwise.
func (s Session) Proto() *carefusionv1.Session {
	stamp := func(t *time.Time) *timestamppb.Timestamp {
		if t == nil {
			return nil
		}
		return timestamppb.New(*t)
	}
	return &carefusionv1.Session{AppointmentId: s.Appointment, ConsentEpoch: s.Epoch, Recording: s.Recording,
		State:       carefusionv1.SessionState(carefusionv1.SessionState_value["SESSION_STATE_"+string(s.State)]),
		CheckInTime: timestamppb.New(s.checkIn), AdmitTime: stamp(s.admit), StartTime: stamp(s.start), EndTime: stamp(s.end)}
}

// Consented reports the last decision on a purpose.
func Consented(ctx context.Context, tx store.Tx, appointment, purpose string) (bool, error) {
	var yes bool
	err := tx.QueryRow(ctx, `SELECT carefusion.consented($1, $2)`, appointment, purpose).Scan(&yes)
	return yes, err
}

// Command writes what must happen to a room, in the transaction that makes it necessary.
func Command(ctx context.Context, tx store.Tx, s Session, kind string) error {
	_, err := tx.Exec(ctx, `INSERT INTO carefusion.room_command (command_id, appointment_id, patient_id, provider_id, room, kind)
		VALUES ($1, $2, $3, $4, $5, $6)`, store.NewID(), s.Appointment, s.Patient, s.Provider, s.Room, kind)
	return err
}

// change locks the session, runs fn and answers the session as it then is.
func (s *Service) change(ctx context.Context, appointment string, fn func(ctx context.Context, tx store.Tx, now Session) error) (*carefusionv1.Session, error) {
	audit.Target(ctx, "appointments/"+appointment)
	var out *carefusionv1.Session
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		now, err := Lock(ctx, tx, appointment)
		if err != nil {
			return err
		}
		if err := fn(ctx, tx, now); err != nil {
			return err
		}
		now, err = read(ctx, tx, appointment, "")
		out = now.Proto()
		return err
	})
	if err != nil {
		return nil, err
	}
	s.wake()
	return out, nil
}

func (s *Service) wake() {
	select {
	case s.Wake <- struct{}{}:
	default:
	}
}

func role(ctx context.Context) carefusionv1.Role {
	p, _ := identity.From(ctx)
	return p.Role
}

// GetSession reads the session.
func (s *Service) GetSession(ctx context.Context, req *carefusionv1.GetSessionRequest) (*carefusionv1.Session, error) {
	audit.Target(ctx, "appointments/"+req.GetAppointmentId())
	var out *carefusionv1.Session
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		found, err := read(ctx, tx, req.GetAppointmentId(), "")
		if err == nil {
			out = found.Proto()
		}
		return err
	})
	return out, err
}

// ListWaiting lists who waits for the caller.
func (s *Service) ListWaiting(ctx context.Context, _ *carefusionv1.ListWaitingRequest) (*carefusionv1.ListWaitingResponse, error) {
	out := &carefusionv1.ListWaitingResponse{}
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		found, err := query(ctx, tx, `provider_id = carefusion.caller() AND state = 'WAITING' AND EXISTS (SELECT FROM carefusion.appointment a
			WHERE a.appointment_id = session.appointment_id AND a.state IN ('SCHEDULED', 'IN_PROGRESS')) ORDER BY wait_time, appointment_id`)
		for _, f := range found {
			out.Sessions = append(out.Sessions, f.Proto())
		}
		return err
	})
	return out, err
}

// CheckIn opens the session; who was in already is told where they are.
func (s *Service) CheckIn(ctx context.Context, req *carefusionv1.CheckInRequest) (*carefusionv1.Session, error) {
	id, now := req.GetAppointmentId(), s.Clock()
	audit.Target(ctx, "appointments/"+id)
	var out *carefusionv1.Session
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		var state string
		var start, end time.Time
		// Held until the session is there: nobody checks in to a time from which the appointment is being moved.
		err := tx.QueryRow(ctx, `SELECT state, start_time, end_time FROM carefusion.appointment WHERE appointment_id = $1 FOR SHARE`, id).Scan(&state, &start, &end)
		if errors.Is(err, store.ErrNoRows) {
			return errNotFound
		}
		if err != nil {
			return err
		}
		if found, err := read(ctx, tx, id, ""); err == nil {
			out = found.Proto()
			return nil
		}
		if state != "SCHEDULED" || !now.Before(end) {
			return errState
		}
		if now.Before(start.Add(-s.CheckInLead)) {
			return fault.Precondition("TOO_EARLY", "Check in shortly before the appointment.")
		}
		// The other of two check-ins at once waits here and then finds the row.
		if _, err := tx.Exec(ctx, `INSERT INTO carefusion.session (appointment_id, patient_id, provider_id, state, check_in_time)
			SELECT appointment_id, patient_id, provider_id, 'CHECKED_IN', $2 FROM carefusion.appointment WHERE appointment_id = $1
			ON CONFLICT (appointment_id) DO NOTHING`, id, now); err != nil {
			return err
		}
		found, err := read(ctx, tx, id, "")
		out = found.Proto()
		return err
	})
	return out, err
}
