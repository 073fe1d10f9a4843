package issuer

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fusionems/quantum/deploy/local/issuer/pages"
)

// product is whose entry an authenticator app shows.
const product = "FusionEMS Quantum"

// render shows the page of the step that a flow is at, with what was wrong before: as a whole, or field by field.
func (p *Provider) render(w http.ResponseWriter, r *http.Request, f *flow, say string, fields map[string]string) {
	form := pages.Form{Frame: p.frame(&f.Request), Action: p.flowAddress(f), Token: f.csrf, Step: f.Step, Problem: say, Fields: fields}
	if f.Step == stepPassword {
		p.show(w, http.StatusOK, pages.Password{Form: form, Username: f.Request.LoginHint, Demo: p.cfg.DemoAuthenticator})
		return
	}
	user := p.currentRealm().byID[f.Subject]
	if f.Step == stepDone || user == nil {
		p.signedInAlready(w, r)
		return
	}
	if err := p.renderCode(w, r, f, user, form); err != nil {
		p.failPage(w, r, err)
	}
}

func (p *Provider) renderCode(w http.ResponseWriter, r *http.Request, f *flow, user *User, form pages.Form) error {
	if f.Step == stepEnrol {
		secret, err := p.sealer.open(f.Secret, user.ID)
		if err != nil {
			return err
		}
		demo, err := p.demoPanel(r, user, secret)
		if err != nil {
			return err
		}
		p.show(w, http.StatusOK, pages.Enrolment{Code: pages.Code{Form: form, Username: user.Username, Demo: demo},
			Secret: secret, Address: keyAddress(user.Username, secret)})
		return nil
	}
	secret, err := p.authenticator(r.Context(), p.store.pool, user)
	if err != nil {
		return err
	}
	demo, err := p.demoPanel(r, user, secret)
	if err != nil {
		return err
	}
	p.show(w, http.StatusOK, pages.Code{Form: form, Username: user.Username, Demo: demo})
	return nil
}

func (p *Provider) demoPanel(r *http.Request, user *User, secret string) (*pages.Demo, error) {
	s, err := p.demoCode(r.Context(), user, secret, p.cfg.Now())
	if err != nil || s == nil {
		return nil, err
	}
	return &pages.Demo{Code: s.code, Seconds: int(s.remaining.Round(time.Second).Seconds())}, nil
}

// signedInAlready is what somebody sees who goes back to the page that let them in, or sends its form twice.
func (p *Provider) signedInAlready(w http.ResponseWriter, r *http.Request) {
	m := pages.Message{Frame: p.frame(nil), Title: "This sign-in is finished", Text: "The page that you came back to has done its work."}
	if c := p.clientOf(r); c != nil && c.InitiateLoginURI != "" {
		m.Next, m.NextLabel = c.InitiateLoginURI, "Continue to "+cmp.Or(c.Name, c.ID)
	}
	p.show(w, http.StatusOK, m)
}

// keyAddress is what an authenticator app reads from the QR code. Algorithm, digits and period are the ones that apps assume:
// naming them makes the code denser and harder to scan.
func keyAddress(username, secret string) string {
	query := url.Values{"secret": {secret}, "issuer": {product}}
	// Apps take a plus sign in the query for what it is, not for a space.
	return "otpauth://totp/" + url.PathEscape(product+":"+username) + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}
