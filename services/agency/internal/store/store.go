package store

import (
	"embed"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/agency/internal/store/dbsqlc"
)

// Migrations of the schema.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// queries are the generated statements; they hold nothing.
func queries() *dbsqlc.Queries { return dbsqlc.New() }

// isNone says that a query of one row found none.
func isNone(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// Agencies is the store of the registry.
type Agencies struct{ db *db.DB }

// NewAgencies returns the store of the registry.
func NewAgencies(d *db.DB) Agencies { return Agencies{db: d} }

// Switches is the store of the switchboard.
type Switches struct{ db *db.DB }

// NewSwitches returns the store of the switchboard.
func NewSwitches(d *db.DB) Switches { return Switches{db: d} }

// People is the store of the directory.
type People struct{ db *db.DB }

// NewPeople returns the store of the directory.
func NewPeople(d *db.DB) People { return People{db: d} }
