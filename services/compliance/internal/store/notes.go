package store

import (
	"context"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/compliance/internal/cms"
	"github.com/fusionems/quantum/services/compliance/internal/note"
	"github.com/fusionems/quantum/services/compliance/internal/record"
	"github.com/fusionems/quantum/services/compliance/internal/store/dbsqlc"
)

// AddNote stores a note; the record that it is about must be there.
func (s *Store) AddNote(ctx context.Context, n note.Note) (note.Note, error) {
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		n.AgencyID = tx.AgencyID()
		if err := subjectExists(ctx, tx, n); err != nil {
			return err
		}
		return queries().InsertNote(ctx, tx, dbsqlc.InsertNoteParams{
			AgencyID: n.AgencyID, ID: n.ID, Workspace: n.Workspace, MetadataID: n.MetadataID, Text: n.Text,
			Visibility: int16(n.Visibility), Author: n.Author, AuthorRole: n.AuthorRole, CreateTime: n.CreateTime,
		})
	})
	return n, err
}

func subjectExists(ctx context.Context, tx *db.Tx, n note.Note) (err error) {
	if n.MetadataID == nil {
		return nil
	}
	if n.Workspace == cms.Workspace {
		_, err = getCms(ctx, tx, *n.MetadataID)
	} else {
		_, err = getDea(ctx, tx, *n.MetadataID)
	}
	if isNone(err) {
		return record.NotFound()
	}
	return err
}

// ListNotes answers at most limit notes before an id, newest first: those that the caller may read.
func (s *Store) ListNotes(ctx context.Context, workspace string, about, before *uuid.UUID, limit int32) (list []note.Note, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := queries().ListNotes(ctx, tx, dbsqlc.ListNotesParams{
			AgencyID: tx.AgencyID(), Workspace: workspace, MetadataID: about, AfterID: before, RowLimit: limit,
		})
		for _, r := range rows {
			list = append(list, note.Note{
				AgencyID: r.AgencyID, ID: r.ID, Workspace: r.Workspace, MetadataID: r.MetadataID, Text: r.Text,
				Visibility: note.Visibility(r.Visibility), Author: r.Author, AuthorRole: r.AuthorRole, CreateTime: r.CreateTime,
			})
		}
		return err
	})
	return list, err
}
