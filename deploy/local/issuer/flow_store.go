package issuer

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Steps of a sign-in, as the form that is shown names them.
const (
	stepPassword = "password"
	stepCode     = "code"
	stepEnrol    = "enrol"
	stepDone     = "done"
)

// flow is a sign-in that is under way in one browser.
type flow struct {
	ID      string
	Request authRequest
	Step    string
	Subject string // whose password was right; "" before
	Secret  []byte // of the authenticator that is being enrolled, sealed
	Expires time.Time

	csrf string
}

// errFlowUnknown covers what has expired, what is of another browser and what never was: they are told alike.
var errFlowUnknown = errors.New("no such sign-in is under way in this browser")

func (s *store) openFlow(ctx context.Context, f flow, browser string) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO issuer.login_flow (id, browser_hash, request, step, expires_time) VALUES ($1, $2, $3, $4, $5)`,
		f.ID, hashOf(browser), f.Request, f.Step, f.Expires)
	return err
}

func (s *store) findFlow(ctx context.Context, id, browser string, now time.Time) (*flow, error) {
	if _, err := uuid.Parse(id); err != nil || browser == "" {
		return nil, errFlowUnknown
	}
	f := flow{ID: id}
	var subject *string
	err := s.pool.QueryRow(ctx, `SELECT request, step, subject, secret, expires_time FROM issuer.login_flow
		WHERE id = $1 AND browser_hash = $2 AND expires_time > $3`, id, hashOf(browser), now).
		Scan(&f.Request, &f.Step, &subject, &f.Secret, &f.Expires)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errFlowUnknown
	}
	if subject != nil {
		f.Subject = *subject
	}
	return &f, err
}

// move takes a flow on to its next step and reports whether it still was at the one that the caller saw: of two submits of one
// form the second finds it moved.
func move(ctx context.Context, tx pgx.Tx, f *flow, next, subject string, secret []byte) (bool, error) {
	var whose *string
	if subject != "" {
		whose = &subject
	}
	tag, err := tx.Exec(ctx, `UPDATE issuer.login_flow SET step = $3, subject = $4, secret = $5 WHERE id = $1 AND step = $2`,
		f.ID, f.Step, next, whose, secret)
	return tag.RowsAffected() == 1, err
}

// restartFlow takes a flow back to its beginning, for another name or after a lockout.
func (s *store) restartFlow(ctx context.Context, f *flow) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := move(ctx, tx, f, stepPassword, "", nil)
		return err
	})
}
