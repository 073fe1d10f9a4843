package issuer

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Path is where a realm stands, as in Keycloak.
const Path = "/realms/carefusion"

const protocol = Path + "/protocol/openid-connect"

// Handler serves the realm.
func (i *Issuer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path+"/.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET "+protocol+"/certs", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{i.key.Public()}})
	})
	mux.HandleFunc("GET "+protocol+"/auth", i.form)
	mux.HandleFunc("POST "+protocol+"/auth", i.submit)
	mux.HandleFunc("POST "+protocol+"/token", i.token)
	mux.HandleFunc("GET "+protocol+"/logout", i.logout)
	mux.HandleFunc("POST "+protocol+"/logout", i.logout)
	return mux
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	base := i.url + "/protocol/openid-connect"
	answer(w, http.StatusOK, map[string]any{
		"issuer": i.url, "authorization_endpoint": base + "/auth", "token_endpoint": base + "/token", "jwks_uri": base + "/certs",
		"end_session_endpoint":     base + "/logout",
		"response_types_supported": []string{"code"}, "grant_types_supported": []string{"authorization_code", "refresh_token", "password"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{string(jose.ES256)},
		"token_endpoint_auth_methods_supported": []string{"none"}, "prompt_values_supported": []string{"none", "login"},
		"code_challenge_methods_supported": []string{"S256"}, "acr_values_supported": []string{ACR},
	})
}

// request reads what an application asks for. Nothing is redirected to an address that the realm does not name letter by letter.
func (i *Issuer) request(q url.Values) (Client, bool) {
	for _, c := range i.realm.Clients {
		if c.ID == q.Get("client_id") && slices.Contains(c.RedirectURIs, q.Get("redirect_uri")) {
			return c, q.Get("response_type") == "code" && q.Get("code_challenge_method") == "S256" && len(q.Get("code_challenge")) == 43
		}
	}
	return Client{}, false
}

// form asks who it is, unless the browser holds a session and the application does not insist.
func (i *Issuer) form(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	client, ok := i.request(q)
	if !ok {
		http.Error(w, "Unknown application or address, or no PKCE (S256).", http.StatusBadRequest)
		return
	}
	id := cookieOf(r)
	user, signedIn := i.current(id)
	switch {
	case signedIn && q.Get("prompt") != "login":
		i.back(w, r, url.Values{"code": {i.code(user, id, client, q)}})
	case q.Get("prompt") == "none":
		i.back(w, r, url.Values{"error": {"login_required"}})
	default:
		i.show(w, http.StatusOK, false)
	}
}

func (i *Issuer) show(w http.ResponseWriter, status int, failed bool) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", loginPolicy())
	w.WriteHeader(status)
	_ = i.page.Execute(w, struct{ Failed bool }{failed})
}

func (i *Issuer) submit(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	client, ok := i.request(q)
	if !ok {
		http.Error(w, "Unknown application or address, or no PKCE (S256).", http.StatusBadRequest)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 8<<10)
	user, err := i.login(r.PostFormValue("username"), r.PostFormValue("password"), r.PostFormValue("totp"))
	if err != nil {
		i.show(w, http.StatusUnauthorized, true)
		return
	}
	i.end(cookieOf(r))
	id := i.begin(user)
	remember(w, id, sessionLife)
	i.back(w, r, url.Values{"code": {i.code(user, id, client, q)}})
}

// code makes a code that one application can redeem once.
func (i *Issuer) code(user User, session string, client Client, q url.Values) string {
	code := rand.Text()
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.clock()
	for c, g := range i.codes {
		if now.After(g.expires) {
			delete(i.codes, c)
		}
	}
	i.codes[code] = grant{user: user, session: session, client: client.ID, redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"),
		nonce: q.Get("nonce"), expires: now.Add(codeLife)}
	return code
}

// back leads to the application's address, which was compared before.
func (i *Issuer) back(w http.ResponseWriter, r *http.Request, with url.Values) {
	to, err := url.Parse(r.URL.Query().Get("redirect_uri"))
	if err != nil {
		http.Error(w, "The address is not valid.", http.StatusBadRequest)
		return
	}
	q := to.Query()
	q.Set("state", r.URL.Query().Get("state"))
	for k := range with {
		q.Set(k, with.Get(k))
	}
	to.RawQuery = q.Encode()
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}

func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 8<<10)
	var g grant
	var ok bool
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		g, ok = i.redeem(r)
	case "refresh_token":
		g, ok = i.again(r)
	case "password":
		g, ok = i.direct(r)
	default:
		answer(w, http.StatusBadRequest, map[string]string{"error": "unsupported_grant_type"})
		return
	}
	if !ok {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_grant"})
		return
	}
	access, err := i.mint(g, "Bearer", i.audience, "")
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
		return
	}
	out := map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds())}
	if id, err := i.mint(g, "ID", g.client, g.nonce); err == nil {
		out["id_token"] = id
	}
	if token, ok := i.issue(g.session, g.client); ok {
		out["refresh_token"], out["refresh_expires_in"] = token, int(idleLife.Seconds())
	}
	answer(w, http.StatusOK, out)
}

// again takes the place of a sign-in that lasts; its tokens name the same session.
func (i *Issuer) again(r *http.Request) (grant, bool) {
	client := r.PostFormValue("client_id")
	session, user, ok := i.rotate(r.PostFormValue("refresh_token"), client)
	return grant{user: user, session: session, client: client}, ok
}

// redeem takes the code away before it looks at it: a code is good for one attempt.
func (i *Issuer) redeem(r *http.Request) (grant, bool) {
	code := r.PostFormValue("code")
	i.mu.Lock()
	g, found := i.codes[code]
	delete(i.codes, code)
	i.mu.Unlock()
	same := subtle.ConstantTimeCompare([]byte(g.challenge), []byte(challengeOf(r.PostFormValue("code_verifier")))) == 1
	return g, found && same && g.client == r.PostFormValue("client_id") && g.redirect == r.PostFormValue("redirect_uri") && i.clock().Before(g.expires)
}

func (i *Issuer) direct(r *http.Request) (grant, bool) {
	id := r.PostFormValue("client_id")
	if !slices.ContainsFunc(i.realm.Clients, func(c Client) bool { return c.ID == id && c.Direct }) {
		return grant{}, false
	}
	user, err := i.login(strings.TrimSpace(r.PostFormValue("username")), r.PostFormValue("password"), r.PostFormValue("totp"))
	return grant{user: user, client: id}, err == nil
}
