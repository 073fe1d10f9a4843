package store

import (
	"embed"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/audit/internal/store/dbsqlc"
)

// Migrations of the schema.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// queries are the generated statements; they hold nothing.
func queries() *dbsqlc.Queries { return dbsqlc.New() }

// isNone says that a query of one row found none.
func isNone(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// Advisory locks of the schema.
const (
	logLock    int64 = 0x61756469_746c6f67 // "auditlog"
	policyLock int32 = 0x706f6c69          // "poli", with the key's hash
)

// Log is the store of the trail.
type Log struct{ db *db.DB }

// NewLog returns the store of the trail.
func NewLog(d *db.DB) Log { return Log{d} }
