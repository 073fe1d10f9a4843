package chat

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/page"
	"github.com/fusionems/quantum/services/carefusion/internal/seal"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
	"github.com/fusionems/quantum/services/carefusion/internal/visit"
)

// Service implements MessageService.
type Service struct {
	carefusionv1.UnimplementedMessageServiceServer
	DB    *store.DB
	Seal  *seal.Sealer
	Pages page.Pages
	Clock func() time.Time
}

func place(id string) string { return "message body " + id }

// SendMessage holds the session while it looks for consent, so that nothing is sent after a withdrawal was confirmed.
func (s *Service) SendMessage(ctx context.Context, req *carefusionv1.SendMessageRequest) (*carefusionv1.Message, error) {
	audit.Target(ctx, "appointments/"+req.GetAppointmentId())
	me, _ := identity.From(ctx)
	now := s.Clock()
	out := &carefusionv1.Message{MessageId: store.NewID().String(), AppointmentId: req.GetAppointmentId(), SenderId: me.Subject.String(),
		SenderRole: me.Role, Body: req.GetBody(), SendTime: timestamppb.New(now)}
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		session, err := visit.Lock(ctx, tx, req.GetAppointmentId())
		if err != nil {
			return err
		}
		if session.State == visit.Ended {
			return fault.Precondition("SESSION_STATE", "The session is over.")
		}
		yes, err := visit.Consented(ctx, tx, session.Appointment, "MESSAGING")
		if err == nil && !yes {
			err = fault.Precondition("CONSENT_REQUIRED", "The patient has not consented to messages.")
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO carefusion.message (message_id, appointment_id, patient_id, provider_id, sender_id, sealed_body, send_time)
			VALUES ($1, $2, $3, $4, carefusion.caller(), $5, $6)`, out.GetMessageId(), session.Appointment, session.Patient, session.Provider,
			s.Seal.Seal(place(out.GetMessageId()), req.GetBody()), now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ListMessages lists what was said.
func (s *Service) ListMessages(ctx context.Context, req *carefusionv1.ListMessagesRequest) (*carefusionv1.ListMessagesResponse, error) {
	id := req.GetAppointmentId()
	audit.Target(ctx, "appointments/"+id)
	list := "messages " + id
	after, err := s.Pages.AfterID(ctx, list, req.GetPageToken(), uuid.Nil)
	if err != nil {
		return nil, err
	}
	size := page.Size(req.GetPageSize())
	var all []*carefusionv1.Message
	err = s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		var there bool
		err := tx.QueryRow(ctx, `SELECT true FROM carefusion.session WHERE appointment_id = $1`, id).Scan(&there)
		if errors.Is(err, store.ErrNoRows) {
			return fault.NotFound("SESSION_NOT_FOUND", "The appointment has no session, or there is no such appointment.")
		}
		if err == nil {
			all, err = s.query(ctx, tx, id, after, size+1)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	rows, token := page.Cut(ctx, s.Pages, list, all, size, (*carefusionv1.Message).GetMessageId)
	return &carefusionv1.ListMessagesResponse{Messages: rows, NextPageToken: token}, nil
}

func (s *Service) query(ctx context.Context, tx store.Tx, appointment string, after uuid.UUID, limit int) ([]*carefusionv1.Message, error) {
	rows, err := tx.Query(ctx, `SELECT message_id::text, sender_id::text, sender_id = patient_id, sealed_body, send_time FROM carefusion.message
		WHERE appointment_id = $1 AND message_id > $2 ORDER BY message_id LIMIT $3`, appointment, after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*carefusionv1.Message
	for rows.Next() {
		m := &carefusionv1.Message{AppointmentId: appointment, SenderRole: carefusionv1.Role_ROLE_PROVIDER}
		var fromPatient bool
		var body []byte
		var at time.Time
		if err := rows.Scan(&m.MessageId, &m.SenderId, &fromPatient, &body, &at); err != nil {
			return nil, err
		}
		if fromPatient {
			m.SenderRole = carefusionv1.Role_ROLE_PATIENT
		}
		if m.Body, err = s.Seal.Open(place(m.GetMessageId()), body); err != nil {
			return nil, err
		}
		m.SendTime = timestamppb.New(at)
		out = append(out, m)
	}
	return out, rows.Err()
}
