package issuer

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// session is one login of one person; every refresh token that descends from it dies with it.
type session struct {
	ID, Subject, ClientID, Scope string
	AuthTime, Expires            time.Time
	Browser                      *string // the browser session it came of; nil for a direct grant
}

func (s *store) openSession(ctx context.Context, se session, refresh string, expires time.Time) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return insertSession(ctx, tx, se, refresh, expires) })
}

func insertSession(ctx context.Context, tx pgx.Tx, se session, refresh string, expires time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO issuer.session (id, subject, client_id, scope, auth_time, expires_time, browser_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, se.ID, se.Subject, se.ClientID, se.Scope, se.AuthTime, se.Expires, se.Browser)
	if err != nil {
		return err
	}
	return insertRefresh(ctx, tx, refresh, se.ID, expires)
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
			return endSession(ctx, tx, se.ID, false)
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

// endByToken ends the session that a refresh token of this client belongs to, whichever generation the token is. A logout
// ends the browser session that it came of too, and a revocation does when no other client has a session of it: whoever ended
// the last one from elsewhere does not expect the browser to be let in again without a question.
func (s *store) endByToken(ctx context.Context, token, clientID string, everywhere bool) error {
	hash := sha256.Sum256([]byte(token))
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var id string
		err := tx.QueryRow(ctx, `SELECT s.id FROM issuer.session s JOIN issuer.refresh_token t ON t.session_id = s.id
			WHERE s.client_id = $2 AND t.hash = $1`, hash[:], clientID).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return endSession(ctx, tx, id, everywhere)
	})
}

func (s *store) endSession(ctx context.Context, id string) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return endSession(ctx, tx, id, false) })
}

// endSession deletes a session, and its browser session when that is left without any or everything of it is to end.
func endSession(ctx context.Context, tx pgx.Tx, id string, everywhere bool) error {
	var browser *string
	err := tx.QueryRow(ctx, `DELETE FROM issuer.session WHERE id = $1 RETURNING browser_id`, id).Scan(&browser)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && browser == nil) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM issuer.browser_session b WHERE id = $1
		AND ($2 OR NOT EXISTS (SELECT FROM issuer.session s WHERE s.browser_id = b.id))`, *browser, everywhere)
	return err
}

func (s *store) sessionAlive(ctx context.Context, id string, now time.Time) (bool, error) {
	var alive bool
	err := s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM issuer.session WHERE id = $1 AND expires_time > $2)`, id, now).Scan(&alive)
	return alive, err
}
