package store

import (
	"embed"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/crypt"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/clinical/internal/store/dbsqlc"
)

// Migrations are the schema of the service.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Store keeps the rows of the service.
type Store struct {
	db       *db.DB
	q        *dbsqlc.Queries
	clock    clock.Clock
	envelope *crypt.Envelope
	keys     *lru.Cache[keyID, *crypt.Key]
	newest   *lru.Cache[int64, newestKey]
}

// keysKept bounds the unwrapped keys in memory; a key that fell out is unwrapped again.
const keysKept = 4096

// New returns a store that seals with keys of the envelope.
func New(d *db.DB, envelope *crypt.Envelope, c clock.Clock) (*Store, error) {
	keys, err := lru.New[keyID, *crypt.Key](keysKept)
	if err != nil {
		return nil, err
	}
	newest, err := lru.New[int64, newestKey](keysKept)
	if err != nil {
		return nil, err
	}
	return &Store{db: d, q: dbsqlc.New(), clock: c, envelope: envelope, keys: keys, newest: newest}, nil
}
