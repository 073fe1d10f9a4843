package issuer

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// The names of the cookies begin so that a browser takes them over TLS only, for this host only. They differ from those of any
// client: on one machine the port tells servers apart, and cookies know no ports.
const (
	sessionCookie = "__Host-issuer-session" // who has signed in
	browserCookie = "__Host-issuer-browser" // which browser a sign-in under way belongs to
)

// browserSession is what is remembered of a browser that somebody signed in with.
type browserSession struct {
	ID, Subject                 string
	AuthTime, UsedTime, Expires time.Time
}

// querier is the pool or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// browserOf finds the browser session of a request; nil for none.
func (p *Provider) browserOf(r *http.Request) (*browserSession, error) {
	return p.store.browserByCookie(r.Context(), p.store.pool, cookie(r, sessionCookie), p.cfg.Now())
}

func (s *store) browserByCookie(ctx context.Context, q querier, secret string, now time.Time) (*browserSession, error) {
	if secret == "" {
		return nil, nil
	}
	var b browserSession
	err := q.QueryRow(ctx, `SELECT id, subject, auth_time, used_time, expires_time FROM issuer.browser_session
		WHERE cookie_hash = $1 AND expires_time > $2`, hashOf(secret), now).Scan(&b.ID, &b.Subject, &b.AuthTime, &b.UsedTime, &b.Expires)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return &b, err
}

// signIn remembers that somebody has just signed in with this browser, and answers with the secret of its cookie, which is
// always a new one: a secret that somebody planted before must not become that of a session. The same person's session goes
// on, so that what came of it stays; another person's ends.
func signIn(ctx context.Context, tx pgx.Tx, old *browserSession, subject string, now, expires time.Time) (*browserSession, string, error) {
	b := &browserSession{ID: uuid.NewString(), Subject: subject, AuthTime: now, UsedTime: now, Expires: expires}
	secret := NewSecret()
	if old != nil && old.Subject == subject {
		b.ID = old.ID
		tag, err := tx.Exec(ctx, `UPDATE issuer.browser_session SET cookie_hash = $2, auth_time = $3, used_time = $3, expires_time = $4
			WHERE id = $1`, b.ID, hashOf(secret), now, expires)
		if err != nil || tag.RowsAffected() == 1 {
			return b, secret, err
		}
	} else if old != nil {
		if err := endBrowser(ctx, tx, old.ID); err != nil {
			return nil, "", err
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO issuer.browser_session (id, cookie_hash, subject, auth_time, used_time, expires_time)
		VALUES ($1, $2, $3, $4, $4, $5)`, b.ID, hashOf(secret), subject, now, expires)
	return b, secret, err
}

// endBrowser ends a browser session with all that came of it.
func endBrowser(ctx context.Context, tx pgx.Tx, id string) error {
	_, err := tx.Exec(ctx, `DELETE FROM issuer.browser_session WHERE id = $1`, id)
	return err
}

// authorizeAgain answers a request of a browser whose person need not be asked.
func (p *Provider) authorizeAgain(w http.ResponseWriter, r *http.Request, request *authRequest, b *browserSession, user *User) {
	var location string
	err := pgx.BeginFunc(r.Context(), p.store.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(r.Context(), `UPDATE issuer.browser_session SET used_time = $2 WHERE id = $1`, b.ID, p.cfg.Now())
		if err != nil {
			return err
		}
		location, err = p.issueCode(r.Context(), tx, request, b, user)
		return err
	})
	if err != nil {
		p.failPage(w, r, err)
		return
	}
	p.send(w, r, location)
}

// issueCode makes a code and answers with the address that takes it to the client.
func (p *Provider) issueCode(ctx context.Context, tx pgx.Tx, request *authRequest, b *browserSession, user *User) (string, error) {
	if _, ok := grantScope(request.Scope, p.cfg.Scopes(user.Roles)); !ok {
		return request.respond(p.cfg.URL, url.Values{
			"error": {"invalid_scope"}, "error_description": {"the user does not hold every requested scope"},
		}), nil
	}
	code := NewSecret()
	err := insertCode(ctx, tx, code, authorization{Request: *request, Browser: *b, Expires: p.cfg.Now().Add(p.cfg.CodeLifetime)})
	return request.respond(p.cfg.URL, url.Values{"code": {code}}), err
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie gives the browser a cookie that no script reads, and that ends with the browser. It is sent along when another site
// links here, as a client does that sends a person to sign in, but not with a form of another site.
func setCookie(w http.ResponseWriter, name, value string) {
	c := &http.Cookie{Name: name, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
