package note

import (
	"context"
	"errors"
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/seal"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// Service implements NoteService.
type Service struct {
	carefusionv1.UnimplementedNoteServiceServer
	DB    *store.DB
	Seal  *seal.Sealer
	Clock func() time.Time
}

var errNotFound = fault.NotFound("NOTE_NOT_FOUND", "There is no such note.")

func place(note string, version int32) string {
	return "note body " + note + " " + strconv.Itoa(int(version))
}

// CreateNote begins a draft about a visit that has begun.
func (s *Service) CreateNote(ctx context.Context, req *carefusionv1.CreateNoteRequest) (*carefusionv1.Note, error) {
	id := store.NewID().String()
	return s.write(ctx, id, func(ctx context.Context, tx store.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO carefusion.note (note_id, appointment_id, patient_id, provider_id, state, version)
			SELECT $1, appointment_id, patient_id, provider_id, 'DRAFT', 1 FROM carefusion.appointment
			WHERE appointment_id = $2 AND state IN ('IN_PROGRESS', 'COMPLETED')`, id, req.GetAppointmentId())
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.NotFound("APPOINTMENT_NOT_FOUND", "There is no such appointment, or its visit has not begun.")
		}
		return s.version(ctx, tx, id, 1, "DRAFT", req.GetBody())
	})
}

// UpdateNote writes the next version of a draft.
func (s *Service) UpdateNote(ctx context.Context, req *carefusionv1.UpdateNoteRequest) (*carefusionv1.Note, error) {
	return s.advance(ctx, req.GetNoteId(), req.GetVersion(), []string{"DRAFT"}, "DRAFT", req.GetBody())
}

// SignNote makes the newest draft final.
func (s *Service) SignNote(ctx context.Context, req *carefusionv1.SignNoteRequest) (*carefusionv1.Note, error) {
	return s.advance(ctx, req.GetNoteId(), req.GetVersion(), []string{"DRAFT"}, "SIGNED", "")
}

// AmendNote adds to what was signed and leaves it as it was.
func (s *Service) AmendNote(ctx context.Context, req *carefusionv1.AmendNoteRequest) (*carefusionv1.Note, error) {
	return s.advance(ctx, req.GetNoteId(), req.GetVersion(), []string{"SIGNED", "AMENDED"}, "AMENDED", req.GetBody())
}

// advance adds a version, if the caller saw the newest one; without a body the text stays.
func (s *Service) advance(ctx context.Context, id string, seen int32, from []string, to, body string) (*carefusionv1.Note, error) {
	return s.write(ctx, id, func(ctx context.Context, tx store.Tx) error {
		var state string
		var version int32
		err := tx.QueryRow(ctx, `SELECT state, version FROM carefusion.note WHERE note_id = $1 FOR UPDATE`, id).Scan(&state, &version)
		if errors.Is(err, store.ErrNoRows) {
			return errNotFound
		}
		if err != nil {
			return err
		}
		if !contains(from, state) {
			return fault.Precondition("NOTE_STATE", "A note is changed while it is a draft, and amended once it is signed.")
		}
		if version != seen {
			return fault.Aborted("ETAG_MISMATCH", "The note has a newer version. Read it and repeat.")
		}
		if body == "" {
			if body, err = s.body(ctx, tx, id, version); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE carefusion.note SET state = $2, version = $3 WHERE note_id = $1`, id, to, version+1); err != nil {
			return err
		}
		return s.version(ctx, tx, id, version+1, to, body)
	})
}

func contains(all []string, one string) bool {
	for _, a := range all {
		if a == one {
			return true
		}
	}
	return false
}

func (s *Service) version(ctx context.Context, tx store.Tx, id string, version int32, state, body string) error {
	_, err := tx.Exec(ctx, `INSERT INTO carefusion.note_version (note_id, version, state, sealed_body, author_id, create_time)
		VALUES ($1, $2, $3, $4, carefusion.caller(), $5)`, id, version, state, s.Seal.Seal(place(id, version), body), s.Clock())
	return err
}

func (s *Service) body(ctx context.Context, tx store.Tx, id string, version int32) (string, error) {
	var sealed []byte
	if err := tx.QueryRow(ctx, `SELECT sealed_body FROM carefusion.note_version WHERE note_id = $1 AND version = $2`, id, version).Scan(&sealed); err != nil {
		return "", err
	}
	return s.Seal.Open(place(id, version), sealed)
}

func (s *Service) write(ctx context.Context, id string, fn func(ctx context.Context, tx store.Tx) error) (*carefusionv1.Note, error) {
	audit.Target(ctx, "notes/"+id)
	var out *carefusionv1.Note
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		err := fn(ctx, tx)
		if err == nil {
			out, err = s.get(ctx, tx, id)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// GetNote reads a note with all versions that the caller may see.
func (s *Service) GetNote(ctx context.Context, req *carefusionv1.GetNoteRequest) (*carefusionv1.Note, error) {
	audit.Target(ctx, "notes/"+req.GetNoteId())
	var out *carefusionv1.Note
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = s.get(ctx, tx, req.GetNoteId())
		return err
	})
	return out, err
}

// ListNotes lists the notes of a visit.
func (s *Service) ListNotes(ctx context.Context, req *carefusionv1.ListNotesRequest) (*carefusionv1.ListNotesResponse, error) {
	audit.Target(ctx, "appointments/"+req.GetAppointmentId())
	out := &carefusionv1.ListNotesResponse{}
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		var ids []string
		var there bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM carefusion.appointment WHERE appointment_id = $1),
			COALESCE((SELECT array_agg(note_id::text ORDER BY note_id) FROM carefusion.note WHERE appointment_id = $1), '{}')`, req.GetAppointmentId()).Scan(&there, &ids); err != nil {
			return err
		}
		if !there {
			return fault.NotFound("APPOINTMENT_NOT_FOUND", "There is no such appointment.")
		}
		for _, id := range ids {
			n, err := s.get(ctx, tx, id)
			if err != nil {
				return err
			}
			out.Notes = append(out.Notes, n)
		}
		return nil
	})
	return out, err
}

func state(text string) carefusionv1.NoteState {
	return carefusionv1.NoteState(carefusionv1.NoteState_value["NOTE_STATE_"+text])
}

func (s *Service) get(ctx context.Context, tx store.Tx, id string) (*carefusionv1.Note, error) {
	n, is := &carefusionv1.Note{}, ""
	err := tx.QueryRow(ctx, `SELECT note_id::text, appointment_id::text, state, version FROM carefusion.note WHERE note_id = $1`, id).
		Scan(&n.NoteId, &n.AppointmentId, &is, &n.Version)
	if errors.Is(err, store.ErrNoRows) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, err
	}
	n.State = state(is)
	rows, err := tx.Query(ctx, `SELECT version, state, sealed_body, author_id::text, create_time FROM carefusion.note_version WHERE note_id = $1 ORDER BY version`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		v, is := &carefusionv1.NoteVersion{}, ""
		var sealed []byte
		var at time.Time
		if err := rows.Scan(&v.Version, &is, &sealed, &v.AuthorId, &at); err != nil {
			return nil, err
		}
		if v.Body, err = s.Seal.Open(place(n.GetNoteId(), v.GetVersion()), sealed); err != nil {
			return nil, err
		}
		v.State, v.CreateTime = state(is), timestamppb.New(at)
		n.Versions = append(n.Versions, v)
	}
	return n, rows.Err()
}
