package signin_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fusionems/quantum/gateway/internal/gatewaytest"
	"github.com/fusionems/quantum/gateway/internal/session"
)

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	w.signIn()
	asked := w.issuer.SignIn.Requests()[0]
	for name, want := range map[string]string{
		"response_type": "code", "client_id": gatewaytest.ClientID, "redirect_uri": w.server.URL + "/auth/callback", "scope": "openid",
		"code_challenge_method": "S256", "prompt": "login", "max_age": "0", "acr_values": "2",
	} {
		if asked.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, asked.Get(name), want)
		}
	}
	if len(asked.Get("code_challenge")) != 43 || len(asked.Get("state")) < 43 || len(asked.Get("nonce")) < 43 || asked.Get("state") == asked.Get("nonce") {
		t.Errorf("%v", asked)
	}
	if w.records.did("SignIn") != 1 || w.records.deeds[0].Principal.Subject != "u-1" || w.records.deeds[0].RequestID == "" {
		t.Errorf("%+v", w.records.deeds)
	}
}

// TestCookies looks at each cookie as a browser gets it: whoever adds one has to name it here.
func TestCookies(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.stop()
	login := b.get("/auth/login")
	to := login.header.Get("Location")
	code := b.get(to).header.Get("Location")
	set := append(cookiesOf(login), cookiesOf(b.get(code))...)
	want := map[string]http.Cookie{
		"__Host-fleet-signin":  {HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: 600},
		"__Host-fleet-session": {HttpOnly: true, SameSite: http.SameSiteLaxMode},
		"__Host-fleet-csrf":    {SameSite: http.SameSiteStrictMode},
	}
	for _, c := range set {
		x, ok := want[c.Name]
		if !ok || !c.Secure || c.Path != "/" || c.Domain != "" || c.HttpOnly != x.HttpOnly || c.SameSite != x.SameSite || c.MaxAge != x.MaxAge {
			t.Errorf("%s", c.Raw)
		}
		delete(want, c.Name)
	}
	if len(want) > 0 {
		t.Errorf("not set: %v", want)
	}
	if strings.Contains(b.cookie(session.Cookie), b.cookie(session.CSRFCookie)) {
		t.Error("scripts can read the credential")
	}
}

func cookiesOf(a answer) []*http.Cookie {
	return (&http.Response{Header: a.header}).Cookies()
}

// TestReturn never leads to another place than the portal.
func TestReturn(t *testing.T) {
	w := newWorld(t)
	for raw, want := range map[string]string{
		"/charts?state=open#x": "/charts?state=open#x", "": "/", "charts": "/", "//evil.example": "/", "/\\evil.example": "/", "https://evil.example": "/",
		"javascript:alert(1)": "/", "/%2f%2fevil.example": "/", "/auth/login": "/", "/api/me": "/", "/signed-out": "/", "/a\r\nb": "/",
		"/" + strings.Repeat("a", 3000): "/",
	} {
		b := w.browser()
		b.stop()
		to := b.get("/auth/login?return=" + url.QueryEscape(raw)).header.Get("Location")
		got := b.get(b.get(to).header.Get("Location")).header.Get("Location")
		if got != want {
			t.Errorf("%.40q leads to %q, want %q", raw, got, want)
		}
	}
}

// TestOtherName sends a browser that used another name of the gateway to the one that the cookies are for.
func TestOtherName(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.stop()
	ask := func(path string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "localhost:1234"
		resp, err := b.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	resp := ask("/auth/login?return=/x")
	if to := resp.Header.Get("Location"); resp.StatusCode != http.StatusSeeOther || to != w.server.URL+"/auth/login?origin=1&return=%2Fx" || len(resp.Cookies()) > 0 {
		t.Fatalf("%d %s", resp.StatusCode, to)
	}
	// A proxy that keeps the name to itself.
	if to := ask("/auth/login?origin=1&return=%2Fx").Header.Get("Location"); !strings.HasPrefix(to, w.issuer.URL+"/authorize?") {
		t.Fatal(to)
	}
}

// TestCallbackRefused plays the answers that are not the one to this browser's question.
func TestCallbackRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		query  func(good url.Values)
		other  bool // in another browser
		after  time.Duration
		reason string
		record string
	}{
		"no state":          {query: func(q url.Values) { q.Del("state") }, reason: "sign-in-state-invalid", record: "SIGN_IN_STATE_INVALID"},
		"another state":     {query: func(q url.Values) { q.Set("state", "x") }, reason: "sign-in-state-invalid", record: "SIGN_IN_STATE_INVALID"},
		"another browser":   {other: true, reason: "sign-in-state-invalid", record: "SIGN_IN_STATE_INVALID"},
		"too late":          {after: 11 * time.Minute, reason: "sign-in-state-invalid", record: "SIGN_IN_STATE_INVALID"},
		"another issuer":    {query: func(q url.Values) { q.Set("iss", "https://evil.example") }, reason: "sign-in-state-invalid", record: "SIGN_IN_STATE_INVALID"},
		"no issuer":         {query: func(q url.Values) { q.Del("iss") }, reason: "sign-in-state-invalid", record: "SIGN_IN_STATE_INVALID"},
		"person gave up":    {query: func(q url.Values) { q.Set("error", "access_denied") }, reason: "sign-in-denied", record: "SIGN_IN_DENIED"},
		"issuer is busy":    {query: func(q url.Values) { q.Set("error", "temporarily_unavailable") }, reason: "issuer-unavailable"},
		"code of another":   {query: func(q url.Values) { q.Set("code", "x") }, reason: "sign-in-failed", record: "SIGN_IN_FAILED"},
		"code is not there": {query: func(q url.Values) { q.Del("code") }, reason: "sign-in-failed", record: "SIGN_IN_FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.browser()
			b.stop()
			back := must[*url.URL](t)(url.Parse(b.get(b.get("/auth/login").header.Get("Location")).header.Get("Location")))
			q := back.Query()
			if tc.query != nil {
				tc.query(q)
			}
			back.RawQuery = q.Encode()
			w.clock.Add(tc.after)
			if tc.other {
				b = w.browser()
				b.stop()
				b.get("/auth/login")
			}
			a := b.get(back.String())
			if got := a.header.Get("Location"); got != "/signed-out?reason="+tc.reason || b.cookie(session.Cookie) != "" {
				t.Fatalf("%d %s", a.code, got)
			}
			if tc.record != "" && !w.records.refused("SignIn", tc.record) {
				t.Fatalf("no evidence: %+v", w.records.refusals)
			}
			if w.records.did("SignIn") != 0 {
				t.Fatal("recorded as a sign-in")
			}
		})
	}
}

// TestStateServesOnce answers the same question twice.
func TestStateServesOnce(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.stop()
	back := b.get(b.get("/auth/login").header.Get("Location")).header.Get("Location")
	if a := b.get(back); a.header.Get("Location") != "/" {
		t.Fatal(a.header.Get("Location"))
	}
	if a := b.get(back); a.header.Get("Location") != "/signed-out?reason=sign-in-state-invalid" {
		t.Fatal(a.header.Get("Location"))
	}
}

// TestIDToken changes one claim at a time.
func TestIDToken(t *testing.T) {
	w := newWorld(t)
	now := w.clock.Now()
	for name, tc := range map[string]struct {
		id, access map[string]any
		reason     string
	}{
		"another nonce":      {id: map[string]any{"nonce": "x"}, reason: "sign-in-failed"},
		"no nonce":           {id: map[string]any{"nonce": nil}, reason: "sign-in-failed"},
		"another audience":   {id: map[string]any{"aud": "other"}, reason: "sign-in-failed"},
		"another client":     {id: map[string]any{"azp": "other"}, reason: "sign-in-failed"},
		"many, no client":    {id: map[string]any{"azp": nil, "aud": []string{gatewaytest.ClientID, "other"}}, reason: "sign-in-failed"},
		"another issuer":     {id: map[string]any{"iss": "https://evil.example"}, reason: "sign-in-failed"},
		"expired":            {id: map[string]any{"exp": now.Add(-time.Minute).Unix()}, reason: "sign-in-failed"},
		"of another person":  {id: map[string]any{"sub": "u-2"}, reason: "sign-in-failed"},
		"one factor":         {id: map[string]any{"acr": "1"}, reason: "second-factor-required"},
		"no word of factors": {id: map[string]any{"acr": nil}, reason: "second-factor-required"},
		"long ago":           {id: map[string]any{"auth_time": now.Add(-time.Hour).Unix()}, reason: "second-factor-required"},
		"no word of when":    {id: map[string]any{"auth_time": nil}, reason: "second-factor-required"},
		"not for the fleet":  {access: map[string]any{"aud": "other"}, reason: "sign-in-failed"},
	} {
		t.Run(name, func(t *testing.T) {
			w.issuer.SignIn.Set(func(s *gatewaytest.SignIn) { s.ID, s.Access = tc.id, tc.access })
			w.clock.Add(2 * time.Minute)
			if tc.id["auth_time"] != nil {
				tc.id = maps.Clone(tc.id)
			}
			b := w.browser()
			b.stop()
			a := b.get(b.get(b.get("/auth/login").header.Get("Location")).header.Get("Location"))
			if got := a.header.Get("Location"); got != "/signed-out?reason="+tc.reason || b.cookie(session.Cookie) != "" {
				t.Fatalf("%d %s", a.code, got)
			}
		})
	}
}

// TestFailuresAreLimited guesses until the address has to wait.
func TestFailuresAreLimited(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.stop()
	for i := range 12 {
		want := "/signed-out?reason=sign-in-state-invalid"
		if i >= 10 {
			want = "/signed-out?reason=rate-limited"
		}
		if got := b.get("/auth/callback?code=x&state=y").header.Get("Location"); got != want {
			t.Fatalf("guess %d: %s", i, got)
		}
	}
}

// TestRequestsAreLimited asks for pages until the address has to wait, and signs out no better.
func TestRequestsAreLimited(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.stop()
	for range 500 {
		b.get("/auth/callback")
	}
	if got := b.get("/auth/login").header.Get("Location"); got != "/signed-out?reason=rate-limited" {
		t.Fatal(got)
	}
	if a := b.send(http.MethodPost, "/auth/logout", nil); a.code != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" {
		t.Fatalf("%d %s", a.code, a.body)
	}
}

// TestRedisAway lets nobody in, and nobody through.
func TestRedisAway(t *testing.T) {
	w := newWorld(t)
	b := w.signIn()
	b.stop()
	w.redis.Close()
	if got := b.get("/auth/login").header.Get("Location"); got != "/signed-out?reason=sessions-unavailable" {
		t.Fatal(got)
	}
	if a := b.send(http.MethodPost, "/auth/logout", b.unsafe()); a.code != http.StatusServiceUnavailable {
		t.Fatalf("%d %s", a.code, a.body)
	}
	if a := b.get("/charts"); a.code != http.StatusUnauthorized || !strings.Contains(a.body, session.ErrUnavailable.Error()) {
		t.Fatalf("%d %s", a.code, a.body)
	}
}
