package issuer

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

type tokens struct {
	Access  string `json:"access_token"`
	ID      string `json:"id_token"`
	Refresh string `json:"refresh_token"`
}

// signIn is a browser with a page: it answers the cookie and the tokens.
func signIn(t *testing.T, i *Issuer, now *time.Time) (*http.Cookie, tokens) {
	t.Helper()
	*now = now.Add(time.Minute)
	w := post(i, protocol+"/auth?"+ask().Encode(), url.Values{"username": {"ann"}, "password": {"right"}, "totp": {code(t, *now)}})
	cookies := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || len(cookies) != 1 || !cookies[0].Secure || !cookies[0].HttpOnly || cookies[0].Path != Path || cookies[0].SameSite != http.SameSiteLaxMode {
		t.Fatalf("sign-in: %d %v", w.Code, cookies)
	}
	return cookies[0], redeemed(t, i, w)
}

func redeemed(t *testing.T, i *Issuer, w *httptest.ResponseRecorder) tokens {
	t.Helper()
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || to.Query().Get("code") == "" || to.Query().Get("state") != "s" {
		t.Fatalf("no code: %d %q", w.Code, w.Header().Get("Location"))
	}
	return exchanged(t, i, url.Values{"grant_type": {"authorization_code"}, "client_id": {"page"}, "redirect_uri": {redirect}, "code": {to.Query().Get("code")}, "code_verifier": {verifier}})
}

func exchanged(t *testing.T, i *Issuer, form url.Values) tokens {
	t.Helper()
	var out tokens
	w := post(i, protocol+"/token", form)
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != http.StatusOK || out.Refresh == "" {
		t.Fatalf("%s: %d %s", form.Get("grant_type"), w.Code, w.Body)
	}
	return out
}

func refreshing(token, client string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "client_id": {client}, "refresh_token": {token}}
}

func (i *Issuer) visit(q url.Values, c *http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, protocol+"/auth?"+q.Encode(), nil)
	if c != nil {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	i.Handler().ServeHTTP(w, r)
	return w
}

func TestRefreshTokensRotate(t *testing.T) {
	now := time.Now()
	i, _ := start(t, &now)
	_, first := signIn(t, i, &now)
	if w := post(i, protocol+"/token", refreshing(first.Refresh, "cli")); w.Code != http.StatusUnauthorized {
		t.Errorf("another application: %d", w.Code)
	}
	second := exchanged(t, i, refreshing(first.Refresh, "page"))
	third := exchanged(t, i, refreshing(second.Refresh, "page"))
	if second.Refresh == first.Refresh || third.Refresh == second.Refresh {
		t.Error("a refresh token stays")
	}
	// The first comes again: it was copied, and nobody can tell by whom.
	if w := post(i, protocol+"/token", refreshing(first.Refresh, "page")); w.Code != http.StatusUnauthorized {
		t.Errorf("a spent token: %d", w.Code)
	}
	if w := post(i, protocol+"/token", refreshing(third.Refresh, "page")); w.Code != http.StatusUnauthorized {
		t.Errorf("the newest token after a spent one came again: %d", w.Code)
	}
	_, late := signIn(t, i, &now)
	now = now.Add(idleLife)
	if w := post(i, protocol+"/token", refreshing(late.Refresh, "page")); w.Code != http.StatusUnauthorized {
		t.Errorf("after the idle time: %d", w.Code)
	}
	_, long := signIn(t, i, &now)
	for range int(sessionLife / (20 * time.Minute)) {
		now = now.Add(20 * time.Minute)
		w := post(i, protocol+"/token", refreshing(long.Refresh, "page"))
		if w.Code != http.StatusOK {
			return
		}
		if err := json.Unmarshal(w.Body.Bytes(), &long); err != nil {
			t.Fatal(err)
		}
	}
	t.Error("a session lasts for ever")
}

func TestTheBrowserRemembers(t *testing.T) {
	now := time.Now()
	i, _ := start(t, &now)
	none, login := ask(), ask()
	none.Set("prompt", "none")
	login.Set("prompt", "login")
	if w := i.visit(none, nil); w.Code != http.StatusSeeOther || !strings.Contains(w.Header().Get("Location"), "error=login_required") {
		t.Errorf("nobody signed in: %d %s", w.Code, w.Header().Get("Location"))
	}
	cookie, _ := signIn(t, i, &now)
	redeemed(t, i, i.visit(none, cookie))
	redeemed(t, i, i.visit(ask(), cookie))
	if w := i.visit(login, cookie); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "password") {
		t.Errorf("an application that insists: %d", w.Code)
	}
	evil := ask()
	evil.Set("redirect_uri", "https://evil.test/")
	if w := i.visit(evil, cookie); w.Code != http.StatusBadRequest || w.Header().Get("Location") != "" {
		t.Errorf("a stranger's address: %d %s", w.Code, w.Header().Get("Location"))
	}
}

func TestSigningOut(t *testing.T) {
	const after = "https://carefusion.test/bye"
	now := time.Now()
	i, _ := start(t, &now)
	i.realm.Clients[0].PostLogoutRedirectURIs = []string{after}
	cookie, have := signIn(t, i, &now)
	leave := func(q url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, protocol+"/logout?"+q.Encode(), nil)
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		i.Handler().ServeHTTP(w, r)
		return w
	}
	for what, q := range map[string]url.Values{"nobody named": {}, "an access token": {"id_token_hint": {have.Access}}, "a forged token": {"id_token_hint": {have.ID[:len(have.ID)-4] + "AAAA"}}} {
		if w := leave(q); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", what, w.Code)
		}
	}
	now = now.Add(tokenLife + time.Minute)
	w := leave(url.Values{"id_token_hint": {have.ID}, "post_logout_redirect_uri": {after}, "state": {"x"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != after+"?state=x" || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("%d %s %v", w.Code, w.Header().Get("Location"), w.Result().Cookies())
	}
	if w := post(i, protocol+"/token", refreshing(have.Refresh, "page")); w.Code != http.StatusUnauthorized {
		t.Errorf("a refresh token after signing out: %d", w.Code)
	}
	if w := i.visit(ask(), cookie); w.Code != http.StatusOK {
		t.Errorf("the browser is still signed in: %d", w.Code)
	}
	_, other := signIn(t, i, &now)
	if w := leave(url.Values{"id_token_hint": {other.ID}, "post_logout_redirect_uri": {"https://evil.test/"}}); w.Code != http.StatusBadRequest || w.Header().Get("Location") != "" {
		t.Errorf("a stranger's address: %d %s", w.Code, w.Header().Get("Location"))
	}
	_, third := signIn(t, i, &now)
	if w := post(i, protocol+"/logout", url.Values{"client_id": {"page"}, "refresh_token": {third.Refresh}}); w.Code != http.StatusNoContent {
		t.Errorf("by refresh token: %d", w.Code)
	}
}
