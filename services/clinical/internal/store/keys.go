package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/crypt"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/clinical/internal/store/dbsqlc"
)

type keyID struct {
	agencyID int64
	version  int32
}

// newestKey remembers which key of an agency seals. A rotation by another replica is noticed after newestFor.
type newestKey struct {
	version int32
	until   time.Time
}

const newestFor = time.Minute

// key unwraps a stored key of an agency, or takes it from memory.
func (s *Store) key(ctx context.Context, id keyID, wrapped []byte) (*crypt.Key, error) {
	if k, ok := s.keys.Get(id); ok {
		return k, nil
	}
	k, err := s.envelope.OpenKey(ctx, id.agencyID, wrapped)
	if err != nil {
		return nil, err
	}
	s.keys.Add(id, k)
	return k, nil
}

// open unseals a record with the key that its row came with.
func (s *Store) open(ctx context.Context, id keyID, wrapped []byte, record string, sealed []byte) ([]byte, error) {
	k, err := s.key(ctx, id, wrapped)
	if err != nil {
		return nil, err
	}
	return k.Open(record, sealed)
}

// sealingKey is the newest key of the agency; the first import of an agency makes it. That is a transaction of its own: a
// key in memory that was rolled back in the database would seal what nobody can open again.
func (s *Store) sealingKey(ctx context.Context, agencyID int64) (int32, *crypt.Key, error) {
	now := s.clock.Now()
	if n, ok := s.newest.Get(agencyID); ok && now.Before(n.until) {
		if k, ok := s.keys.Get(keyID{agencyID, n.version}); ok {
			return n.version, k, nil
		}
	}
	var row dbsqlc.NewestKeyRow
	err := s.db.Write(audit.Without(ctx), func(ctx context.Context, tx *db.Tx) (err error) {
		row, err = s.newestOrFirst(ctx, tx, agencyID, now)
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	k, err := s.key(ctx, keyID{agencyID, row.Version}, row.Wrapped)
	if err != nil {
		return 0, nil, err
	}
	s.newest.Add(agencyID, newestKey{row.Version, now.Add(newestFor)})
	return row.Version, k, nil
}

func (s *Store) newestOrFirst(ctx context.Context, tx *db.Tx, agencyID int64, now time.Time) (dbsqlc.NewestKeyRow, error) {
	row, err := s.q.NewestKey(ctx, tx, agencyID)
	if !errors.Is(err, pgx.ErrNoRows) {
		return row, err
	}
	_, wrapped, err := s.envelope.NewKey(ctx, agencyID)
	if err != nil {
		return row, err
	}
	// Two first imports at once: one insert wins, both read the winner's key.
	err = s.q.AddKey(ctx, tx, dbsqlc.AddKeyParams{AgencyID: agencyID, Version: 1, Wrapped: wrapped, CreateTime: now})
	if err != nil {
		return row, err
	}
	return s.q.NewestKey(ctx, tx, agencyID)
}
