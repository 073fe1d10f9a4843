package issuer

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/jackc/pgx/v5"
)

// sealer keeps the secrets of enrolled authenticators unreadable in the database: whoever gets a copy of it must not be able to
// make codes. A secret is bound to whom it belongs to, so that a row cannot be put under another name.
type sealer struct{ aead cipher.AEAD }

func newSealer(key jose.JSONWebKey) (*sealer, error) {
	secret, err := derived(key, "issuer: secrets of authenticators")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &sealer{aead}, err
}

func (s *sealer) seal(secret, subject string) []byte {
	return s.aead.Seal(nil, nil, []byte(secret), []byte(subject))
}

func (s *sealer) open(sealed []byte, subject string) (string, error) {
	plain, err := s.aead.Open(nil, nil, sealed, []byte(subject))
	if err != nil {
		return "", fmt.Errorf("the authenticator of %s was sealed with another signing key: %w", subject, err)
	}
	return string(plain), nil
}

// authenticator answers the TOTP secret of a user, from the realm or enrolled; "" where there is none yet.
func (p *Provider) authenticator(ctx context.Context, q querier, user *User) (string, error) {
	if user.TOTPSecret != "" {
		return user.TOTPSecret, nil
	}
	var sealed []byte
	err := q.QueryRow(ctx, `SELECT secret FROM issuer.authenticator WHERE subject = $1`, user.ID).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return p.sealer.open(sealed, user.ID)
}

// secondFactor judges a code of somebody whose password was right.
func (p *Provider) secondFactor(ctx context.Context, tx pgx.Tx, user *User, code string, now time.Time) (verdict, error) {
	secret, err := p.authenticator(ctx, tx, user)
	if err != nil || secret == "" {
		return unready, err
	}
	step, ok := matchTOTP(secret, code, now)
	if !ok {
		return refused, nil
	}
	fresh, err := useCode(ctx, tx, user.ID, step)
	if err != nil || !fresh {
		return replayed, err
	}
	return accepted, nil
}

// enrol makes a candidate the authenticator of a user once it has shown a right code. A wrong code is not counted towards the
// lockout: the secret is on the same page, so there is nothing to guess.
func (p *Provider) enrol(ctx context.Context, tx pgx.Tx, user *User, sealed []byte, code string, now time.Time) (verdict, error) {
	secret, err := p.sealer.open(sealed, user.ID)
	if err != nil {
		return passed, err
	}
	step, ok := matchTOTP(secret, code, now)
	if !ok {
		return passed, nil
	}
	tag, err := tx.Exec(ctx, `INSERT INTO issuer.authenticator (subject, secret, confirmed_time) VALUES ($1, $2, $3)
		ON CONFLICT DO NOTHING`, user.ID, sealed, now)
	// Somebody with the same password was faster. Theirs counts, and this one is asked for its codes from now on.
	if err != nil || tag.RowsAffected() == 0 {
		return unready, err
	}
	_, err = useCode(ctx, tx, user.ID, step)
	return accepted, err
}

// shown is the code that the demo authenticator shows, with how long it will do. A code is accepted once, and one that is a
// step early is accepted too: who signs in twice within half a minute is shown the next one.
type shown struct {
	code      string
	remaining time.Duration
}

// demoCode is nil where the demo authenticator must not show anything of this user, or all codes of the moment are used.
func (p *Provider) demoCode(ctx context.Context, user *User, secret string, now time.Time) (*shown, error) {
	if !p.cfg.DemoAuthenticator || !user.Demo {
		return nil, nil
	}
	for step := TOTPStep(now); step <= TOTPStep(now)+totpSkew; step++ {
		var used bool
		err := p.store.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM issuer.used_code WHERE subject = $1 AND step = $2)`, user.ID, step).Scan(&used)
		if err != nil {
			return nil, err
		}
		if used {
			continue
		}
		code, err := TOTPCode(secret, step)
		return &shown{code: code, remaining: time.Unix((step+1)*int64(totpPeriod/time.Second), 0).Sub(now)}, err
	}
	return &shown{remaining: time.Unix((TOTPStep(now)+1)*int64(totpPeriod/time.Second), 0).Sub(now)}, nil
}
