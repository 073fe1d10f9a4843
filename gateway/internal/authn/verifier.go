package authn

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/fusionems/quantum/pkg/authz"
)

// Config says whose tokens are good.
type Config struct {
	Issuer, Audience string
	// MaxAge refuses a token issued longer ago, whatever it says of its own expiry.
	MaxAge time.Duration
	// Client reaches the issuer; its transport trusts the issuer's authority.
	Client *http.Client
	Roles  []authz.Role
	Now    func() time.Time
}

// Errors of Authenticate.
var (
	// ErrInvalid means that the token is not good; its cause is in the chain.
	ErrInvalid = errors.New("authn: the token is not valid")
	// ErrIssuerAway means that the issuer's keys were never read.
	ErrIssuerAway = errors.New("authn: the issuer's keys are not known yet")
)

// Verifier verifies tokens. A verified one is remembered by its SHA-256 until it expires.
type Verifier struct {
	cfg    Config
	reader reader
	oidc   atomic.Pointer[oidc.IDTokenVerifier]
	seen   *lru.Cache[[sha256.Size]byte, *Session]
}

const (
	// cacheSize bounds the remembered tokens: about 3 kB each.
	cacheSize = 16384
	// maxToken bounds what is looked at: Keycloak's tokens have 1 to 2 kB.
	maxToken = 8 << 10
	// skew is how far the issuer's clock may be ahead of ours.
	skew = 30 * time.Second
	// discoveryRetry is how soon an issuer that did not answer is asked again.
	discoveryRetry = time.Second
	issuerTimeout  = 5 * time.Second
)

// algorithms are asymmetric only: with HS256 the public key would be the secret.
var algorithms = []string{oidc.RS256, oidc.ES256}

// New makes a verifier that knows no key until Run has reached the issuer.
func New(cfg Config) (*Verifier, error) {
	seen, err := lru.New[[sha256.Size]byte, *Session](cacheSize)
	if err != nil {
		return nil, err
	}
	return &Verifier{cfg: cfg, reader: newReader(cfg.Roles), seen: seen}, nil
}

// Run reads the issuer's configuration and returns when ctx ends. Keys are read when a token names one that is not known.
func (v *Verifier) Run(ctx context.Context) error {
	for v.discover(ctx) != nil {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(discoveryRetry):
		}
	}
	<-ctx.Done()
	return nil
}

func (v *Verifier) discover(ctx context.Context) error {
	transport := v.cfg.Client.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	base := oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{
		Timeout: issuerTimeout, Transport: &calm{next: transport, now: time.Now, every: calmFor},
	})
	ask, cancel := context.WithTimeout(oidc.ClientContext(ctx, v.cfg.Client), issuerTimeout)
	defer cancel()
	provider, err := oidc.NewProvider(ask, v.cfg.Issuer)
	if err != nil {
		return fmt.Errorf("authn: discovery: %w", err)
	}
	var doc struct {
		KeysURL string `json:"jwks_uri"`
	}
	if err := provider.Claims(&doc); err != nil || doc.KeysURL == "" {
		return errors.Join(errors.New("authn: discovery: no jwks_uri"), err)
	}
	keys := oidc.NewRemoteKeySet(base, doc.KeysURL)
	v.oidc.Store(oidc.NewVerifier(v.cfg.Issuer, keys, &oidc.Config{
		ClientID: v.cfg.Audience, SupportedSigningAlgs: algorithms, Now: v.cfg.Now,
	}))
	return nil
}

// Ready says whether tokens can be verified.
func (v *Verifier) Ready(context.Context) error {
	if v.oidc.Load() == nil {
		return ErrIssuerAway
	}
	return nil
}

// Authenticate returns the session of a token.
func (v *Verifier) Authenticate(ctx context.Context, token string) (*Session, error) {
	if len(token) > maxToken {
		return nil, fmt.Errorf("%w: too long", ErrInvalid)
	}
	id := sha256.Sum256([]byte(token))
	now := v.cfg.Now()
	if s, ok := v.seen.Get(id); ok {
		if now.Before(s.Expires) {
			return s, nil
		}
		v.seen.Remove(id)
	}
	s, err := v.verify(ctx, token, now)
	if err != nil {
		return nil, err
	}
	v.seen.Add(id, s)
	return s, nil
}

func (v *Verifier) verify(ctx context.Context, token string, now time.Time) (*Session, error) {
	verifier := v.oidc.Load()
	if verifier == nil {
		return nil, ErrIssuerAway
	}
	ctx, cancel := context.WithTimeout(ctx, issuerTimeout)
	defer cancel()
	verified, err := verifier.Verify(ctx, token)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	var raw json.RawMessage
	if err := verified.Claims(&raw); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	p, c, err := v.reader.principal(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	issued := time.Unix(c.IssuedAt, 0)
	if c.IssuedAt <= 0 || now.Sub(issued) > v.cfg.MaxAge || issued.Sub(now) > skew {
		return nil, fmt.Errorf("%w: issued at an impossible time or too long ago", ErrInvalid)
	}
	expires := verified.Expiry
	if last := issued.Add(v.cfg.MaxAge); last.Before(expires) {
		expires = last
	}
	if !now.Before(expires) {
		return nil, fmt.Errorf("%w: expired", ErrInvalid)
	}
	return &Session{Principal: p, Authority: authority(&p), Expires: expires}, nil
}
