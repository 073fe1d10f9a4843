package authn

import (
	"crypto/sha256"
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/fusionems/quantum/pkg/identity"
)

// Session is a verified token for as long as it is good.
type Session struct {
	Principal identity.Principal
	// Authority is the same for two tokens exactly when actor, roles, scopes, acr and policy version are the same.
	Authority [16]byte
	Expires   time.Time
	signed    atomic.Pointer[signed]
}

// signed is the last principal that was minted for the session.
type signed struct {
	agency int64
	cross  bool
	reason string
	value  string
	until  time.Time
}

// reuse is how long a minted principal serves further requests: half its life, so that it never runs out on the way.
const reuse = identity.TTL / 2

// Signer mints principals.
type Signer interface {
	Sign(p identity.Principal) (string, error)
}

// Sign returns the principal of the session, at work for the agency of p, in its signed form.
func (s *Session) Sign(signer Signer, p *identity.Principal, now time.Time) (string, error) {
	if last := s.signed.Load(); last != nil && now.Before(last.until) &&
		last.agency == p.AgencyID && last.cross == p.CrossAgency && last.reason == p.AccessReason {
		return last.value, nil
	}
	value, err := signer.Sign(*p)
	if err != nil {
		return "", err
	}
	s.signed.Store(&signed{p.AgencyID, p.CrossAgency, p.AccessReason, value, now.Add(reuse)})
	return value, nil
}

func authority(p *identity.Principal) (out [16]byte) {
	h := sha256.New()
	field := func(list ...string) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(list)))
		h.Write(n[:])
		for _, s := range list {
			binary.BigEndian.PutUint32(n[:], uint32(len(s)))
			h.Write(n[:])
			h.Write([]byte(s))
		}
	}
	field(string(p.Actor), p.ACR)
	field(p.Roles...)
	field(p.Scopes...)
	field(p.PolicyVersionID)
	copy(out[:], h.Sum(nil))
	return out
}
