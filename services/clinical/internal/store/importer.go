package store

import (
	"context"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
)

// integration is the role whose database group can do what an import takes, and little else.
const integration = "integration"

// asIntegration returns the context under which a caller's import runs. An import compares what it brings with what is
// stored. People who may hand charts in need not be able to read any, so their groups have no grant for that: the database
// says whether the caller's group may import, and then the import runs as the group that is made for it. The audit record
// keeps the caller.
func (s *Store) asIntegration(ctx context.Context) (context.Context, error) {
	p, _ := identity.From(ctx)
	if p.ActingRole == integration {
		return ctx, nil
	}
	err := s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := s.q.MayImport(ctx, tx)
		return err
	})
	p.ActingRole = integration
	return identity.With(ctx, p), err
}
