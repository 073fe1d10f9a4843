package rpc

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	"github.com/fusionems/quantum/pkg/rpc"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/note"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/screen"
)

func (s shared) createNote(ctx context.Context, m *compliancev1.ComplianceNote) (*compliancev1.ComplianceNote, error) {
	about, err := s.about(m.GetMetadataId())
	if err != nil {
		return nil, err
	}
	text := strings.TrimSpace(m.GetText())
	if text == "" {
		return nil, invalid("note.text", "text.present", "1 to 4000 characters")
	}
	if err := screen.Text("note.text", text); err != nil {
		return nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	p, _ := identity.From(ctx)
	n := note.Note{
		ID: id, Workspace: s.name, MetadataID: about, Text: text, Visibility: visibility(m.GetVisibility()),
		Author: p.Subject, AuthorRole: p.ActingRole, CreateTime: s.Clock.Now().UTC().Truncate(time.Microsecond),
	}
	audit.Target(ctx, n.Name())
	n, err = s.Store.AddNote(ctx, n)
	if err != nil {
		return nil, err
	}
	return noteTo(n), rpc.Created(ctx)
}

func visibility(v compliancev1.ComplianceNote_Visibility) note.Visibility {
	if v == compliancev1.ComplianceNote_VISIBILITY_AGENCY_ADMINISTRATOR {
		return note.Administrator
	}
	return note.Compliance
}

// about is the record that a note is on, nil for the workspace.
func (s shared) about(raw string) (*uuid.UUID, error) {
	if raw == "" {
		return nil, nil
	}
	id, err := idOf(raw, record.NotFound)
	return &id, err
}

type notesRequest interface {
	page.Request
	GetMetadataId() string
}

func (s shared) listNotes(ctx context.Context, req notesRequest) (*compliancev1.ListNotesResponse, error) {
	about, err := s.about(req.GetMetadataId())
	if err != nil {
		return nil, err
	}
	bound := []any{s.name, "notes", req.GetMetadataId()}
	list, next, err := pageOf(ctx, s, bound, req, func(before *uuid.UUID, limit int32) ([]note.Note, error) {
		return s.Store.ListNotes(ctx, s.name, about, before, limit)
	}, func(last note.Note) uuid.UUID { return last.ID })
	out := &compliancev1.ListNotesResponse{NextPageToken: next}
	for _, n := range list {
		out.Notes = append(out.Notes, noteTo(n))
	}
	return out, err
}

func noteTo(n note.Note) *compliancev1.ComplianceNote {
	out := &compliancev1.ComplianceNote{
		Id: n.ID.String(), AgencyId: n.AgencyID, Text: n.Text, Visibility: compliancev1.ComplianceNote_Visibility(n.Visibility),
		Author: n.Author, AuthorRole: n.AuthorRole, CreateTime: timestamppb.New(n.CreateTime),
	}
	if n.MetadataID != nil {
		out.MetadataId = n.MetadataID.String()
	}
	return out
}
