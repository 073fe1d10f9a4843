package issuer

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	// idleLife is how long a session lasts unused, sessionLife how long at all.
	idleLife    = 30 * time.Minute
	sessionLife = 10 * time.Hour
	// cookie remembers a session in the browser, so that a page that was loaded anew need not ask for a password.
	cookie = "carefusion_session"
)

// session is one sign-in of one person. Every refresh token of it but the newest is spent.
type session struct {
	user     User
	began    time.Time
	lastUsed time.Time
	refresh  map[string]refresh
}

// refresh is one refresh token. A spent one that comes again was copied by somebody: the session ends for both.
type refresh struct {
	client string
	spent  bool
}

func (s *session) alive(now time.Time) bool {
	return s != nil && now.Sub(s.lastUsed) < idleLife && now.Sub(s.began) < sessionLife
}

// begin opens a session; the caller holds no lock.
func (i *Issuer) begin(u User) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.clock()
	for id, s := range i.sessions {
		if !s.alive(now) {
			delete(i.sessions, id)
		}
	}
	id := rand.Text()
	i.sessions[id] = &session{user: u, began: now, lastUsed: now, refresh: map[string]refresh{}}
	return id
}

// current is the living session of a name.
func (i *Issuer) current(id string) (User, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.clock()
	s := i.sessions[id]
	if !s.alive(now) {
		return User{}, false
	}
	s.lastUsed = now
	return s.user, true
}

// issue makes the next refresh token of a session.
func (i *Issuer) issue(id, client string) (string, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	s := i.sessions[id]
	if !s.alive(i.clock()) {
		return "", false
	}
	token := id + "." + rand.Text()
	s.refresh[token] = refresh{client: client}
	return token, true
}

// rotate spends a refresh token. One that was spent before ends its session.
func (i *Issuer) rotate(token, client string) (string, User, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.clock()
	for id, s := range i.sessions {
		r, ok := s.refresh[token]
		if !ok || !s.alive(now) || r.client != client {
			continue
		}
		if r.spent {
			delete(i.sessions, id)
			return "", User{}, false
		}
		s.refresh[token] = refresh{client: client, spent: true}
		s.lastUsed = now
		return id, s.user, true
	}
	return "", User{}, false
}

func (i *Issuer) end(id string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.sessions, id)
}

// remember puts the session into a cookie that only this realm's paths see.
func remember(w http.ResponseWriter, id string, age time.Duration) {
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: id, Path: Path, MaxAge: int(age.Seconds()), Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func cookieOf(r *http.Request) string {
	c, err := r.Cookie(cookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// logout ends the session that an ID token of ours, a refresh token or the browser names, and leads back to an address that
// the application registered. An ID token may be over: it says who leaves, not who may come.
func (i *Issuer) logout(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 8<<10)
	id, client := i.leaving(r)
	if id == "" {
		// Any page can lead a browser here; without a token of ours nobody is signed out.
		http.Error(w, "Name who leaves: id_token_hint, or client_id and refresh_token.", http.StatusBadRequest)
		return
	}
	i.end(id)
	if cookieOf(r) == id {
		remember(w, "", -time.Second)
	}
	back := r.FormValue("post_logout_redirect_uri")
	if back == "" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	known := slices.ContainsFunc(i.realm.Clients, func(c Client) bool { return c.ID == client && slices.Contains(c.PostLogoutRedirectURIs, back) })
	to, err := url.Parse(back)
	if !known || err != nil {
		http.Error(w, "The address is not registered.", http.StatusBadRequest)
		return
	}
	if state := r.FormValue("state"); state != "" {
		q := to.Query()
		q.Set("state", state)
		to.RawQuery = q.Encode()
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}

// leaving answers the session and the application of a request to sign out.
func (i *Issuer) leaving(r *http.Request) (id, client string) {
	if hint := r.FormValue("id_token_hint"); hint != "" {
		parsed, err := jwt.ParseSigned(hint, []jose.SignatureAlgorithm{jose.ES256})
		var c accessClaims
		public := i.key.Public()
		if err == nil && parsed.Claims(public.Key, &c) == nil && c.Type == "ID" && c.Issuer == i.url {
			return c.Session, c.Party
		}
		return "", ""
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for id, s := range i.sessions {
		if t, ok := s.refresh[r.FormValue("refresh_token")]; ok && t.client == r.FormValue("client_id") {
			return id, t.client
		}
	}
	return "", ""
}
