package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Cookies of this host alone, over TLS alone, which no script reads.
const (
	accessCookie  = "__Host-carefusion-access"
	refreshCookie = "__Host-carefusion-refresh"
	loginCookie   = "__Host-carefusion-login"
	loginLife     = 10 * time.Minute
)

// attempt is one way to the issuer and back.
type attempt struct {
	State    string    `json:"state"`
	Verifier string    `json:"verifier"`
	To       string    `json:"to"`
	Expires  time.Time `json:"expires"`
}

func (p *Page) set(w http.ResponseWriter, name, value string, same http.SameSite) {
	c := &http.Cookie{Name: name, Path: "/", Secure: true, HttpOnly: true, SameSite: same}
	if value == "" {
		c.MaxAge = -1
	} else {
		c.Value = base64.RawURLEncoding.EncodeToString(p.Sealer.Seal(name, value))
	}
	http.SetCookie(w, c)
}

// open answers what a cookie holds, if this service sealed it for this purpose.
func (p *Page) open(r *http.Request, name string) (string, bool) {
	c, err := r.Cookie(name)
	if err != nil {
		return "", false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return "", false
	}
	value, err := p.Sealer.Open(name, sealed)
	return value, err == nil
}

func (p *Page) endpoint(name string) string { return p.Issuer + "/protocol/openid-connect/" + name }

func (p *Page) back() string { return p.PublicURL + "/auth/callback" }

// login sends the browser to the issuer: authorization code with PKCE.
func (p *Page) login(w http.ResponseWriter, r *http.Request) {
	a := attempt{State: rand.Text(), Verifier: rand.Text() + rand.Text(), To: local(r.URL.Query().Get("to")), Expires: p.Clock().Add(loginLife)}
	text, err := json.Marshal(a)
	if err != nil {
		http.Error(w, "Signing in is not possible.", http.StatusInternalServerError)
		return
	}
	// The way back starts at the issuer, which may be another site: a strict cookie would stay away.
	p.set(w, loginCookie, string(text), http.SameSiteLaxMode)
	sum := sha256.Sum256([]byte(a.Verifier))
	q := url.Values{"client_id": {p.ClientID}, "redirect_uri": {p.back()}, "response_type": {"code"}, "scope": {"openid"}, "state": {a.State},
		"code_challenge_method": {"S256"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}}
	http.Redirect(w, r, p.endpoint("auth")+"?"+q.Encode(), http.StatusSeeOther)
}

// local answers a path of this page; anything else could lead elsewhere.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`) || strings.HasPrefix(u.Path, "/auth/") {
		return "/"
	}
	return u.RequestURI()
}

func (p *Page) callback(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p.set(w, loginCookie, "", http.SameSiteLaxMode)
	text, ok := p.open(r, loginCookie)
	var a attempt
	if !ok || json.Unmarshal([]byte(text), &a) != nil || p.Clock().After(a.Expires) || subtle.ConstantTimeCompare([]byte(a.State), []byte(q.Get("state"))) != 1 {
		http.Redirect(w, r, "/?signin=expired", http.StatusSeeOther)
		return
	}
	t, err := p.ask(r.Context(), url.Values{"grant_type": {"authorization_code"}, "code": {q.Get("code")}, "redirect_uri": {p.back()}, "code_verifier": {a.Verifier}})
	if err == nil {
		// A person without a role here has no session here either.
		_, err = p.Verifier.Verify(r.Context(), t.Access)
	}
	if err != nil {
		http.Redirect(w, r, "/?signin=failed", http.StatusSeeOther)
		return
	}
	p.keep(w, t)
	http.Redirect(w, r, a.To, http.StatusSeeOther)
}

func (p *Page) keep(w http.ResponseWriter, t tokens) {
	p.set(w, accessCookie, t.Access, http.SameSiteStrictMode)
	p.set(w, refreshCookie, t.Refresh, http.SameSiteStrictMode)
}

// told is what the page may know of its session: enough to choose what to show.
type told struct {
	SignedIn bool   `json:"signedIn"`
	Subject  string `json:"subject,omitempty"`
	Role     string `json:"role,omitempty"`
	// Renewable says that a refresh may bring the session back.
	Renewable bool `json:"renewable"`
	// Seconds is how long the token still holds.
	Seconds int `json:"seconds,omitempty"`
}

func (p *Page) session(w http.ResponseWriter, r *http.Request) {
	if !own(r) {
		answer(w, http.StatusForbidden, told{})
		return
	}
	_, renewable := p.open(r, refreshCookie)
	token, _ := p.open(r, accessCookie)
	answer(w, http.StatusOK, p.tell(r, token, renewable))
}

func (p *Page) tell(r *http.Request, token string, renewable bool) told {
	who, err := p.Verifier.Verify(r.Context(), token)
	if err != nil {
		return told{Renewable: renewable}
	}
	return told{SignedIn: true, Subject: who.Subject.String(), Role: who.RoleName(), Renewable: renewable, Seconds: lifeOf(token, p.Clock())}
}

// refresh is asked by the page at one place at a time: a refresh token is good once.
func (p *Page) refresh(w http.ResponseWriter, r *http.Request) {
	if !own(r) {
		answer(w, http.StatusForbidden, told{})
		return
	}
	old, ok := p.open(r, refreshCookie)
	if !ok {
		answer(w, http.StatusOK, told{})
		return
	}
	t, err := p.ask(r.Context(), url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old}})
	if refused(err) {
		p.forget(w)
		answer(w, http.StatusOK, told{})
		return
	}
	if err != nil {
		answer(w, http.StatusServiceUnavailable, told{Renewable: true})
		return
	}
	p.keep(w, t)
	answer(w, http.StatusOK, p.tell(r, t.Access, t.Refresh != ""))
}

func (p *Page) forget(w http.ResponseWriter) {
	p.set(w, accessCookie, "", http.SameSiteStrictMode)
	p.set(w, refreshCookie, "", http.SameSiteStrictMode)
}

// logout ends the session here in any case, and at the issuer if it answers.
func (p *Page) logout(w http.ResponseWriter, r *http.Request) {
	if !own(r) {
		answer(w, http.StatusForbidden, told{})
		return
	}
	if token, ok := p.open(r, refreshCookie); ok {
		p.end(r.Context(), token)
	}
	p.forget(w)
	answer(w, http.StatusOK, told{})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
