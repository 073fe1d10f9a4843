package consent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
	"github.com/fusionems/quantum/services/carefusion/internal/visit"
)

// Service implements ConsentService.
type Service struct {
	carefusionv1.UnimplementedConsentServiceServer
	DB    *store.DB
	Clock func() time.Time
	// Wake tells the worker of rooms that a withdrawal wants something done.
	Wake chan struct{}
	// Recording says whether there is a recorder.
	Recording bool
}

var errAppointment = fault.NotFound("APPOINTMENT_NOT_FOUND", "There is no such appointment.")

func purposeOf(p carefusionv1.Purpose) string { return p.String()[len("PURPOSE_"):] }

// PublishConsentText adds the next version; older decisions keep naming the text that they were about.
func (s *Service) PublishConsentText(ctx context.Context, req *carefusionv1.PublishConsentTextRequest) (*carefusionv1.ConsentText, error) {
	sum := sha256.Sum256([]byte(req.GetBody()))
	out := &carefusionv1.ConsentText{Purpose: req.GetPurpose(), Sha256: hex.EncodeToString(sum[:]), Body: req.GetBody()}
	audit.Target(ctx, "consentTexts/"+purposeOf(req.GetPurpose()))
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		err := tx.QueryRow(ctx, `INSERT INTO carefusion.consent_text (purpose, version, body, sha256)
			SELECT $1, COALESCE(max(version), 0) + 1, $2, $3 FROM carefusion.consent_text WHERE purpose = $1 RETURNING version`,
			purposeOf(req.GetPurpose()), req.GetBody(), out.GetSha256()).Scan(&out.Version)
		if store.Violated(err) == "consent_text_pkey" {
			return fault.Aborted("CONSENT_TEXT_STALE", "Another text was published at the same time. Try again.")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ListConsentTexts lists the newest text of each purpose.
func (s *Service) ListConsentTexts(ctx context.Context, _ *carefusionv1.ListConsentTextsRequest) (*carefusionv1.ListConsentTextsResponse, error) {
	out := &carefusionv1.ListConsentTextsResponse{RecordingAvailable: s.Recording}
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT DISTINCT ON (purpose) purpose, version, sha256, body FROM carefusion.consent_text ORDER BY purpose, version DESC`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			t, purpose := &carefusionv1.ConsentText{}, ""
			if err := rows.Scan(&purpose, &t.Version, &t.Sha256, &t.Body); err != nil {
				return err
			}
			t.Purpose = carefusionv1.Purpose(carefusionv1.Purpose_value["PURPOSE_"+purpose])
			out.Texts = append(out.Texts, t)
		}
		return rows.Err()
	})
	return out, err
}

// RecordConsent keeps a decision on the text in force. The client names the text by its hash: that is what was shown.
func (s *Service) RecordConsent(ctx context.Context, req *carefusionv1.RecordConsentRequest) (*carefusionv1.Consent, error) {
	return s.decide(ctx, req.GetAppointmentId(), func(ctx context.Context, tx store.Tx) (*carefusionv1.Consent, error) {
		c := &carefusionv1.Consent{Purpose: req.GetPurpose(), Decision: req.GetDecision(), Signer: req.GetSigner(), TextSha256: req.GetTextSha256()}
		var newest string
		err := tx.QueryRow(ctx, `SELECT version, sha256 FROM carefusion.consent_text WHERE purpose = $1 ORDER BY version DESC LIMIT 1`, purposeOf(req.GetPurpose())).
			Scan(&c.TextVersion, &newest)
		if errors.Is(err, store.ErrNoRows) {
			return nil, fault.Precondition("CONSENT_TEXT_NOT_FOUND", "No text has been published for this purpose.")
		}
		if err == nil && newest != req.GetTextSha256() {
			err = fault.Precondition("CONSENT_TEXT_STALE", "This is not the text in force. Show the newest text and ask again.")
		}
		return c, err
	})
}

// WithdrawConsent takes back what was given and ends what depends on it.
func (s *Service) WithdrawConsent(ctx context.Context, req *carefusionv1.WithdrawConsentRequest) (*carefusionv1.Consent, error) {
	return s.decide(ctx, req.GetAppointmentId(), func(ctx context.Context, tx store.Tx) (*carefusionv1.Consent, error) {
		c := &carefusionv1.Consent{Purpose: req.GetPurpose(), Decision: carefusionv1.Decision_DECISION_WITHDRAWN}
		var decision, signer string
		err := tx.QueryRow(ctx, `SELECT version, sha256, decision, signer FROM carefusion.consent WHERE appointment_id = $1 AND purpose = $2
			ORDER BY consent_id DESC LIMIT 1`, req.GetAppointmentId(), purposeOf(req.GetPurpose())).Scan(&c.TextVersion, &c.TextSha256, &decision, &signer)
		if errors.Is(err, store.ErrNoRows) || (err == nil && decision != "GIVEN") {
			return nil, fault.Precondition("CONSENT_NOT_GIVEN", "There is no consent to withdraw.")
		}
		c.Signer = carefusionv1.Signer(carefusionv1.Signer_value["SIGNER_"+signer])
		return c, err
	})
}

// decide locks the session first, if there is one, so that nobody starts a call or a recording on a consent that is being withdrawn.
// A refusal after consent was given is a withdrawal by another name.
func (s *Service) decide(ctx context.Context, appointment string, fn func(ctx context.Context, tx store.Tx) (*carefusionv1.Consent, error)) (*carefusionv1.Consent, error) {
	audit.Target(ctx, "appointments/"+appointment)
	var out *carefusionv1.Consent
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		session, err := visit.Lock(ctx, tx, appointment)
		if err != nil && !fault.Has(err, "SESSION_NOT_FOUND") {
			return err
		}
		if err := decidable(ctx, tx, appointment); err != nil {
			return err
		}
		c, err := fn(ctx, tx)
		if err != nil {
			return err
		}
		now := s.Clock()
		c.AppointmentId, c.DecisionTime = appointment, timestamppb.New(now)
		if _, err := tx.Exec(ctx, `INSERT INTO carefusion.consent (appointment_id, patient_id, provider_id, purpose, version, sha256, decision, signer, decision_time)
			SELECT appointment_id, patient_id, provider_id, $2, $3, $4, $5, $6, $7 FROM carefusion.appointment WHERE appointment_id = $1`,
			appointment, purposeOf(c.GetPurpose()), c.GetTextVersion(), c.GetTextSha256(), c.GetDecision().String()[len("DECISION_"):],
			c.GetSigner().String()[len("SIGNER_"):], now); err != nil {
			return err
		}
		out = c
		if c.GetDecision() == carefusionv1.Decision_DECISION_GIVEN || session.Appointment == "" {
			return nil
		}
		return visit.Withdrawn(ctx, tx, session, purposeOf(c.GetPurpose()))
	})
	if err != nil {
		return nil, err
	}
	select {
	case s.Wake <- struct{}{}:
	default:
	}
	return out, nil
}

func decidable(ctx context.Context, tx store.Tx, appointment string) error {
	var state string
	err := tx.QueryRow(ctx, `SELECT state FROM carefusion.appointment WHERE appointment_id = $1`, appointment).Scan(&state)
	if errors.Is(err, store.ErrNoRows) {
		return errAppointment
	}
	if err == nil && state != "SCHEDULED" && state != "IN_PROGRESS" {
		err = fault.Precondition("APPOINTMENT_STATE", "The appointment is over.")
	}
	return err
}

// ListConsents lists every decision.
func (s *Service) ListConsents(ctx context.Context, req *carefusionv1.ListConsentsRequest) (*carefusionv1.ListConsentsResponse, error) {
	audit.Target(ctx, "appointments/"+req.GetAppointmentId())
	out := &carefusionv1.ListConsentsResponse{}
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		var there bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM carefusion.appointment WHERE appointment_id = $1)`, req.GetAppointmentId()).Scan(&there); err != nil || !there {
			if err == nil {
				err = errAppointment
			}
			return err
		}
		rows, err := tx.Query(ctx, `SELECT purpose, version, sha256, decision, signer, decision_time FROM carefusion.consent WHERE appointment_id = $1 ORDER BY consent_id`, req.GetAppointmentId())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			c := &carefusionv1.Consent{AppointmentId: req.GetAppointmentId()}
			var purpose, decision, signer string
			var at time.Time
			if err := rows.Scan(&purpose, &c.TextVersion, &c.TextSha256, &decision, &signer, &at); err != nil {
				return err
			}
			c.Purpose = carefusionv1.Purpose(carefusionv1.Purpose_value["PURPOSE_"+purpose])
			c.Decision = carefusionv1.Decision(carefusionv1.Decision_value["DECISION_"+decision])
			c.Signer = carefusionv1.Signer(carefusionv1.Signer_value["SIGNER_"+signer])
			c.DecisionTime = timestamppb.New(at)
			out.Consents = append(out.Consents, c)
		}
		return rows.Err()
	})
	return out, err
}
