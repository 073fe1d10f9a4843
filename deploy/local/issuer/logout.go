package issuer

import (
	"context"
	"crypto/hmac"
	"net/http"
	"net/url"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/deploy/local/issuer/pages"
)

// logoutPurpose names the form of the logout question among the forms that a browser's secret vouches for.
const logoutPurpose = "logout"

// logoutRequest is what a client sends a browser with (OpenID Connect RP-Initiated Logout).
type logoutRequest struct {
	hint      *idClaims // nil where the client did not say whose session it is
	client    *Client
	returnTo  string
	state     string
	confirmed bool
}

// logoutPage is the end-session endpoint for a browser that its client sends here.
func (p *Provider) logoutPage(w http.ResponseWriter, r *http.Request) {
	if err := p.counters.takeAddress(r); err != nil {
		p.failPage(w, r, err)
		return
	}
	p.endBrowserSession(w, r, r.URL.Query())
}

// endBrowserSession signs a browser out and sends it back. Without a hint the request could have come from any page, so the
// person is asked.
func (p *Provider) endBrowserSession(w http.ResponseWriter, r *http.Request, form url.Values) {
	request, err := p.readLogout(r, form)
	if err != nil {
		p.failPage(w, r, err)
		return
	}
	b, err := p.browserOf(r)
	if err != nil {
		p.failPage(w, r, err)
		return
	}
	if request.hint == nil && b != nil && !request.confirmed {
		p.askLogout(w, r, form)
		return
	}
	if err := p.endAll(r.Context(), request, b); err != nil {
		p.failPage(w, r, err)
		return
	}
	setCookie(w, sessionCookie, "")
	if request.returnTo != "" {
		p.send(w, r, request.returnTo)
		return
	}
	m := pages.Message{Frame: p.frame(nil), Title: "You are signed out", Text: "Close the browser if others use this device."}
	if request.client != nil && request.client.InitiateLoginURI != "" {
		m.Next, m.NextLabel = request.client.InitiateLoginURI, "Sign in again"
	}
	p.show(w, http.StatusOK, m)
}

// readLogout checks where the browser is to go: to an address that is registered for the client, or nowhere.
func (p *Provider) readLogout(r *http.Request, form url.Values) (*logoutRequest, error) {
	request := &logoutRequest{state: form.Get("state")}
	clientID := form.Get("client_id")
	if raw := form.Get("id_token_hint"); raw != "" {
		claims, err := p.mint.hint(raw)
		if err != nil || (clientID != "" && claims.AuthorizedParty != clientID) {
			return nil, &pageError{status: http.StatusBadRequest, title: "Signing out is not possible with this link",
				text: "It does not carry a valid sign of the sign-in that it is to end. Go back and sign out from the menu of the application."}
		}
		request.hint, clientID = &claims, claims.AuthorizedParty
	}
	request.client = p.currentRealm().byClient[clientID]
	if to := form.Get("post_logout_redirect_uri"); to != "" {
		if request.client == nil || !slices.Contains(request.client.PostLogoutRedirectURIs, to) {
			return nil, &pageError{status: http.StatusBadRequest, title: "Signing out is not possible with this link",
				text: "The address that the browser is to go to afterwards is not registered for the application. Tell your administrator."}
		}
		request.returnTo = withState(to, request.state)
	}
	token := tokenFor(cookie(r, browserCookie), logoutPurpose)
	request.confirmed = r.Method == http.MethodPost && cookie(r, browserCookie) != "" && hmac.Equal([]byte(form.Get("csrf_token")), []byte(token))
	return request, nil
}

func withState(address, state string) string {
	if state == "" {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	query := u.Query()
	query.Set("state", state)
	u.RawQuery = query.Encode()
	return u.String()
}

// askLogout asks the person whether they meant it.
func (p *Provider) askLogout(w http.ResponseWriter, r *http.Request, form url.Values) {
	browser := cookie(r, browserCookie)
	if browser == "" {
		browser = NewSecret()
		setCookie(w, browserCookie, browser)
	}
	frame := p.frame(nil)
	hidden := map[string]string{"csrf_token": tokenFor(browser, logoutPurpose)}
	for _, name := range []string{"client_id", "post_logout_redirect_uri", "state"} {
		if v := form.Get(name); v != "" {
			hidden[name] = v
		}
	}
	if to := form.Get("post_logout_redirect_uri"); to != "" {
		frame.FormTargets = []string{originOf(to)}
	}
	p.show(w, http.StatusOK, pages.Question{Frame: frame, Title: "Sign out?", Text: "This ends your sign-in in this browser.",
		Action: r.URL.Path, Hidden: hidden, Label: "Sign out"})
}

// endAll ends the session that the hint names, and that of this browser unless it is somebody else's.
func (p *Provider) endAll(ctx context.Context, request *logoutRequest, b *browserSession) error {
	err := pgx.BeginFunc(ctx, p.store.pool, func(tx pgx.Tx) error {
		if request.hint != nil {
			if err := endSession(ctx, tx, request.hint.SessionID, true); err != nil {
				return err
			}
		}
		if b != nil && (request.hint == nil || request.hint.Subject == b.Subject) {
			return endBrowser(ctx, tx, b.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	subject := ""
	switch {
	case request.hint != nil:
		subject = request.hint.Subject
	case b != nil:
		subject = b.Subject
	}
	if subject != "" {
		p.cfg.Log.Info("logout", "subject", subject)
	}
	return nil
}

// logout ends the session of a refresh token, as Keycloak's does for a client that has no browser to send away, or takes the
// form of a browser.
func (p *Provider) logout(w http.ResponseWriter, r *http.Request) {
	form, err := readForm(w, r)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	ofBrowser := form.Has("id_token_hint") || form.Has("csrf_token") || form.Has("post_logout_redirect_uri")
	if form.Has("refresh_token") || !ofBrowser {
		p.end(w, r, "refresh_token", http.StatusNoContent, true)
		return
	}
	if err := p.counters.takeAddress(r); err != nil {
		p.failPage(w, r, err)
		return
	}
	p.endBrowserSession(w, r, form)
}
