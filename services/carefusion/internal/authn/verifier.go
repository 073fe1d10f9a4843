package authn

import (
	"context"
	"errors"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
)

// Keys answers the issuer's public key of that id.
type Keys func(ctx context.Context, kid string) (*jose.JSONWebKey, error)

// Verifier checks tokens.
type Verifier struct {
	Issuer   string
	Audience string
	// ACR is the class of authentication that stands for a second factor.
	ACR   string
	Keys  Keys
	Clock func() time.Time
}

// algorithms are asymmetric only: with a symmetric one, who can check could also sign.
func algorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.ES256, jose.RS256, jose.PS256, jose.EdDSA}
}

// leeway is for clocks that differ.
const leeway = 10 * time.Second

type claims struct {
	jwt.Claims
	Type  string `json:"typ"`
	ACR   string `json:"acr"`
	Realm struct {
		Roles []string `json:"roles"`
	} `json:"realm_access"`
}

// Verify answers the caller. Its errors are for the log; clients are told nothing but that the token is not valid.
func (v *Verifier) Verify(ctx context.Context, token string) (identity.Principal, error) {
	none := identity.Principal{}
	parsed, err := jwt.ParseSigned(token, algorithms())
	if err != nil {
		return none, errors.New("authn: not a signed token")
	}
	if len(parsed.Headers) != 1 || parsed.Headers[0].KeyID == "" {
		return none, errors.New("authn: no key id")
	}
	key, err := v.Keys(ctx, parsed.Headers[0].KeyID)
	if err != nil {
		return none, err
	}
	if key.Algorithm != "" && key.Algorithm != parsed.Headers[0].Algorithm {
		return none, errors.New("authn: the key is for another algorithm")
	}
	var c claims
	if err := parsed.Claims(key.Key, &c); err != nil {
		return none, errors.New("authn: the signature does not hold")
	}
	if c.Expiry == nil || c.IssuedAt == nil {
		return none, errors.New("authn: no lifetime")
	}
	expected := jwt.Expected{Issuer: v.Issuer, AnyAudience: jwt.Audience{v.Audience}, Time: v.Clock()}
	if err := c.ValidateWithLeeway(expected, leeway); err != nil {
		return none, err
	}
	return v.principal(c)
}

func (v *Verifier) principal(c claims) (identity.Principal, error) {
	if c.Type != "Bearer" {
		return identity.Principal{}, errors.New("authn: not an access token")
	}
	if c.ACR != v.ACR {
		return identity.Principal{}, errors.New("authn: no second factor")
	}
	subject, err := uuid.Parse(c.Subject)
	if err != nil || subject == uuid.Nil {
		return identity.Principal{}, errors.New("authn: the subject is not a UUID")
	}
	p := identity.Principal{Subject: subject}
	for role, name := range identity.Names() {
		for _, have := range c.Realm.Roles {
			if have != name {
				continue
			}
			// Two roles would leave open which rows are meant.
			if p.Role != carefusionv1.Role_ROLE_UNSPECIFIED && p.Role != role {
				return identity.Principal{}, errors.New("authn: more than one role")
			}
			p.Role = role
		}
	}
	if p.Role == carefusionv1.Role_ROLE_UNSPECIFIED {
		return identity.Principal{}, errors.New("authn: no role of this service")
	}
	return p, nil
}
