package web

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fusionems/quantum/services/carefusion/internal/authn"
	"github.com/fusionems/quantum/services/carefusion/internal/seal"
)

// realm stands for an issuer that answers what the test says and keeps what it was asked.
type realm struct {
	status int
	body   string
	asked  url.Values
}

func (i *realm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	i.asked = r.PostForm
	w.WriteHeader(i.status)
	_, _ = io.WriteString(w, i.body)
}

func page(t *testing.T, i *realm, public string) *Page {
	t.Helper()
	s := httptest.NewServer(i)
	t.Cleanup(s.Close)
	sealer, err := seal.New([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(Options{Site: fstest.MapFS{
		"index.html": {Data: []byte("<!doctype html>the page")}, "assets/a-1234.js": {Data: []byte(strings.Repeat("let a = 1;\n", 100))}, "icon.svg": {Data: []byte("<svg/>")},
	}, PublicURL: public, Video: "wss://video.example:7443", Issuer: s.URL, ClientID: "carefusion-page", HTTP: s.Client(), Sealer: sealer, Clock: time.Now,
		Verifier: &authn.Verifier{Clock: time.Now}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ask(h http.Handler, method, path string, headers map[string]string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, nil)
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	h.ServeHTTP(w, r)
	return w
}

func TestPageIsServedUnderAStrictPolicy(t *testing.T) {
	p := page(t, &realm{}, "https://visits.example")
	html := map[string]string{"Accept": "text/html"}
	for path, want := range map[string]struct {
		status int
		cache  string
	}{
		"/": {200, "no-cache"}, "/visits/1": {200, "no-cache"}, "/assets/a-1234.js": {200, "public, max-age=31536000, immutable"},
		"/assets/gone.js": {404, ""}, "/auth/nothing": {404, ""}, "/icon.svg": {200, "no-cache"},
	} {
		w := ask(p, http.MethodGet, path, html)
		if w.Code != want.status || (want.cache != "" && w.Header().Get("Cache-Control") != want.cache) {
			t.Errorf("%s: %d %q", path, w.Code, w.Header().Get("Cache-Control"))
		}
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; style-src 'self'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if !strings.Contains(policy, "connect-src 'self' wss://visits.example wss://video.example:7443 https://video.example:7443;") {
			t.Errorf("%s: policy %q: the video server cannot be reached", path, policy)
		}
	}
	if w := ask(p, http.MethodGet, "/visits/1", nil); w.Code != http.StatusNotFound {
		t.Errorf("a program that asks for a page's address gets %d", w.Code)
	}
	if w := ask(p, http.MethodPost, "/", html); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("a POST to the page gets %d", w.Code)
	}
	w := ask(p, http.MethodGet, "/assets/a-1234.js", map[string]string{"Accept-Encoding": "gzip"})
	if w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("a script goes out as %q", w.Header().Get("Content-Encoding"))
	}
	if again := ask(p, http.MethodGet, "/assets/a-1234.js", map[string]string{"Accept-Encoding": "gzip", "If-None-Match": w.Header().Get("ETag")}); again.Code != http.StatusNotModified {
		t.Errorf("the same file again: %d", again.Code)
	}
}

func TestPublicAddressMustBeAnHTTPSOrigin(t *testing.T) {
	for _, bad := range []string{"", "http://visits.example", "https://", "https://visits.example/path", "https://visits.example?x=1", "visits.example"} {
		if _, err := New(Options{Site: fstest.MapFS{}, PublicURL: bad}); err == nil || !strings.Contains(err.Error(), "CAREFUSION_PUBLIC_URL") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestNobodyIsLedElsewhereAfterSigningIn(t *testing.T) {
	for to, want := range map[string]string{
		"/visits/1?a=b": "/visits/1?a=b", "": "/", "https://evil.example": "/", "//evil.example": "/", `/\evil.example`: "/", "javascript:alert(1)": "/", "/auth/logout": "/", "visits": "/",
	} {
		if got := local(to); got != want {
			t.Errorf("%q leads to %q, want %q", to, got, want)
		}
	}
}

// signedIn answers the cookies of a browser that holds a session with the refresh token "old".
func signedIn(p *Page) string {
	w := httptest.NewRecorder()
	p.keep(w, tokens{Access: "access", Refresh: "old"})
	var out []string
	for _, c := range w.Result().Cookies() {
		out = append(out, c.Name+"="+c.Value)
	}
	return strings.Join(out, "; ")
}

func TestCookieStandsForATokenOnlyFromThePageItself(t *testing.T) {
	p := page(t, &realm{}, "https://visits.example")
	var got, cookie string
	h := p.Authorize(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got, cookie = r.Header.Get("Authorization"), r.Header.Get("Cookie")
	}))
	session := signedIn(p)
	for name, c := range map[string]struct {
		headers map[string]string
		want    string
	}{
		"the page":                  {map[string]string{"Cookie": session, "Sec-Fetch-Site": "same-origin"}, "Bearer access"},
		"another site":              {map[string]string{"Cookie": session, "Sec-Fetch-Site": "cross-site"}, ""},
		"a sibling":                 {map[string]string{"Cookie": session, "Sec-Fetch-Site": "same-site"}, ""},
		"typed":                     {map[string]string{"Cookie": session, "Sec-Fetch-Site": "none"}, ""},
		"a browser that is silent":  {map[string]string{"Cookie": session}, ""},
		"a token beside the cookie": {map[string]string{"Cookie": session, "Sec-Fetch-Site": "same-origin", "Authorization": "Bearer other"}, "Bearer other"},
		"a cookie that was changed": {map[string]string{"Cookie": accessCookie + "=AAAA", "Sec-Fetch-Site": "same-origin"}, ""},
		"the other cookie's value":  {map[string]string{"Cookie": strings.NewReplacer(accessCookie, "x", refreshCookie, accessCookie).Replace(session), "Sec-Fetch-Site": "same-origin"}, ""},
	} {
		ask(h, http.MethodGet, "/api/telehealth/v1/appointments", c.headers)
		if got != c.want || cookie != "" {
			t.Errorf("%s: %q, want %q; cookie %q", name, got, c.want, cookie)
		}
	}
}

func TestSessionEndsWhenTheIssuerRefusesAndWaitsWhileItIsAway(t *testing.T) {
	i := &realm{}
	p := page(t, i, "https://visits.example")
	own := map[string]string{"Cookie": signedIn(p), "Sec-Fetch-Site": "same-origin"}
	for _, c := range []struct {
		status  int
		body    string
		want    int
		kept    bool
		refresh string
	}{
		{http.StatusBadRequest, `{"error":"invalid_grant"}`, http.StatusOK, false, ""},
		{http.StatusBadGateway, "", http.StatusServiceUnavailable, true, ""},
		{http.StatusOK, `{"access_token":"a2","refresh_token":"new"}`, http.StatusOK, true, "new"},
	} {
		i.status, i.body = c.status, c.body
		w := ask(p, http.MethodPost, "/auth/refresh", own)
		if w.Code != c.want || i.asked.Get("refresh_token") != "old" || i.asked.Get("grant_type") != "refresh_token" || i.asked.Get("client_id") != "carefusion-page" {
			t.Errorf("issuer says %d: %d, asked %v", c.status, w.Code, i.asked)
		}
		forgotten, value := false, ""
		for _, k := range w.Result().Cookies() {
			if !k.HttpOnly || !k.Secure || k.SameSite != http.SameSiteStrictMode || k.Path != "/" || k.Domain != "" {
				t.Errorf("cookie %+v", k)
			}
			forgotten = forgotten || k.MaxAge < 0
			if k.Name == refreshCookie && k.Value != "" {
				r := httptest.NewRequest(http.MethodGet, "/", nil)
				r.AddCookie(k)
				value, _ = p.open(r, refreshCookie)
			}
		}
		if forgotten == c.kept || value != c.refresh {
			t.Errorf("issuer says %d: forgotten %v, refresh token %q", c.status, forgotten, value)
		}
	}
	for _, path := range []string{"/auth/refresh", "/auth/logout"} {
		if w := ask(p, http.MethodPost, path, map[string]string{"Cookie": own["Cookie"], "Sec-Fetch-Site": "cross-site"}); w.Code != http.StatusForbidden {
			t.Errorf("another site's POST to %s: %d", path, w.Code)
		}
	}
}

func TestSigningInIsByCodeWithPKCEAndOnlyWhoBeganItEndsIt(t *testing.T) {
	i := &realm{status: http.StatusOK, body: `{"access_token":"not a token"}`}
	p := page(t, i, "https://visits.example")
	w := ask(p, http.MethodGet, "/auth/login?to=/visits/1", nil)
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, err)
	}
	q := to.Query()
	if q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || q.Get("redirect_uri") != "https://visits.example/auth/callback" || q.Get("state") == "" {
		t.Errorf("asks %v", q)
	}
	began := w.Result().Cookies()[0]
	if !began.HttpOnly || !began.Secure || strings.Contains(began.Value, q.Get("state")) {
		t.Errorf("cookie %+v", began)
	}
	back := func(state, cookie string) string {
		return ask(p, http.MethodGet, "/auth/callback?code=c&state="+state, map[string]string{"Cookie": cookie}).Header().Get("Location")
	}
	mine := began.Name + "=" + began.Value
	for name, c := range map[string][2]string{"no cookie": {q.Get("state"), ""}, "another state": {"other", mine}, "no state": {"", mine}} {
		if got := back(c[0], c[1]); got != "/?signin=expired" || i.asked != nil {
			t.Errorf("%s: leads to %q, the issuer was asked %v", name, got, i.asked)
		}
	}
	if got := back(q.Get("state"), mine); got != "/?signin=failed" || len(i.asked.Get("code_verifier")) < 43 {
		t.Errorf("a token that does not hold: %q, asked %v", got, i.asked)
	}
	var s told
	own := ask(p, http.MethodGet, "/auth/session", map[string]string{"Sec-Fetch-Site": "same-origin"})
	if err := json.Unmarshal(own.Body.Bytes(), &s); err != nil || s.SignedIn || own.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("session of nobody: %+v %v", s, err)
	}
}
