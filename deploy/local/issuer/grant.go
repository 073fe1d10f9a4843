package issuer

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// oauthError is a refusal in RFC 6749's form with the status and words that Keycloak uses.
type oauthError struct {
	Status      int    `json:"-"`
	Code        string `json:"error"`
	Description string `json:"error_description"`

	retry time.Duration // 0 where asking again would change nothing
}

func (e *oauthError) Error() string { return e.Code + ": " + e.Description }

func refuse(status int, code, description string) error {
	return &oauthError{Status: status, Code: code, Description: description}
}

// invalidCredentials is the one answer to a wrong name, a wrong password, a wrong or missing code, a disabled user and a
// locked one. Telling them apart would tell a stranger which half of a guess was right.
func invalidCredentials() error {
	return refuse(http.StatusUnauthorized, "invalid_grant", "Invalid user credentials")
}

// usedCode answers who had the right password and a right code that was accepted before (RFC 6238, section 5.2). It can be
// told: a stranger who gets this far has both factors, and the owner would otherwise doubt their password.
func usedCode() error {
	return refuse(http.StatusUnauthorized, "invalid_grant", "Invalid user credentials: this one-time code was used already, wait for the next one")
}

func invalidScope() error {
	return refuse(http.StatusBadRequest, "invalid_scope", "Invalid scopes: the user or client does not hold every requested scope")
}

// tokenResponse is the answer of the token endpoint, with Keycloak's fields.
type tokenResponse struct {
	AccessToken      string `json:"access_token"`
	ExpiresIn        int    `json:"expires_in"`
	RefreshExpiresIn int    `json:"refresh_expires_in"`
	RefreshToken     string `json:"refresh_token,omitempty"`
	TokenType        string `json:"token_type"`
	NotBefore        int    `json:"not-before-policy"`
	IDToken          string `json:"id_token,omitempty"`
	SessionState     string `json:"session_state,omitempty"`
	Scope            string `json:"scope"`
}

func (p *Provider) grant(ctx context.Context, c *Client, form url.Values) (*tokenResponse, error) {
	switch form.Get("grant_type") {
	case "password":
		return p.passwordGrant(ctx, c, form)
	case "authorization_code":
		return p.codeGrant(ctx, c, form)
	case "client_credentials":
		return p.clientGrant(c, form)
	case "refresh_token":
		return p.refreshGrant(ctx, c, form)
	case "":
		return nil, refuse(http.StatusBadRequest, "invalid_request", "Missing form parameter: grant_type")
	}
	return nil, refuse(http.StatusBadRequest, "unsupported_grant_type", "Unsupported grant_type")
}

func (p *Provider) passwordGrant(ctx context.Context, c *Client, form url.Values) (*tokenResponse, error) {
	if !c.DirectGrants {
		return nil, refuse(http.StatusBadRequest, "unauthorized_client", "Client not allowed for direct access grants")
	}
	username := strings.ToLower(form.Get("username"))
	if username == "" {
		return nil, refuse(http.StatusUnauthorized, "invalid_request", "Missing parameter: username")
	}
	user := p.currentRealm().byName[username]
	now := p.cfg.Now()
	result, err := p.store.attempt(ctx, username, now, p.cfg.Lockout, func(ctx context.Context, tx pgx.Tx, locked bool) (verdict, error) {
		right := p.passwordMatches(user, form.Get("password"))
		if !right || locked || user.Disabled {
			return refused, nil
		}
		return p.secondFactor(ctx, tx, user, form.Get("totp"), now)
	})
	if err != nil {
		return nil, err
	}
	switch result.verdict {
	case replayed:
		return nil, usedCode()
	case unready:
		return nil, refuse(http.StatusBadRequest, "invalid_grant", "Account is not fully set up")
	case accepted:
	default:
		p.logRefused(ctx, c.ID, user, result)
		return nil, invalidCredentials()
	}
	scope, ok := grantScope(form.Get("scope"), p.cfg.Scopes(user.Roles))
	if !ok {
		return nil, invalidScope()
	}
	se := session{
		ID: uuid.NewString(), Subject: user.ID, ClientID: c.ID, Scope: scope,
		AuthTime: now, Expires: now.Add(p.cfg.SessionMax),
	}
	refresh := NewSecret()
	if err := p.store.openSession(ctx, se, refresh, now.Add(p.cfg.RefreshIdle)); err != nil {
		return nil, err
	}
	p.cfg.Log.Info("login", "subject", user.ID, "client", c.ID, "session", se.ID)
	return p.personResponse(user, se, refresh, "")
}

// logRefused records a refusal without what was typed: a stranger's guess, or a password in the field of the name.
func (p *Provider) logRefused(ctx context.Context, clientID string, user *User, result outcome) {
	level, subject := slog.LevelInfo, ""
	if result.locked {
		level = slog.LevelWarn
	}
	if user != nil {
		subject = user.ID
	}
	p.cfg.Log.Log(ctx, level, "login refused", "client", clientID, "known", user != nil, "subject", subject, "locked", result.locked)
}

func (p *Provider) refreshGrant(ctx context.Context, c *Client, form url.Values) (*tokenResponse, error) {
	old := form.Get("refresh_token")
	if old == "" {
		return nil, refuse(http.StatusBadRequest, "invalid_request", "No refresh token")
	}
	next := NewSecret()
	se, err := p.store.rotate(ctx, old, next, c.ID, p.cfg.Now(), p.cfg.RefreshIdle)
	switch {
	case errors.Is(err, errTokenReused):
		p.cfg.Log.Warn("refresh token used twice, its session is ended", "subject", se.Subject, "client", c.ID, "session", se.ID)
		return nil, refuse(http.StatusBadRequest, "invalid_grant", "Maximum allowed refresh token reuse exceeded")
	case errors.Is(err, errTokenUnknown):
		return nil, refuse(http.StatusBadRequest, "invalid_grant", "Token is not active")
	case err != nil:
		return nil, err
	}
	user := p.currentRealm().byID[se.Subject]
	if user == nil || user.Disabled {
		if err := p.store.endSession(ctx, se.ID); err != nil {
			return nil, err
		}
		return nil, refuse(http.StatusBadRequest, "invalid_grant", "User disabled")
	}
	se.Scope = stillHeld(se.Scope, p.cfg.Scopes(user.Roles))
	if want := form.Get("scope"); want != "" {
		narrowed, ok := grantScope(want, strings.Fields(se.Scope))
		if !ok {
			return nil, invalidScope()
		}
		se.Scope = narrowed
	}
	return p.personResponse(user, se, next, "")
}

// stillHeld drops from a session's scope what the user's roles no longer grant: a refresh must not keep a role alive.
func stillHeld(scope string, held []string) string {
	keep := append(append([]string{}, standardScopes...), held...)
	var out []string
	for _, s := range strings.Fields(scope) {
		for _, k := range keep {
			if s == k {
				out = append(out, s)
				break
			}
		}
	}
	return strings.Join(out, " ")
}

func (p *Provider) personResponse(u *User, se session, refresh, nonce string) (*tokenResponse, error) {
	now := p.cfg.Now()
	access, id, err := p.mint.person(u, se, nonce, now)
	if err != nil {
		return nil, err
	}
	return &tokenResponse{
		AccessToken: access, ExpiresIn: int(p.cfg.AccessLifetime.Seconds()), TokenType: "Bearer", IDToken: id,
		RefreshToken:     refresh,
		RefreshExpiresIn: int(earlier(now.Add(p.cfg.RefreshIdle), se.Expires).Sub(now).Seconds()),
		SessionState:     se.ID, Scope: se.Scope,
	}, nil
}

func (p *Provider) clientGrant(c *Client, form url.Values) (*tokenResponse, error) {
	if !c.serviceAccount() {
		return nil, refuse(http.StatusUnauthorized, "unauthorized_client", "Client not enabled to retrieve service account")
	}
	scope, ok := grantScope(form.Get("scope"), p.cfg.Scopes(c.Roles))
	if !ok {
		return nil, invalidScope()
	}
	access, err := p.mint.machine(c, scope, p.cfg.Now())
	if err != nil {
		return nil, err
	}
	return &tokenResponse{
		AccessToken: access, ExpiresIn: int(p.cfg.AccessLifetime.Seconds()), TokenType: "Bearer", Scope: scope,
	}, nil
}
