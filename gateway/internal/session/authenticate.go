package session

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/fusionems/quantum/gateway/internal/authn"
)

// Errors of Authenticate, beside ErrUnavailable.
var (
	// ErrUnknown is a cookie that names no session, or not with its secret: a guess, or one that was forgotten long ago.
	ErrUnknown = errors.New("session: no such session")
	// ErrEnded, ErrIdle and ErrExpired are sessions that were.
	ErrEnded   = errors.New("session: ended")
	ErrIdle    = errors.New("session: idle for too long")
	ErrExpired = errors.New("session: at its greatest age")
	// ErrCSRF is a request that changes something and does not prove that the portal made it.
	ErrCSRF = errors.New("session: the request does not prove that the portal made it")
	// ErrIssuerAway means that the tokens ran out and cannot be renewed now.
	ErrIssuerAway = errors.New("session: the issuer does not answer")
)

// Authenticate finds the session of a request. With ErrCSRF it answers the session as well.
func (m *Manager) Authenticate(ctx context.Context, r *http.Request, address string) (*Live, error) {
	cred, ok := CredentialOf(r)
	if !ok {
		return nil, ErrUnknown
	}
	l, err := m.find(ctx, cred)
	if err != nil {
		return nil, err
	}
	if !safe(r.Method) && (!sameOrigin(r, m.cfg.Origin) || !csrfProven(r, cred)) {
		return l, ErrCSRF
	}
	if r.Header.Get(BackgroundHeader) != "" {
		return l, nil
	}
	return l, m.seen(ctx, l, address)
}

func (m *Manager) find(ctx context.Context, cred Credential) (*Live, error) {
	ref := cred.Ref()
	e, sealed, err := m.store.read(ctx, ref)
	if err != nil {
		return nil, err
	}
	if err := m.judge(ctx, cred, e, sealed); err != nil {
		return nil, err
	}
	tokens, err := m.openTokens(ctx, ref, sealed)
	if err != nil {
		m.cfg.Log.ErrorContext(ctx, "the tokens of a session do not open; was the key changed?", "session", string(ref))
		return nil, m.over(ctx, ref, e, ended, CauseUnreadable)
	}
	if e, tokens, err = m.current(ctx, ref, e, tokens); err != nil {
		return nil, err
	}
	token, err := m.cfg.Tokens.Authenticate(ctx, tokens.Access)
	switch {
	case errors.Is(err, authn.ErrIssuerAway):
		return nil, ErrIssuerAway
	case err != nil:
		m.cfg.Log.WarnContext(ctx, "the access token of a session is not valid", "session", string(ref), "error", err)
		return nil, m.over(ctx, ref, e, ended, CauseTokenDenied)
	case token.Principal.Subject != e.subject:
		return nil, m.over(ctx, ref, e, ended, CauseSubject)
	}
	return &Live{Ref: ref, Token: token, View: m.view(ref, e), entry: e, cred: cred, fresh: tokens}, nil
}

// judge says whether the session lives, by the clock of the server.
func (m *Manager) judge(ctx context.Context, cred Credential, e *entry, sealed string) error {
	now := m.now()
	switch {
	case e == nil || !cred.proves(e.proof):
		return ErrUnknown
	case e.state != live:
		return e.state.err()
	case !now.Before(e.expires):
		return m.over(ctx, cred.Ref(), e, expired, CauseAge)
	case now.Sub(e.seen) >= m.cfg.Idle:
		return m.over(ctx, cred.Ref(), e, idle, CauseIdle)
	case sealed == "":
		return m.over(ctx, cred.Ref(), e, ended, CauseUnreadable)
	}
	return nil
}

// over ends a session and answers with the error that says so.
func (m *Manager) over(ctx context.Context, ref Ref, e *entry, why state, cause string) error {
	if _, err := m.end(ctx, ref, e, why, cause); err != nil {
		return err
	}
	return why.err()
}

func (s state) err() error {
	switch s {
	case idle:
		return ErrIdle
	case expired:
		return ErrExpired
	}
	return ErrEnded
}

// end ends a session once: the first who does so, of all replicas, records it. No cause is for calls that are recorded themselves.
func (m *Manager) end(ctx context.Context, ref Ref, e *entry, why state, cause string) (bool, error) {
	first, err := m.store.end(ctx, ref, why)
	if err != nil {
		return false, err
	}
	// The list is read against the sessions themselves: an entry that stays for lack of Redis does no harm.
	_ = m.store.unlist(ctx, e.subject, []Ref{ref})
	if first && cause != "" {
		m.cfg.Evidence.SessionEnded(ctx, e.principal(), string(ref), cause)
	}
	return first, nil
}

// seen notes that the person is there, at most every touchEvery.
func (m *Manager) seen(ctx context.Context, l *Live, address string) error {
	now := m.now()
	if now.Sub(l.entry.seen) < touchEvery && l.entry.address == address {
		return nil
	}
	return m.touch(ctx, l, address, now)
}

func (m *Manager) touch(ctx context.Context, l *Live, address string, now time.Time) error {
	e := *l.entry
	e.seen, e.address = now, address
	alive, err := m.store.touch(ctx, l.Ref, now, address, m.tokenLife(&e, now))
	switch {
	case err != nil:
		return err
	case !alive:
		return ErrEnded
	}
	l.entry, l.View = &e, m.view(l.Ref, &e)
	return nil
}
