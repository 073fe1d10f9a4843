package identity

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	issuer   = "fleet-gateway"
	audience = "fleet"
	// TTL is how long a signed principal is good for: long enough for clock skew between nodes, too short to be worth stealing.
	TTL = 60 * time.Second
	// cacheSize bounds the verified principals a service remembers; one entry is about 1 kB.
	cacheSize = 8192
)

type claims struct {
	jwt.Claims
	Name            string           `json:"name,omitempty"`
	Actor           ActorKind        `json:"actor"`
	Roles           []string         `json:"roles,omitempty"`
	Scopes          []string         `json:"scopes,omitempty"`
	AgencyID        int64            `json:"agency_id,omitempty"`
	CrossAgency     bool             `json:"cross_agency,omitempty"`
	AccessReason    string           `json:"access_reason,omitempty"`
	ACR             string           `json:"acr,omitempty"`
	AuthTime        *jwt.NumericDate `json:"auth_time,omitempty"`
	Delegator       string           `json:"delegator,omitempty"`
	PolicyVersionID string           `json:"policy_version_id,omitempty"`
}

// Signer mints principals. Only the gateway holds one.
type Signer struct {
	signer jose.Signer
	now    func() time.Time
}

// NewSigner makes a signer from an Ed25519 key; kid names the key in the verifiers' key set.
func NewSigner(key ed25519.PrivateKey, kid string, now func() time.Time) (*Signer, error) {
	opts := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", kid)
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: key}, opts)
	if err != nil {
		return nil, fmt.Errorf("identity: signer: %w", err)
	}
	return &Signer{signer: s, now: now}, nil
}

// Sign returns the principal as a JWT (RFC 7519) for the fleet's services.
func (s *Signer) Sign(p Principal) (string, error) {
	if p.Actor == Service {
		return "", errors.New("identity: a service is known by its certificate, not by a token")
	}
	now := s.now()
	c := claims{
		Claims: jwt.Claims{
			Issuer: issuer, Audience: jwt.Audience{audience}, Subject: p.Subject,
			IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(TTL)),
		},
		Name: p.Name, Actor: p.Actor, Roles: p.Roles, Scopes: p.Scopes, AgencyID: p.AgencyID,
		CrossAgency: p.CrossAgency, AccessReason: p.AccessReason, ACR: p.ACR,
		Delegator: p.Delegator, PolicyVersionID: p.PolicyVersionID,
	}
	if !p.AuthTime.IsZero() {
		c.AuthTime = jwt.NewNumericDate(p.AuthTime)
	}
	return jwt.Signed(s.signer).Claims(c).Serialize()
}

// Verifier checks signed principals. Checked tokens are remembered until they expire, because
// one caller's requests carry the same token for up to a minute and a signature costs more
// than the rest of the call.
type Verifier struct {
	keys jose.JSONWebKeySet
	now  func() time.Time
	seen *lru.Cache[string, verified]
}

type verified struct {
	principal Principal
	expires   time.Time
}

// NewVerifier makes a verifier from a JWKS (RFC 7517) of Ed25519 public keys.
func NewVerifier(jwks []byte, now func() time.Time) (*Verifier, error) {
	v := &Verifier{now: now}
	if err := json.Unmarshal(jwks, &v.keys); err != nil {
		return nil, fmt.Errorf("identity: key set: %w", err)
	}
	if len(v.keys.Keys) == 0 {
		return nil, errors.New("identity: the key set is empty")
	}
	for _, k := range v.keys.Keys {
		if _, ok := k.Key.(ed25519.PublicKey); !ok {
			return nil, fmt.Errorf("identity: key %q is not an Ed25519 public key", k.KeyID)
		}
	}
	var err error
	v.seen, err = lru.New[string, verified](cacheSize)
	return v, err
}

// Verify returns the principal of a token that the gateway signed and that is still good.
func (v *Verifier) Verify(token string) (Principal, error) {
	now := v.now()
	if got, ok := v.seen.Get(token); ok && now.Before(got.expires) {
		return got.principal, nil
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil {
		return Principal{}, fmt.Errorf("identity: parse: %w", err)
	}
	var c claims
	if err := parsed.Claims(v.keys, &c); err != nil {
		return Principal{}, fmt.Errorf("identity: signature: %w", err)
	}
	want := jwt.Expected{Issuer: issuer, AnyAudience: jwt.Audience{audience}, Time: now}
	if err := c.ValidateWithLeeway(want, 5*time.Second); err != nil {
		return Principal{}, fmt.Errorf("identity: claims: %w", err)
	}
	if c.Expiry == nil || c.Subject == "" || c.Actor == "" || c.Actor == Service {
		return Principal{}, errors.New("identity: claims: incomplete")
	}
	p := c.principal()
	v.seen.Add(token, verified{principal: p, expires: c.Expiry.Time()})
	return p, nil
}

func (c claims) principal() Principal {
	p := Principal{
		Subject: c.Subject, Name: c.Name, Actor: c.Actor, Roles: c.Roles, Scopes: c.Scopes,
		AgencyID: c.AgencyID, CrossAgency: c.CrossAgency, AccessReason: c.AccessReason,
		ACR: c.ACR, Delegator: c.Delegator, PolicyVersionID: c.PolicyVersionID,
	}
	if c.AuthTime != nil {
		p.AuthTime = c.AuthTime.Time()
	}
	return p
}
