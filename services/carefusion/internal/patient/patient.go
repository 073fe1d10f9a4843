package patient

import (
	"context"
	"encoding/json"
	"errors"
	"net/mail"
	"time"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/civil"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/seal"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// Service implements PatientService.
type Service struct {
	carefusionv1.UnimplementedPatientServiceServer
	DB    *store.DB
	Seal  *seal.Sealer
	Clock func() time.Time
}

type person struct {
	Given  string `json:"given"`
	Family string `json:"family"`
	Birth  string `json:"birth"`
}

var errNotFound = fault.NotFound("PATIENT_NOT_FOUND", "There is no such patient.")

func placePerson(id string) string { return "patient person " + id }

// PlaceEmail is what a patient's sealed address is bound to.
func PlaceEmail(id string) string { return "patient email " + id }

// RegisterPatient registers the caller.
func (s *Service) RegisterPatient(ctx context.Context, req *carefusionv1.RegisterPatientRequest) (*carefusionv1.Patient, error) {
	me := caller(ctx)
	audit.Target(ctx, "patients/"+me)
	birth, err := civil.Text("birthDate", req.GetBirthDate())
	if err != nil {
		return nil, err
	}
	// Where the day has begun already, somebody may have been born today.
	if birth > s.Clock().UTC().Add(14*time.Hour).Format(time.DateOnly) {
		return nil, fault.Invalid("birthDate", "past", "Send a date that is not in the future.")
	}
	email, err := s.email(me, req.GetEmail())
	if err != nil {
		return nil, err
	}
	who, err := json.Marshal(person{req.GetGivenName(), req.GetFamilyName(), birth})
	if err != nil {
		return nil, err
	}
	return s.write(ctx, me, func(ctx context.Context, tx store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO carefusion.patient (patient_id, sealed_person, sealed_email, state) VALUES ($1, $2, $3, $4)`,
			me, s.Seal.Seal(placePerson(me), string(who)), email, req.GetState())
		if store.Violated(err) == "patient_pkey" {
			return fault.Exists("PATIENT_EXISTS", "The caller is registered already.")
		}
		return err
	})
}

// UpdatePatient replaces where the caller is and how to remind them.
func (s *Service) UpdatePatient(ctx context.Context, req *carefusionv1.UpdatePatientRequest) (*carefusionv1.Patient, error) {
	me := caller(ctx)
	audit.Target(ctx, "patients/"+me)
	email, err := s.email(me, req.GetEmail())
	if err != nil {
		return nil, err
	}
	return s.write(ctx, me, func(ctx context.Context, tx store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE carefusion.patient SET state = $2, sealed_email = $3 WHERE patient_id = $1`, me, req.GetState(), email)
		return err
	})
}

func (s *Service) email(id, address string) ([]byte, error) {
	if address == "" {
		return nil, nil
	}
	if a, err := mail.ParseAddress(address); err != nil || a.Address != address {
		return nil, fault.Invalid("email", "email", "Send one address such as name@example.org, or none.")
	}
	return s.Seal.Seal(PlaceEmail(id), address), nil
}

func (s *Service) write(ctx context.Context, id string, fn func(ctx context.Context, tx store.Tx) error) (*carefusionv1.Patient, error) {
	var out *carefusionv1.Patient
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		err := fn(ctx, tx)
		if err == nil {
			out, err = s.get(ctx, tx, id)
		}
		return err
	})
	return out, err
}

// GetPatient reads one; a provider reads those with an appointment.
func (s *Service) GetPatient(ctx context.Context, req *carefusionv1.GetPatientRequest) (*carefusionv1.Patient, error) {
	audit.Target(ctx, "patients/"+req.GetPatientId())
	var out *carefusionv1.Patient
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = s.get(ctx, tx, req.GetPatientId())
		return err
	})
	return out, err
}

func (s *Service) get(ctx context.Context, tx store.Tx, id string) (*carefusionv1.Patient, error) {
	p := &carefusionv1.Patient{}
	var who, email []byte
	err := tx.QueryRow(ctx, `SELECT patient_id::text, sealed_person, sealed_email, state FROM carefusion.patient WHERE patient_id = $1`, id).
		Scan(&p.PatientId, &who, &email, &p.State)
	if errors.Is(err, store.ErrNoRows) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, err
	}
	text, err := s.Seal.Open(placePerson(p.GetPatientId()), who)
	if err != nil {
		return nil, err
	}
	var is person
	if err := json.Unmarshal([]byte(text), &is); err != nil {
		return nil, errors.New("patient: the sealed person is not readable")
	}
	p.GivenName, p.FamilyName, p.BirthDate = is.Given, is.Family, civil.Proto(is.Birth)
	if email != nil {
		p.Email, err = s.Seal.Open(PlaceEmail(p.GetPatientId()), email)
	}
	return p, err
}

func caller(ctx context.Context) string {
	p, _ := identity.From(ctx)
	return p.Subject.String()
}
