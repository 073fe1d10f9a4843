package policy

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/fusionems/quantum/pkg/db"
)

// Store hands out the version in force of one policy as a typed value.
type Store[T any] struct {
	key    string
	table  table
	parse  func(document []byte) (T, error)
	cached atomic.Pointer[parsed[T]]
}

type parsed[T any] struct {
	sha256 string
	value  T
}

// Register makes the keeper keep the policy; parse must refuse every document that cannot be judged by.
func Register[T any](k *Keeper, key string, parse func(document []byte) (T, error)) *Store[T] {
	k.checks[key] = func(document []byte) error {
		_, err := parse(document)
		return err
	}
	return &Store[T]{key: key, table: k.table, parse: parse}
}

// Active returns the version in force as the transaction sees it: one statement. The value is shared: do not change it.
// The group role of the transaction needs SELECT on policy_version; <schema>_system has it.
func (s *Store[T]) Active(ctx context.Context, tx *db.Tx) (T, Ref, error) {
	var zero T
	known := s.cached.Load()
	sum := ""
	if known != nil {
		sum = known.sha256
	}
	c, ok, err := s.table.inForce(ctx, tx, s.key, sum)
	switch {
	case err != nil:
		return zero, Ref{}, err
	case !ok:
		return zero, Ref{}, missing(s.key)
	case known != nil && known.sha256 == c.SHA256:
		return known.value, c.Ref, nil
	}
	v, err := s.parse(c.Document)
	if err != nil {
		return zero, Ref{}, fmt.Errorf("policy: %s version %d: %w", s.key, c.Version, err)
	}
	s.cached.Store(&parsed[T]{sha256: c.SHA256, value: v})
	return v, c.Ref, nil
}
