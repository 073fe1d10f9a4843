package session

import (
	"context"
	"slices"

	"github.com/fusionems/quantum/gateway/internal/authn"
)

// Extend says that the person is still there.
func (m *Manager) Extend(ctx context.Context, l *Live) (View, error) {
	err := m.touch(ctx, l, l.entry.address, m.now())
	return l.View, err
}

// Elevate replaces the tokens of a session after its second factor was confirmed. Another person than the session's ends it. The
// old tokens are not given back: at the issuer they belong to the same sign-in as the new ones.
func (m *Manager) Elevate(ctx context.Context, l *Live, t Tokens, token *authn.Session) error {
	if token.Principal.Subject != l.entry.subject {
		m.tell(ctx, l.Ref, t)
		return m.over(ctx, l.Ref, l.entry, ended, CauseSubject)
	}
	e := l.entry
	for range elevateTries {
		stored, err := m.keep(ctx, l.Ref, e, t, token)
		if err != nil {
			return err
		}
		if stored != nil {
			return nil
		}
		// A refresh was faster; what it stored is older than what the person just confirmed.
		if e, _, err = m.store.read(ctx, l.Ref); err != nil {
			return err
		}
		if e == nil || e.state != live {
			break
		}
	}
	return ErrEnded
}

const elevateTries = 4

// SignOut ends the session of a request; told says whether the issuer knows.
func (m *Manager) SignOut(ctx context.Context, l *Live) (told bool, err error) {
	if _, err := m.end(ctx, l.Ref, l.entry, ended, ""); err != nil {
		return false, err
	}
	return m.tell(ctx, l.Ref, l.fresh), nil
}

// Replace ends the session of a browser that signed in again. At the issuer both may belong to one sign-in, so nothing is given
// back there.
func (m *Manager) Replace(ctx context.Context, l *Live) error {
	_, err := m.end(ctx, l.Ref, l.entry, ended, CauseReplaced)
	return err
}

// tell lets the issuer know that a sign-in is over, so that it asks the browser anew. Here the session is over either way.
func (m *Manager) tell(ctx context.Context, ref Ref, t Tokens) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), issuerWait)
	defer cancel()
	if err := m.cfg.Issuer.End(ctx, t.Refresh); err != nil {
		m.cfg.Log.WarnContext(ctx, "the issuer was not told that a session ended", "session", string(ref), "error", err)
		return false
	}
	return true
}

// List answers the living sessions of a subject, the last used first.
func (m *Manager) List(ctx context.Context, subject string) ([]View, error) {
	refs, entries, err := m.own(ctx, subject)
	if err != nil {
		return nil, err
	}
	var out []View
	for i, e := range entries {
		out = append(out, m.view(refs[i], e))
	}
	slices.SortFunc(out, func(a, b View) int {
		if c := b.Seen.Compare(a.Seen); c != 0 {
			return c
		}
		return slices.Compare([]byte(a.ID), []byte(b.ID))
	})
	return out, nil
}

// own are the living sessions of a subject. What is over leaves the list.
func (m *Manager) own(ctx context.Context, subject string) (refs []Ref, entries []*entry, err error) {
	listed, err := m.store.refs(ctx, subject)
	if err != nil {
		return nil, nil, err
	}
	all, err := m.store.entries(ctx, listed)
	if err != nil {
		return nil, nil, err
	}
	now := m.now()
	var gone []Ref
	for i, e := range all {
		switch {
		case e == nil || e.state != live || e.subject != subject || !now.Before(e.expires):
			gone = append(gone, listed[i])
		case now.Sub(e.seen) < m.cfg.Idle:
			refs, entries = append(refs, listed[i]), append(entries, e)
		}
	}
	return refs, entries, m.store.unlist(ctx, subject, gone)
}

// EndOwn ends one session of a subject; false when the subject has no such session.
func (m *Manager) EndOwn(ctx context.Context, subject, id string) (bool, error) {
	refs, entries, err := m.own(ctx, subject)
	if err != nil {
		return false, err
	}
	i := slices.Index(refs, Ref(id))
	if i < 0 {
		return false, nil
	}
	return true, m.endAway(ctx, refs[i], entries[i], "")
}

// EndOthers ends all sessions of the subject but one.
func (m *Manager) EndOthers(ctx context.Context, l *Live) (int, error) {
	refs, entries, err := m.own(ctx, l.entry.subject)
	if err != nil {
		return 0, err
	}
	n := 0
	for i, r := range refs {
		if r == l.Ref {
			continue
		}
		if err := m.endAway(ctx, r, entries[i], CauseByOwner); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// endAway ends a session whose browser is elsewhere.
func (m *Manager) endAway(ctx context.Context, r Ref, e *entry, cause string) error {
	_, sealed, err := m.store.read(ctx, r)
	if err != nil {
		return err
	}
	if _, err := m.end(ctx, r, e, ended, cause); err != nil {
		return err
	}
	if t, err := m.openTokens(ctx, r, sealed); err == nil {
		m.tell(ctx, r, t)
	}
	return nil
}
