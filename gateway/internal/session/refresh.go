package session

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/gateway/internal/authn"
)

const (
	// refreshAhead is how long before its end an access token is replaced.
	refreshAhead = time.Minute
	// lockLife is more than a refresh can take; issuerWait is how long the issuer may take for one.
	lockLife   = 10 * time.Second
	issuerWait = 4 * time.Second
	// awayFor is how long an issuer that did not answer is left alone, per session.
	awayFor  = 2 * time.Second
	pollWait = 20 * time.Millisecond
)

// renewed is what a refresh leads to.
type renewed struct {
	entry  *entry
	tokens Tokens
}

// current answers tokens that are good for a while yet. A refresh token serves once, and the issuer takes a second use for a theft:
// so one request of all replicas refreshes, and the others go on with what they have or wait for the outcome.
func (m *Manager) current(ctx context.Context, ref Ref, e *entry, t Tokens) (*entry, Tokens, error) {
	now := m.now()
	if now.Before(e.tokenEnds.Add(-refreshAhead)) {
		return e, t, nil
	}
	// A request that is given up must not give up the refresh: its outcome would be lost, and with it the session.
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), lockLife)
	defer cancel()
	v, err, _ := m.flight.Do(string(ref), func() (any, error) { return m.refresh(work, ref, e, t) })
	switch r, _ := v.(renewed); {
	case err == nil:
		return r.entry, r.tokens, nil
	case errors.Is(err, ErrIssuerAway) && now.Before(e.tokenEnds):
		return e, t, nil
	default:
		return nil, Tokens{}, err
	}
}

func (m *Manager) refresh(ctx context.Context, ref Ref, e *entry, t Tokens) (renewed, error) {
	owner := uuid.NewString()
	for {
		holder, err := m.store.lock(ctx, ref, owner, lockLife)
		switch {
		case err != nil:
			return renewed{}, err
		case holder == "":
			return m.refreshLocked(ctx, ref, e, t, owner)
		case m.now().Before(e.tokenEnds):
			return renewed{e, t}, nil
		case holder == issuerAwayMark:
			return renewed{}, ErrIssuerAway
		}
		select {
		case <-ctx.Done():
			return renewed{}, ErrIssuerAway
		case <-time.After(pollWait):
		}
		if r, ok, err := m.replaced(ctx, ref, e); ok || err != nil {
			return r, err
		}
	}
}

// replaced says whether the session has newer tokens than e was read with.
func (m *Manager) replaced(ctx context.Context, ref Ref, e *entry) (renewed, bool, error) {
	now, sealed, err := m.store.read(ctx, ref)
	switch {
	case err != nil:
		return renewed{}, false, err
	case now == nil || sealed == "" && now.state == live:
		return renewed{}, false, ErrEnded
	case now.state != live:
		return renewed{}, false, now.state.err()
	case now.version == e.version:
		return renewed{}, false, nil
	}
	t, err := m.openTokens(ctx, ref, sealed)
	if err != nil {
		return renewed{}, false, m.over(ctx, ref, now, ended, CauseUnreadable)
	}
	return renewed{now, t}, true, nil
}

// refreshLocked asks the issuer. Between the first reading and the lock another may have been here: it looks again.
func (m *Manager) refreshLocked(ctx context.Context, ref Ref, e *entry, t Tokens, owner string) (renewed, error) {
	// A lock that stays for lack of Redis goes by itself.
	defer func() { _ = m.store.unlock(ctx, ref, owner) }()
	if r, ok, err := m.replaced(ctx, ref, e); ok || err != nil {
		return r, err
	}
	next, token, err := m.ask(ctx, ref, e, t)
	if err != nil {
		return renewed{}, err
	}
	stored, err := m.keep(ctx, ref, e, next, token)
	if err != nil {
		return renewed{}, err
	}
	if stored != nil {
		return renewed{stored, next}, nil
	}
	// It ended meanwhile, or the person confirmed the second factor anew and has better tokens.
	if r, ok, err := m.replaced(ctx, ref, e); ok || err != nil {
		return r, err
	}
	return renewed{}, ErrEnded
}

// ask exchanges the refresh token. What the issuer refuses ends the session: a token that was used twice may be stolen.
func (m *Manager) ask(ctx context.Context, ref Ref, e *entry, t Tokens) (Tokens, *authn.Session, error) {
	asked, cancel := context.WithTimeout(ctx, issuerWait)
	next, err := m.cfg.Issuer.Refresh(asked, t.Refresh)
	cancel()
	switch {
	case errors.Is(err, ErrRefused):
		return Tokens{}, nil, m.over(ctx, ref, e, ended, CauseRefresh)
	case err != nil:
		m.cfg.Log.WarnContext(ctx, "the issuer does not refresh a session", "session", string(ref), "error", err)
		if err := m.store.markIssuerAway(ctx, ref, awayFor); err != nil {
			return Tokens{}, nil, err
		}
		return Tokens{}, nil, ErrIssuerAway
	}
	token, err := m.cfg.Tokens.Authenticate(ctx, next.Access)
	switch {
	case errors.Is(err, authn.ErrIssuerAway):
		return Tokens{}, nil, ErrIssuerAway
	case err != nil:
		m.cfg.Log.WarnContext(ctx, "the refreshed access token of a session is not valid", "session", string(ref), "error", err)
		return Tokens{}, nil, m.over(ctx, ref, e, ended, CauseTokenDenied)
	case token.Principal.Subject != e.subject:
		return Tokens{}, nil, m.over(ctx, ref, e, ended, CauseSubject)
	}
	return next, token, nil
}

// keep stores new tokens in the place of those that e was read with; nil when the session is over or has newer ones.
func (m *Manager) keep(ctx context.Context, ref Ref, e *entry, t Tokens, token *authn.Session) (*entry, error) {
	next := *e
	next.adopt(token)
	sealed, err := m.sealTokens(ctx, ref, t)
	if err != nil {
		return nil, err
	}
	stored, err := m.store.replace(ctx, ref, &next, sealed, m.tokenLife(e, m.now()))
	if err != nil || !stored {
		return nil, err
	}
	next.version++
	return &next, nil
}
