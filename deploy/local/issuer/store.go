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
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("database url: not a PostgreSQL connection string")
	}
	cfg.MaxConns = 4
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if _, err := pool.Exec(ctx, schema); err != nil {
		pool.Close()
		return nil, err
	}
	return &store{pool: pool}, nil
}

// verdict is the outcome of one login attempt.
type verdict int

const (
	refused  verdict = iota // counts towards the lockout
	replayed                // right, but this code has been used: refused, and it teaches a guesser nothing, so not counted
	accepted
)

// attempt judges one login while holding the user name's row, so that attempts on one name come one after the other: a
// hundred guesses in flight at once would otherwise all pass the check before the first failure is counted.
func (s *store) attempt(ctx context.Context, username string, now time.Time, limit Lockout,
	judge func(ctx context.Context, tx pgx.Tx, locked bool) (verdict, error)) (verdict, error) {
	result := refused
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
		locked := lockedUntil != nil && now.Before(*lockedUntil)
		v, err := judge(ctx, tx, locked)
		if err != nil || locked {
			return err
		}
		result = v
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
				until = &t
			}
			_, err = tx.Exec(ctx, `UPDATE issuer.login_attempt SET failures = $2, failed_time = $3, locked_until = $4
				WHERE username_hash = $1`, key[:], failures, now, until)
		}
		return err
	})
	if err != nil {
		return refused, err
	}
	return result, nil
}

// useCode marks a time step as used by this user and reports whether it was new.
func useCode(ctx context.Context, tx pgx.Tx, subject string, step int64) (bool, error) {
	tag, err := tx.Exec(ctx, `INSERT INTO issuer.used_code (subject, step) VALUES ($1, $2) ON CONFLICT DO NOTHING`, subject, step)
	return tag.RowsAffected() == 1, err
}

// session is one login of one person; every refresh token that descends from it dies with it.
type session struct {
	ID, Subject, ClientID, Scope string
	AuthTime, Expires            time.Time
}

func (s *store) openSession(ctx context.Context, se session, refresh string, expires time.Time) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO issuer.session (id, subject, client_id, scope, auth_time, expires_time)
			VALUES ($1, $2, $3, $4, $5, $6)`, se.ID, se.Subject, se.ClientID, se.Scope, se.AuthTime, se.Expires)
		if err != nil {
			return err
		}
		return insertRefresh(ctx, tx, refresh, se.ID, expires)
	})
}

func insertRefresh(ctx context.Context, tx pgx.Tx, token, sessionID string, expires time.Time) error {
	hash := sha256.Sum256([]byte(token))
	_, err := tx.Exec(ctx, `INSERT INTO issuer.refresh_token (hash, session_id, expires_time) VALUES ($1, $2, $3)`,
		hash[:], sessionID, expires)
	return err
}

var (
	errTokenUnknown = errors.New("refresh token is unknown, expired or of another client")
	errTokenReused  = errors.New("refresh token was used before: its session is ended")
)

// rotate exchanges a refresh token for its successor. A token that was exchanged before ends its whole session: either the
// holder or a thief has the newer one, and nobody can say which.
func (s *store) rotate(ctx context.Context, old, next, clientID string, now time.Time, idle time.Duration) (session, error) {
	var se session
	var outcome error
	hash := sha256.Sum256([]byte(old))
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var expires time.Time
		var used *time.Time
		err := tx.QueryRow(ctx, `SELECT s.id, s.subject, s.client_id, s.scope, s.auth_time, s.expires_time, t.expires_time, t.used_time
			FROM issuer.refresh_token t JOIN issuer.session s ON s.id = t.session_id WHERE t.hash = $1 FOR UPDATE`, hash[:]).
			Scan(&se.ID, &se.Subject, &se.ClientID, &se.Scope, &se.AuthTime, &se.Expires, &expires, &used)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			outcome = errTokenUnknown
			return nil
		case err != nil:
			return err
		case se.ClientID != clientID:
			outcome = errTokenUnknown
			return nil
		case used != nil:
			outcome = errTokenReused
			_, err = tx.Exec(ctx, `DELETE FROM issuer.session WHERE id = $1`, se.ID)
			return err
		case !now.Before(expires) || !now.Before(se.Expires):
			outcome = errTokenUnknown
			return nil
		}
		if _, err := tx.Exec(ctx, `UPDATE issuer.refresh_token SET used_time = $2 WHERE hash = $1`, hash[:], now); err != nil {
			return err
		}
		return insertRefresh(ctx, tx, next, se.ID, earlier(now.Add(idle), se.Expires))
	})
	if err != nil {
		return session{}, err
	}
	return se, outcome
}

// endByToken ends the session that a refresh token of this client belongs to, whichever generation the token is.
func (s *store) endByToken(ctx context.Context, token, clientID string) error {
	hash := sha256.Sum256([]byte(token))
	_, err := s.pool.Exec(ctx, `DELETE FROM issuer.session WHERE client_id = $2 AND id =
		(SELECT session_id FROM issuer.refresh_token WHERE hash = $1)`, hash[:], clientID)
	return err
}

func (s *store) endSession(ctx context.Context, id string) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM issuer.session WHERE id = $1`, id)
	return err
}

func (s *store) sessionAlive(ctx context.Context, id string, now time.Time) (bool, error) {
	var alive bool
	err := s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM issuer.session WHERE id = $1 AND expires_time > $2)`, id, now).Scan(&alive)
	return alive, err
}

// prune deletes what can no longer change an answer.
func (s *store) prune(ctx context.Context, now time.Time, limit Lockout) error {
	batch := &pgx.Batch{}
	batch.Queue(`DELETE FROM issuer.session WHERE expires_time <= $1`, now)
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
