package issuer

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed schema.sql
var schema string

// store keeps what must outlive a restart and be shared by replicas: failures, used codes, sessions, refresh tokens.
type store struct{ pool *pgxpool.Pool }

func openStore(ctx context.Context, url string) (*store, error) {
	s, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	if _, err := s.pool.Exec(ctx, schema); err != nil {
		s.pool.Close()
		return nil, err
	}
	return s, nil
}

func connect(ctx context.Context, url string) (*store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("database url: not a PostgreSQL connection string")
	}
	cfg.MaxConns = 4
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	return &store{pool: pool}, err
}

// verdict is the outcome of one login attempt.
type verdict int

const (
	refused  verdict = iota // counts towards the lockout
	replayed                // right, but this code has been used: refused, and it teaches a guesser nothing, so not counted
	unready                 // the right password of somebody who has no authenticator yet
	passed                  // one factor was right: neither counts nor forgets what was counted
	accepted                // all factors were right: forgets the failures
)

// outcome is a verdict, and whether the name is locked now.
type outcome struct {
	verdict
	locked bool
}

// attempt judges one login while holding the user name's row, so that attempts on one name come one after the other: a
// hundred guesses in flight at once would otherwise all pass the check before the first failure is counted.
func (s *store) attempt(ctx context.Context, username string, now time.Time, limit Lockout,
	judge func(ctx context.Context, tx pgx.Tx, locked bool) (verdict, error)) (outcome, error) {
	var result outcome
	key := sha256.Sum256([]byte(username))
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var failures int
		var failedTime time.Time
		var lockedUntil *time.Time
		err := tx.QueryRow(ctx, `INSERT INTO issuer.login_attempt (username_hash, failed_time) VALUES ($1, $2)
			ON CONFLICT (username_hash) DO UPDATE SET failures = login_attempt.failures
			RETURNING failures, failed_time, locked_until`, key[:], now).Scan(&failures, &failedTime, &lockedUntil)
		if err != nil {
			return err
		}
		result.locked = lockedUntil != nil && now.Before(*lockedUntil)
		v, err := judge(ctx, tx, result.locked)
		if err != nil || result.locked {
			return err
		}
		result.verdict = v
		switch v {
		case accepted:
			_, err = tx.Exec(ctx, `DELETE FROM issuer.login_attempt WHERE username_hash = $1`, key[:])
		case refused:
			if lockedUntil != nil || now.Sub(failedTime) > limit.Duration {
				failures = 0
			}
			failures++
			var until *time.Time
			if failures >= limit.Failures {
				t := now.Add(limit.Duration)
				until, result.locked = &t, true
			}
			_, err = tx.Exec(ctx, `UPDATE issuer.login_attempt SET failures = $2, failed_time = $3, locked_until = $4
				WHERE username_hash = $1`, key[:], failures, now, until)
		}
		return err
	})
	if err != nil {
		return outcome{}, err
	}
	return result, nil
}

// unlock forgets the failures of a name and reports whether it was locked.
func (s *store) unlock(ctx context.Context, username string, now time.Time) (bool, error) {
	key := sha256.Sum256([]byte(username))
	var locked bool
	err := s.pool.QueryRow(ctx, `DELETE FROM issuer.login_attempt WHERE username_hash = $1
		RETURNING COALESCE(locked_until > $2, false)`, key[:], now).Scan(&locked)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return locked, err
}

// forgetAuthenticator deletes what a user enrolled, with every sign-in of theirs, and reports whether there was an authenticator.
func (s *store) forgetAuthenticator(ctx context.Context, subject string) (had bool, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM issuer.authenticator WHERE subject = $1`, subject)
		if err != nil {
			return err
		}
		had = tag.RowsAffected() == 1
		// A sign-in under way may hold the secret that the thief of a telephone enrols next.
		for _, table := range []string{"issuer.login_flow", "issuer.browser_session", "issuer.session"} {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE subject = $1`, subject); err != nil {
				return err
			}
		}
		return nil
	})
	return had, err
}

// useCode marks a time step as used by this user and reports whether it was new.
func useCode(ctx context.Context, tx pgx.Tx, subject string, step int64) (bool, error) {
	tag, err := tx.Exec(ctx, `INSERT INTO issuer.used_code (subject, step) VALUES ($1, $2) ON CONFLICT DO NOTHING`, subject, step)
	return tag.RowsAffected() == 1, err
}

// prune deletes what can no longer change an answer.
func (s *store) prune(ctx context.Context, now time.Time, limit Lockout) error {
	batch := &pgx.Batch{}
	batch.Queue(`DELETE FROM issuer.session WHERE expires_time <= $1`, now)
	batch.Queue(`DELETE FROM issuer.browser_session WHERE expires_time <= $1`, now)
	batch.Queue(`DELETE FROM issuer.login_flow WHERE expires_time <= $1`, now)
	batch.Queue(`DELETE FROM issuer.authorization_code WHERE expires_time <= $1 AND session_id IS NULL`, now)
	batch.Queue(`DELETE FROM issuer.used_code WHERE step < $1`, TOTPStep(now)-2*totpSkew)
	batch.Queue(`DELETE FROM issuer.login_attempt WHERE failed_time < $1 AND (locked_until IS NULL OR locked_until < $2)`,
		now.Add(-limit.Duration), now)
	return s.pool.SendBatch(ctx, batch).Close()
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
