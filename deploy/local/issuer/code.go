package issuer

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// authorization is what a code stands for.
type authorization struct {
	Request authRequest
	Browser browserSession
	Expires time.Time
}

func insertCode(ctx context.Context, tx pgx.Tx, code string, a authorization) error {
	_, err := tx.Exec(ctx, `INSERT INTO issuer.authorization_code (hash, browser_id, request, subject, auth_time, expires_time)
		VALUES ($1, $2, $3, $4, $5, $6)`, hashOf(code), a.Browser.ID, a.Request, a.Browser.Subject, a.Browser.AuthTime, a.Expires)
	return err
}

// Outcomes of redeeming a code. All of them are told alike: who guesses codes learns nothing from the answer.
var (
	errCodeUnknown = errors.New("authorization code is unknown, expired or of another client")
	errCodeReused  = errors.New("authorization code was used before: the session made from it is ended")
	errCodeUnbound = errors.New("authorization code came with another address or verifier: it is spent")
)

// codeGrant exchanges an authorization code for tokens.
func (p *Provider) codeGrant(ctx context.Context, c *Client, form url.Values) (*tokenResponse, error) {
	if !c.StandardFlow {
		return nil, refuse(http.StatusBadRequest, "unauthorized_client", "Client not allowed for the authorization code flow")
	}
	for _, field := range []string{"code", "redirect_uri", "code_verifier"} {
		if form.Get(field) == "" {
			return nil, refuse(http.StatusBadRequest, "invalid_request", "Missing parameter: "+field)
		}
	}
	refresh := NewSecret()
	se, nonce, err := p.redeem(ctx, c, form, refresh)
	switch {
	case errors.Is(err, errCodeReused):
		p.cfg.Log.Warn("authorization code used twice, its session is ended", "client", c.ID)
	case errors.Is(err, errCodeUnbound):
		p.cfg.Log.Warn("authorization code refused and spent", "client", c.ID)
	case errors.Is(err, errCodeUnknown):
	case err != nil:
		return nil, err
	default:
		user := p.currentRealm().byID[se.Subject]
		if user == nil {
			return nil, refuse(http.StatusBadRequest, "invalid_grant", "User disabled")
		}
		p.cfg.Log.Info("login", "subject", user.ID, "client", c.ID, "session", se.ID)
		return p.personResponse(user, se, refresh, nonce)
	}
	return nil, refuse(http.StatusBadRequest, "invalid_grant", "Code not valid")
}

// redeem spends a code and opens the session that it stands for.
func (p *Provider) redeem(ctx context.Context, c *Client, form url.Values, refresh string) (se session, nonce string, err error) {
	var outcome error
	now := p.cfg.Now()
	err = pgx.BeginFunc(ctx, p.store.pool, func(tx pgx.Tx) error {
		var a authorization
		var used *time.Time
		var sessionID *string
		hash := hashOf(form.Get("code"))
		err := tx.QueryRow(ctx, `SELECT c.request, c.subject, c.auth_time, c.expires_time, c.used_time, c.session_id, b.id, b.expires_time
			FROM issuer.authorization_code c JOIN issuer.browser_session b ON b.id = c.browser_id WHERE c.hash = $1 FOR UPDATE OF c`, hash).
			Scan(&a.Request, &a.Browser.Subject, &a.Browser.AuthTime, &a.Expires, &used, &sessionID, &a.Browser.ID, &a.Browser.Expires)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			outcome = errCodeUnknown
			return nil
		case err != nil:
			return err
		case a.Request.ClientID != c.ID:
			outcome = errCodeUnknown
			return nil
		case used != nil:
			outcome = errCodeReused
			if sessionID == nil {
				return nil
			}
			return endSession(ctx, tx, *sessionID, false)
		case !now.Before(a.Expires):
			outcome = errCodeUnknown
			return nil
		}
		if !a.matches(form) {
			outcome = errCodeUnbound
			_, err := tx.Exec(ctx, `UPDATE issuer.authorization_code SET used_time = $2 WHERE hash = $1`, hash, now)
			return err
		}
		if se, outcome = p.sessionOf(a, now); outcome != nil {
			return nil
		}
		nonce = a.Request.Nonce
		if err := insertSession(ctx, tx, se, refresh, earlier(now.Add(p.cfg.RefreshIdle), se.Expires)); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE issuer.authorization_code SET used_time = $2, session_id = $3 WHERE hash = $1`, hash, now, se.ID)
		return err
	})
	if err == nil {
		err = outcome
	}
	return se, nonce, err
}

// sessionOf is the session that a code opens, unless the person has lost the right to it since.
func (p *Provider) sessionOf(a authorization, now time.Time) (session, error) {
	user := p.currentRealm().byID[a.Browser.Subject]
	if user == nil || user.Disabled {
		return session{}, errCodeUnknown
	}
	scope, ok := grantScope(a.Request.Scope, p.cfg.Scopes(user.Roles))
	if !ok {
		return session{}, errCodeUnknown
	}
	return session{
		ID: uuid.NewString(), Subject: user.ID, ClientID: a.Request.ClientID, Scope: scope, AuthTime: a.Browser.AuthTime,
		Expires: earlier(now.Add(p.cfg.SessionMax), a.Browser.Expires), Browser: &a.Browser.ID,
	}, nil
}

// matches tells whether the code comes back from where it was sent to (RFC 6749, section 4.1.3), with the verifier whose hash
// was in the request (RFC 7636, section 4.6).
func (a authorization) matches(form url.Values) bool {
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	return subtle.ConstantTimeCompare([]byte(challenge), []byte(a.Request.Challenge)) == 1 && form.Get("redirect_uri") == a.Request.RedirectURI
}
