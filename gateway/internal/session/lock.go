package session

import (
	"context"
	"time"

	"github.com/redis/rueidis"
)

// issuerAwayMark in the place of a lock's owner says that the issuer did not answer a moment ago.
const issuerAwayMark = "issuer-away"

// lock makes owner the one who refreshes the session's tokens, for at most life. Who holds it otherwise is the answer, "" on
// success.
func (s *Store) lock(ctx context.Context, r Ref, owner string, life time.Duration) (holder string, err error) {
	c, err := s.connection()
	if err != nil {
		return "", err
	}
	err = c.Do(ctx, c.B().Set().Key(lockKey(r)).Value(owner).Nx().PxMilliseconds(life.Milliseconds()).Build()).Error()
	switch {
	case err == nil:
		return "", nil
	case !rueidis.IsRedisNil(err):
		return "", away(err)
	}
	holder, err = c.Do(ctx, c.B().Get().Key(lockKey(r)).Build()).ToString()
	switch {
	case rueidis.IsRedisNil(err):
		return "nobody any more", nil
	case err != nil:
		return "", away(err)
	}
	return holder, nil
}

func (s *Store) unlock(ctx context.Context, r Ref, owner string) error {
	_, err := s.run(ctx, unlockScript, []string{lockKey(r)}, owner)
	return err
}

// markIssuerAway keeps all replicas from asking the issuer for this session for a moment.
func (s *Store) markIssuerAway(ctx context.Context, r Ref, life time.Duration) error {
	c, err := s.connection()
	if err != nil {
		return err
	}
	if err := c.Do(ctx, c.B().Set().Key(lockKey(r)).Value(issuerAwayMark).PxMilliseconds(life.Milliseconds()).Build()).Error(); err != nil {
		return away(err)
	}
	return nil
}
