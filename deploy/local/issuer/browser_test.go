package issuer_test

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/local/issuer"
)

const verifier = "a-verifier-of-the-length-that-the-standard-wants-43"

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// browser is a person's: it keeps cookies, follows redirects within the issuer, and sends the forms that it was shown.
type browser struct {
	w       *world
	cookies map[string]*http.Cookie
	address string // of the page that is shown
	page    page
}

// page is an answer to a browser.
type page struct {
	Status   int
	Header   http.Header
	Body     string
	Location string // outside of the issuer, where the browser was sent
}

func (w *world) browser() *browser { return &browser{w: w, cookies: map[string]*http.Cookie{}} }

// request asks for an authorization as the portal does; more replaces parameters, an empty value leaves one out.
func (b *browser) request(more ...string) page {
	query := url.Values{
		"response_type": {"code"}, "client_id": {"portal"}, "redirect_uri": {callback}, "scope": {"openid"}, "state": {"the-state"},
		"nonce": {"the-nonce"}, "code_challenge": {challenge(verifier)}, "code_challenge_method": {"S256"},
	}
	for i := 0; i+1 < len(more); i += 2 {
		if query.Del(more[i]); more[i+1] != "" {
			query.Set(more[i], more[i+1])
		}
	}
	return b.get(endpoint + "/auth?" + query.Encode())
}

func (b *browser) get(address string) page { return b.visit(http.MethodGet, address, nil) }

// visit asks for an address, and for the ones that the issuer redirects to.
func (b *browser) visit(method, address string, form url.Values) page {
	b.w.t.Helper()
	for range 5 {
		b.page = b.once(method, address, form)
		b.address = address
		location := b.page.Header.Get("Location")
		if location == "" {
			return b.page
		}
		if !strings.HasPrefix(location, "/") {
			b.page.Location = location
			return b.page
		}
		method, address, form = http.MethodGet, location, nil
	}
	b.w.t.Fatalf("redirected without end at %s", address)
	return page{}
}

func (b *browser) once(method, address string, form url.Values) page {
	r := httptest.NewRequestWithContext(b.w.t.Context(), method, address, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	b.w.handler.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		if b.cookies[c.Name] = c; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return page{Status: rec.Code, Header: rec.Header(), Body: rec.Body.String()}
}

var (
	formAction  = regexp.MustCompile(`<form method="post" action="([^"]*)"`)
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// submit sends the first form of the page with these fields.
func (b *browser) submit(fields ...string) page {
	b.w.t.Helper()
	action, form := b.form()
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.visit(http.MethodPost, action, form)
}

func (b *browser) form() (string, url.Values) {
	b.w.t.Helper()
	m := formAction.FindStringSubmatch(b.page.Body)
	if m == nil {
		b.w.t.Fatalf("the page has no form: %d %s", b.page.Status, b.page.Body)
	}
	form := url.Values{}
	rest := b.page.Body[strings.Index(b.page.Body, m[0]):]
	for _, f := range hiddenField.FindAllStringSubmatch(rest[:strings.Index(rest, "</form>")], -1) {
		form.Set(f[1], html.UnescapeString(f[2]))
	}
	return html.UnescapeString(m[1]), form
}

// signIn goes through both pages and returns where the browser was sent.
func (b *browser) signIn(name, code string, more ...string) page {
	b.w.t.Helper()
	if p := b.request(more...); !p.shows("Step 1 of 2") {
		b.w.t.Fatalf("no sign-in page: %d %s %s", p.Status, p.Location, p.Body)
	}
	if p := b.submit("username", name, "password", password); !p.shows("Step 2 of 2") {
		b.w.t.Fatalf("no page of the second factor: %d %s", p.Status, p.Body)
	}
	return b.submit("totp", code)
}

func (p page) shows(text string) bool { return strings.Contains(p.Body, text) }

var markup = regexp.MustCompile(`(?s)^.*<main>|<[^>]*>|\n+`)

// text is what a person reads of a page.
func (p page) text() string { return markup.ReplaceAllString(p.Body, " ") }

func wantShown(t *testing.T, what string, p page, status int, text string) {
	t.Helper()
	if p.Status != status || !p.shows(html.EscapeString(text)) {
		t.Errorf("%s: %d %q %.1500s, want %d and %q", what, p.Status, p.Location, p.text(), status, text)
	}
}

// sent is the query of the address that the browser was sent to.
func (p page) sent(t *testing.T, to string) url.Values {
	t.Helper()
	u, err := url.Parse(p.Location)
	if err != nil || u.Scheme+"://"+u.Host+u.Path != to {
		t.Fatalf("sent to %q (%d %s), want %s", p.Location, p.Status, p.Body, to)
	}
	return u.Query()
}

// redeem exchanges a code as the portal does.
func (w *world) redeem(code string, more ...string) answer {
	w.t.Helper()
	form := url.Values{"grant_type": {"authorization_code"}, "client_id": {"portal"}, "client_secret": {w.secret}, "code": {code},
		"redirect_uri": {callback}, "code_verifier": {verifier}}
	for i := 0; i+1 < len(more); i += 2 {
		if form.Del(more[i]); more[i+1] != "" {
			form.Set(more[i], more[i+1])
		}
	}
	return w.post("/token", form)
}

func (w *world) portalRefresh(token string) answer {
	w.t.Helper()
	return w.post("/token", url.Values{"grant_type": {"refresh_token"}, "client_id": {"portal"}, "client_secret": {w.secret}, "refresh_token": {token}})
}

// enter signs somebody in with a new browser and redeems the code.
func (w *world) enter(name string) (*browser, answer) {
	w.t.Helper()
	b := w.browser()
	a := w.redeem(b.signIn(name, w.code(name, 0)).sent(w.t, callback).Get("code"))
	wantToken(w.t, "sign-in of "+name, a)
	return b, a
}

func codeOf(t *testing.T, secret string, w *world) string {
	t.Helper()
	code, err := issuer.TOTPCode(secret, issuer.TOTPStep(w.cfg.Now()))
	if err != nil {
		t.Fatal(err)
	}
	return code
}
