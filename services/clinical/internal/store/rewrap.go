package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/crypt"
	"github.com/fusionems/quantum/services/clinical/internal/store/dbsqlc"
)

// rewrapPage is how many keys are held at once.
const rewrapPage = 200

// Rewrap wraps every stored key with the current key-encryption key, as the schema's owner, and answers how many it did. Charts are not
// touched, readers and writers go on, and a run that was interrupted can simply be repeated.
func Rewrap(ctx context.Context, ownerURL string, envelope *crypt.Envelope) (int, error) {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return 0, fmt.Errorf("store: rewrap: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var (
		q    = dbsqlc.New()
		done int
		last dbsqlc.WrappedKeysRow
	)
	for {
		keys, err := q.WrappedKeys(ctx, conn, dbsqlc.WrappedKeysParams{AgencyID: last.AgencyID, Version: last.Version, Size: rewrapPage})
		if err != nil {
			return done, fmt.Errorf("store: rewrap: %w", err)
		}
		for _, k := range keys {
			if err := rewrapOne(ctx, conn, q, envelope, k); err != nil {
				return done, fmt.Errorf("store: rewrap of key %d of agency %d: %w", k.Version, k.AgencyID, err)
			}
			done++
		}
		if len(keys) < rewrapPage {
			return done, nil
		}
		last = keys[len(keys)-1]
	}
}

func rewrapOne(ctx context.Context, conn *pgx.Conn, q *dbsqlc.Queries, envelope *crypt.Envelope, k dbsqlc.WrappedKeysRow) error {
	wrapped, err := envelope.Rewrap(ctx, k.AgencyID, k.Wrapped)
	if err != nil {
		return err
	}
	// No row means that another run was quicker, and wrapped it with the same key-encryption keys.
	_, err = q.WrapAgain(ctx, conn, dbsqlc.WrapAgainParams{AgencyID: k.AgencyID, Version: k.Version, Before: k.Wrapped, Wrapped: wrapped})
	return err
}
