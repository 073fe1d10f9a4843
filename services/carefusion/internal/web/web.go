package web

import (
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fusionems/quantum/services/carefusion/internal/authn"
	"github.com/fusionems/quantum/services/carefusion/internal/seal"
)

// Options is what a page is made of.
type Options struct {
	Site fs.FS
	// PublicURL is the origin that people open.
	PublicURL string
	// Video is where clients reach the video server, if it is not this origin.
	Video string
	// Issuer signs people in; ClientID is the application of the page there, Secret is empty for a public one.
	Issuer, ClientID, Secret string
	HTTP                     *http.Client
	Verifier                 *authn.Verifier
	Sealer                   *seal.Sealer
	Clock                    func() time.Time
}

// Page is the page with its sessions.
type Page struct {
	Options
	site   *site
	policy string
}

// New reads the page and checks the addresses.
func New(o Options) (*Page, error) {
	public, err := url.Parse(o.PublicURL)
	if err != nil || public.Scheme != "https" || public.Host == "" || strings.Trim(public.Path, "/") != "" || public.RawQuery != "" {
		return nil, errors.New("web: CAREFUSION_PUBLIC_URL must be an https origin, as in https://visits.example.org")
	}
	o.PublicURL = "https://" + public.Host
	p := &Page{Options: o}
	if p.site, err = load(o.Site); err != nil {
		return nil, err
	}
	connect := "'self' wss://" + public.Host
	if o.Video != "" {
		video, err := url.Parse(o.Video)
		if err != nil || video.Host == "" {
			return nil, errors.New("web: CAREFUSION_LIVEKIT_URL is not an address")
		}
		if video.Host != public.Host {
			// The client of LiveKit asks by HTTP why a connection was refused.
			connect += " " + video.Scheme + "://" + video.Host + " " + strings.Replace(video.Scheme, "ws", "http", 1) + "://" + video.Host
		}
	}
	p.policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src " + connect +
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return p, nil
}

// ServeHTTP answers everything that is not the API or the issuer.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(), geolocation=()")
	switch r.Method + " " + r.URL.Path {
	case "GET /auth/login":
		p.login(w, r)
	case "GET /auth/callback":
		p.callback(w, r)
	case "GET /auth/session":
		p.session(w, r)
	case "POST /auth/refresh":
		p.refresh(w, r)
	case "POST /auth/logout":
		p.logout(w, r)
	default:
		if strings.HasPrefix(r.URL.Path, "/auth/") {
			http.Error(w, "There is no such address.", http.StatusNotFound)
			return
		}
		p.site.ServeHTTP(w, r)
	}
}

// own reports whether the page itself asks. Cookies come along with what other sites make a browser ask; this header tells.
func own(r *http.Request) bool { return r.Header.Get("Sec-Fetch-Site") == "same-origin" }

// Authorize lets the page's session stand for the token that callers of the API send otherwise. Who sends a token is judged by
// that alone.
func (p *Page) Authorize(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" && own(r) {
			if token, ok := p.open(r, accessCookie); ok {
				r.Header.Set("Authorization", "Bearer "+token)
			}
		}
		// Nothing behind this line has a use for cookies.
		r.Header.Del("Cookie")
		next.ServeHTTP(w, r)
	})
}
