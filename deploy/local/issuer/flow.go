package issuer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"

	"github.com/google/uuid"
)

// flowPath is where the sign-in pages are, below the path of the realm, as in Keycloak.
const flowPath = "/login-actions/authenticate"

// beginFlow starts a sign-in and shows its first page.
func (p *Provider) beginFlow(w http.ResponseWriter, r *http.Request, request *authRequest, b *browserSession) {
	// Who is asked again is most likely who is signed in.
	if request.LoginHint == "" && b != nil {
		if user := p.currentRealm().byID[b.Subject]; user != nil {
			request.LoginHint = user.Username
		}
	}
	browser := cookie(r, browserCookie)
	if len(browser) != len(NewSecret()) {
		browser = NewSecret()
		setCookie(w, browserCookie, browser)
	}
	f := flow{ID: uuid.NewString(), Request: *request, Step: stepPassword, Expires: p.cfg.Now().Add(p.cfg.FlowLifetime)}
	if err := p.store.openFlow(r.Context(), f, browser); err != nil {
		p.failPage(w, r, err)
		return
	}
	p.send(w, r, p.flowAddress(&f))
}

// flowAddress names the client too, so that a page whose flow has expired can still say where to start again.
func (p *Provider) flowAddress(f *flow) string {
	return p.path + flowPath + "?" + url.Values{"client_id": {f.Request.ClientID}, "tab_id": {f.ID}}.Encode()
}

// showStep shows the page of the step that a sign-in is at, whichever was shown before: back and reload find it where it is.
func (p *Provider) showStep(w http.ResponseWriter, r *http.Request) {
	err := p.counters.takeAddress(r)
	if err != nil {
		p.failPage(w, r, err)
		return
	}
	f, err := p.flowOf(r)
	if err != nil {
		p.failPage(w, r, err)
		return
	}
	p.render(w, r, f, "", nil)
}

// takeStep takes the form of a step.
func (p *Provider) takeStep(w http.ResponseWriter, r *http.Request) {
	form, f, err := p.stepForm(w, r)
	switch {
	case err != nil:
		p.failPage(w, r, err)
	case form.Get("action") == "restart" && f.Step != stepDone:
		if err := p.store.restartFlow(r.Context(), f); err != nil {
			p.failPage(w, r, err)
			return
		}
		p.send(w, r, p.flowAddress(f))
	case form.Get("step") != f.Step:
		// The second submit of a form, or one of a page that the person went back to.
		p.send(w, r, p.flowAddress(f))
	case f.Step == stepPassword:
		p.passwordStep(w, r, f, form)
	default:
		p.codeStep(w, r, f, form)
	}
}

// stepForm reads the form, and refuses one that no page of this flow in this browser was the source of.
func (p *Provider) stepForm(w http.ResponseWriter, r *http.Request) (url.Values, *flow, error) {
	if err := p.counters.take(r, r.URL.Query().Get("client_id"), "tab "+r.URL.Query().Get("tab_id")); err != nil {
		return nil, nil, err
	}
	form, err := readForm(w, r)
	if err != nil {
		return nil, nil, err
	}
	f, err := p.flowOf(r)
	if err != nil {
		return nil, nil, err
	}
	if !hmac.Equal([]byte(form.Get("csrf_token")), []byte(f.csrf)) {
		p.cfg.Log.Warn("form refused: not of a page of this sign-in", "client", f.Request.ClientID)
		return nil, nil, &pageError{status: http.StatusForbidden, title: "This form was not accepted",
			text:   "It did not come from the sign-in page that this browser was shown. Start again, and leave the page open until you are in.",
			client: p.clientOf(r)}
	}
	return form, f, nil
}

// flowOf finds the sign-in that a request is about.
func (p *Provider) flowOf(r *http.Request) (*flow, error) {
	browser := cookie(r, browserCookie)
	f, err := p.store.findFlow(r.Context(), r.URL.Query().Get("tab_id"), browser, p.cfg.Now())
	if errors.Is(err, errFlowUnknown) {
		return nil, &pageError{status: http.StatusBadRequest, title: "This sign-in has expired",
			text: "A sign-in has to be finished within " + minutes(p.cfg.FlowLifetime) +
				", in the browser where it was started, and the browser must accept cookies. Nothing was changed.",
			client: p.clientOf(r)}
	}
	if err != nil {
		return nil, err
	}
	f.csrf = tokenFor(browser, f.ID)
	return f, nil
}

// tokenFor is the token of the forms of a flow. Only a page that was shown in this browser can know it: it takes the secret of a
// cookie that no script reads.
func tokenFor(browser, purpose string) string {
	mac := hmac.New(sha256.New, []byte(browser))
	mac.Write([]byte("form " + purpose))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// clientOf is the client that an address of the sign-in pages names; nil for none. It decides only where a link leads.
func (p *Provider) clientOf(r *http.Request) *Client {
	return p.currentRealm().byClient[r.URL.Query().Get("client_id")]
}
