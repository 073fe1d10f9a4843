package gatewaytest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The portal as the issuer's client.
const (
	ClientID     = "fusionems-portal"
	ClientSecret = "q8Zr4tWm1xLp0vNc"
)

// SessionKey is a key that seals sessions.
func SessionKey() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.StdEncoding.EncodeToString(b[:])
}

// SignIn is the part of an issuer that signs people in: whoever asks is let in at once, as the person that Person says.
type SignIn struct {
	mu sync.Mutex
	// Now is the issuer's clock.
	Now func() time.Time
	// Access and ID change the claims of the tokens; a nil value takes a claim away.
	Access, ID map[string]any
	// Away makes every answer a 503, Slow delays the answers of the token endpoint.
	Away bool
	Slow time.Duration
	// Life of access tokens.
	Life time.Duration

	requests []url.Values
	codes    map[string]url.Values
	families map[string]string // refresh token -> family
	used     map[string]bool
	ended    map[string]bool
	refreshes,
	ends int
}

// Set changes the behaviour.
func (s *SignIn) Set(change func(*SignIn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// Refreshes counts the refresh grants that were answered with tokens, Ends the sign-ins that were ended.
func (s *SignIn) Refreshes() int { s.mu.Lock(); defer s.mu.Unlock(); return s.refreshes }

// Ends counts the sign-ins that were ended by their client.
func (s *SignIn) Ends() int { s.mu.Lock(); defer s.mu.Unlock(); return s.ends }

// Requests are the authorization requests so far.
func (s *SignIn) Requests() []url.Values { s.mu.Lock(); defer s.mu.Unlock(); return s.requests }

// EndFamilies makes every refresh token so far worthless, as after a theft.
func (s *SignIn) EndFamilies() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.families {
		s.ended[f] = true
	}
}

func word() string {
	var b [24]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (i *Issuer) signInRoutes(mux *http.ServeMux) {
	i.SignIn = &SignIn{
		Now: time.Now, Life: 15 * time.Minute, codes: map[string]url.Values{}, families: map[string]string{},
		used: map[string]bool{}, ended: map[string]bool{},
	}
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.HandleFunc("POST /token", i.token)
	mux.HandleFunc("POST /logout", i.logout)
}

// authorize answers with a code at once.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	s := i.SignIn
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	s.requests = append(s.requests, q)
	code := word()
	s.codes[code] = q
	to := q.Get("redirect_uri") + "?" + url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {i.URL}}.Encode()
	http.Redirect(w, r, to, http.StatusFound)
}

func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	s := i.SignIn
	s.mu.Lock()
	slow := s.Slow
	s.mu.Unlock()
	time.Sleep(slow)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Away {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if id, secret, ok := r.BasicAuth(); !ok || id != ClientID || secret != ClientSecret || r.ParseForm() != nil {
		refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
		i.redeem(w, r.PostForm)
	case "refresh_token":
		i.rotate(w, r.PostForm.Get("refresh_token"))
	default:
		refuse(w, http.StatusBadRequest, "unsupported_grant_type")
	}
}

func (i *Issuer) redeem(w http.ResponseWriter, form url.Values) {
	asked, ok := i.SignIn.codes[form.Get("code")]
	delete(i.SignIn.codes, form.Get("code"))
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	if !ok || asked.Get("code_challenge") != challenge || asked.Get("code_challenge_method") != "S256" || form.Get("redirect_uri") != asked.Get("redirect_uri") {
		refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	i.answer(w, word(), asked.Get("nonce"))
}

// rotate answers a refresh token once; a second use ends its family.
func (i *Issuer) rotate(w http.ResponseWriter, refresh string) {
	s := i.SignIn
	family := s.families[refresh]
	if s.used[refresh] {
		s.ended[family] = true
	}
	if family == "" || s.ended[family] {
		refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	s.used[refresh] = true
	s.refreshes++
	i.answer(w, family, "")
}

func (i *Issuer) answer(w http.ResponseWriter, family, nonce string) {
	s := i.SignIn
	now := s.Now()
	access, err := i.Token(i.Claims(now, merged(map[string]any{"azp": ClientID, "exp": now.Add(s.Life).Unix(), "jti": word()}, s.Access)))
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error")
		return
	}
	claims := merged(map[string]any{
		"iss": i.URL, "aud": ClientID, "sub": i.Claims(now, s.Access)["sub"], "typ": "ID", "azp": ClientID, "iat": now.Unix(),
		"exp": now.Add(s.Life).Unix(), "auth_time": now.Unix(), "acr": "2", "nonce": nonce,
	}, s.ID)
	for k, v := range claims {
		if v == nil {
			delete(claims, k)
		}
	}
	id, err := Sign(jose.RS256, i.Key, claims)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error")
		return
	}
	refresh := word()
	s.families[refresh] = family
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"access_token": access, "token_type": "Bearer", "refresh_token": refresh, "id_token": id, "expires_in": int(s.Life.Seconds()),
	})
}

func (i *Issuer) logout(w http.ResponseWriter, r *http.Request) {
	s := i.SignIn
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Away || r.ParseForm() != nil || s.families[r.PostForm.Get("refresh_token")] == "" {
		refuse(w, http.StatusBadRequest, "invalid_request")
		return
	}
	s.ended[s.families[r.PostForm.Get("refresh_token")]] = true
	s.ends++
	w.WriteHeader(http.StatusNoContent)
}

func merged(base, change map[string]any) map[string]any {
	maps.Copy(base, change)
	return base
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code})
}
