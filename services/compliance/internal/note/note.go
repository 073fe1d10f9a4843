package note

import (
	"time"

	"github.com/google/uuid"
)

// Visibility of a note, a code of the contract.
type Visibility int16

// Visibilities.
const (
	Compliance    Visibility = 1
	Administrator Visibility = 2
)

// Note is a remark on a workspace, or on one of its records.
type Note struct {
	AgencyID   int64
	ID         uuid.UUID
	Workspace  string
	MetadataID *uuid.UUID
	Text       string
	Visibility Visibility
	Author     string
	AuthorRole string
	CreateTime time.Time
}

// Name is the resource name of a note.
func (n Note) Name() string { return n.Workspace + "/compliance-note/" + n.ID.String() }
