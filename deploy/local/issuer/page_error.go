package issuer

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/deploy/local/issuer/pages"
)

// pageError is what a person is told on a page, with a way on where there is one.
type pageError struct {
	status      int
	title, text string
	client      *Client // whose sign-in can be started again
}

func (e *pageError) Error() string { return e.title }

func badPage(text string) error {
	return &pageError{status: http.StatusBadRequest, title: "This sign-in cannot go on",
		text: text + " Go back to where you came from and start again; if it stays, tell your administrator."}
}

// clientError goes back to the client by the browser (RFC 6749, section 4.1.2.1).
type clientError struct {
	request           *authRequest
	code, description string
}

func (e *clientError) Error() string { return e.code + ": " + e.description }

// failPage answers a browser. What is nobody's fault but ours is told without its cause, which goes to the log only.
func (p *Provider) failPage(w http.ResponseWriter, r *http.Request, err error) {
	var known *pageError
	var toClient *clientError
	var limited *oauthError
	switch {
	case errors.As(err, &toClient):
		p.send(w, r, toClient.request.respond(p.cfg.URL, url.Values{
			"error": {toClient.code}, "error_description": {toClient.description},
		}))
	case errors.As(err, &known):
		reference := uuid.NewString()
		p.cfg.Log.Info("page refused", "path", r.URL.Path, "title", known.title, "reference", reference)
		p.message(w, known.status, pages.Message{Title: known.title, Text: known.text, Reference: reference}, known.client)
	case errors.As(err, &limited):
		p.failLimited(w, limited)
	default:
		reference := uuid.NewString()
		p.cfg.Log.Error("request failed", "path", r.URL.Path, "reference", reference, "error", err)
		w.Header().Set("Retry-After", seconds(retryLater))
		p.message(w, http.StatusServiceUnavailable, pages.Message{Title: "Signing in is not possible at the moment", Reference: reference,
			Text: "The identity provider cannot answer now. Nothing you typed was wrong; go back and try again in a minute."}, nil)
	}
}

func (p *Provider) failLimited(w http.ResponseWriter, e *oauthError) {
	if e.retry > 0 {
		w.Header().Set("Retry-After", seconds(e.retry))
	}
	m := pages.Message{Title: "This page was not understood", Text: "What the browser sent is malformed: " + e.Description + ". Go back and try again."}
	switch e.Status {
	case http.StatusTooManyRequests:
		m = pages.Message{Title: "Too many requests",
			Text: "More requests came from here than one person makes. Wait " + seconds(e.retry) + " seconds, then go back and try again."}
	case http.StatusServiceUnavailable:
		m = pages.Message{Title: "Signing in is not possible at the moment",
			Text: "Requests cannot be counted now, and without that none is answered. Go back and try again in a minute."}
	}
	p.message(w, e.Status, m, nil)
}

// message shows a page that says something, and where to go from there.
func (p *Provider) message(w http.ResponseWriter, status int, m pages.Message, client *Client) {
	m.Frame = p.frame(nil)
	if client != nil && client.InitiateLoginURI != "" {
		m.Next, m.NextLabel = client.InitiateLoginURI, "Start again"
	}
	p.show(w, status, m)
}

// show renders a page.
func (p *Provider) show(w http.ResponseWriter, status int, page pages.Page) {
	if err := p.pages.Show(w, status, page); err != nil {
		p.cfg.Log.Error("page not rendered", "error", err)
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
	}
}

// send makes the browser go somewhere with a GET, whatever it came with.
func (p *Provider) send(w http.ResponseWriter, r *http.Request, location string) {
	pages.Harden(w.Header(), nil)
	http.Redirect(w, r, location, http.StatusSeeOther)
}

// frame is what all pages share. A form may lead on to the address that the client is answered at: browsers hold the
// redirect after a form to form-action too.
func (p *Provider) frame(request *authRequest) pages.Frame {
	f := pages.Frame{Base: p.path}
	if request != nil {
		f.FormTargets = []string{originOf(request.RedirectURI)}
	}
	return f
}

// originOf is the origin of an address that the realm file was checked to hold.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
