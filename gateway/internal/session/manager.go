package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/fusionems/quantum/gateway/internal/authn"
	"github.com/fusionems/quantum/pkg/crypt"
	"github.com/fusionems/quantum/pkg/identity"
)

// Verifier verifies access tokens.
type Verifier interface {
	Authenticate(ctx context.Context, token string) (*authn.Session, error)
}

// Issuer exchanges a refresh token. Its errors are ErrRefused for a token that is worth nothing any more, or anything else for
// an issuer that cannot answer.
type Issuer interface {
	Refresh(ctx context.Context, refreshToken string) (Tokens, error)
	// End tells it that the sign-in of a refresh token is over.
	End(ctx context.Context, refreshToken string) error
}

// ErrRefused is the issuer's invalid_grant.
var ErrRefused = errors.New("session: the issuer refuses the grant")

// Evidence keeps what became of sessions for the audit log.
type Evidence interface {
	SessionEnded(ctx context.Context, p identity.Principal, id, cause string)
}

// Config of a Manager; every field is required.
type Config struct {
	// Keys are base64 lines of 32 bytes, the current one first.
	Keys string
	// Origin of the portal, e.g. https://ems.example.
	Origin string
	// Idle and Max are how long a session lives without a request of the person, and at all.
	Idle, Max time.Duration
	Tokens    Verifier
	Issuer    Issuer
	Evidence  Evidence
	Log       *slog.Logger
	Now       func() time.Time
}

// Manager begins, finds, extends and ends sessions.
type Manager struct {
	cfg    Config
	store  *Store
	seal   sealer
	flight singleflight.Group
}

const (
	// touchEvery bounds how often a busy session is written, and is how much too early it can become idle.
	touchEvery = 5 * time.Second
	// tokenSlack is how long tokens outlive the idle time, so that a request at its very end still finds them.
	tokenSlack = time.Minute
	// wordLife is how long after its greatest age a session can still be told why it ended: the browser of a person who went home
	// asks the next morning.
	wordLife = 24 * time.Hour
)

// New makes a manager.
func New(cfg Config, store *Store) (*Manager, error) {
	keys, err := crypt.ParseKEK(cfg.Keys)
	if err != nil {
		return nil, fmt.Errorf("session: the key: %w", err)
	}
	return &Manager{cfg: cfg, store: store, seal: sealer{keys}}, nil
}

// Causes why a session ended, as the audit log tells them.
const (
	CauseIdle        = "idle"
	CauseAge         = "age"
	CauseReplaced    = "signed in again"
	CauseByOwner     = "ended by its owner"
	CauseRefresh     = "refresh refused"
	CauseSubject     = "another person confirmed"
	CauseUnreadable  = "tokens not readable"
	CauseTokenDenied = "access token not valid"
)

// Live is a session that a request came with.
type Live struct {
	Ref Ref
	// Token is the verified access token.
	Token *authn.Session
	View  View
	entry *entry
	cred  Credential
	fresh Tokens
}

// View is what may be shown of a session.
type View struct {
	ID, Device, Address  string
	Created, Seen, Auth  time.Time
	IdleExpires, Expires time.Time
	subject              string
}

func (m *Manager) view(r Ref, e *entry) View {
	ends := e.seen.Add(m.cfg.Idle)
	if e.expires.Before(ends) {
		ends = e.expires
	}
	return View{
		ID: string(r), Device: e.device, Address: e.address, Created: e.created, Seen: e.seen, Auth: e.auth,
		IdleExpires: ends, Expires: e.expires, subject: e.subject,
	}
}

// Start is what a session begins with.
type Start struct {
	Tokens Tokens
	// Token is the verified access token of Tokens.
	Token              *authn.Session
	UserAgent, Address string
}

// Create begins a session with a new id.
func (m *Manager) Create(ctx context.Context, s Start) (Credential, View, error) {
	now := m.now()
	c := newCredential()
	r := c.Ref()
	e := &entry{
		proof: c.proof(), subject: s.Token.Principal.Subject, device: Device(s.UserAgent), address: s.Address,
		created: now, seen: now, expires: now.Add(m.cfg.Max), version: 1,
	}
	e.adopt(s.Token)
	sealed, err := m.sealTokens(ctx, r, s.Tokens)
	if err != nil {
		return c, View{}, err
	}
	return c, m.view(r, e), m.store.put(ctx, r, e, sealed, m.cfg.Max+wordLife, m.tokenLife(e, now))
}

// now is the server's time as Redis keeps it.
func (m *Manager) now() time.Time { return m.cfg.Now().Truncate(time.Millisecond) }

// adopt takes over what a new access token says.
func (e *entry) adopt(t *authn.Session) {
	e.auth, e.agency, e.tokenEnds, e.role = t.Principal.AuthTime, t.Principal.AgencyID, t.Expires, ""
	if len(t.Principal.Roles) > 0 {
		e.role = t.Principal.Roles[0]
	}
}

func (e *entry) principal() identity.Principal {
	return identity.Principal{Subject: e.subject, Actor: identity.Human, AgencyID: e.agency, ActingRole: e.role}
}

// tokenLife is how long Redis keeps the tokens: not longer than the session can live untouched.
func (m *Manager) tokenLife(e *entry, now time.Time) time.Duration {
	return min(e.seen.Add(m.cfg.Idle).Sub(now)+tokenSlack, e.expires.Sub(now))
}

func (m *Manager) sealTokens(ctx context.Context, r Ref, t Tokens) (string, error) {
	raw, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	return m.seal.seal(ctx, tokensKey(r), raw)
}

func (m *Manager) openTokens(ctx context.Context, r Ref, sealed string) (Tokens, error) {
	var t Tokens
	raw, err := m.seal.open(ctx, tokensKey(r), sealed)
	if err != nil {
		return t, err
	}
	return t, json.Unmarshal(raw, &t)
}
