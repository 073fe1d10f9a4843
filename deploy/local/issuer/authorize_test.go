package issuer_test

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestABrowserSignsInWithBothFactors(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.wait(0)
	query := b.signIn("  Medic ", w.code("medic", 0)[:3]+" "+w.code("medic", 0)[3:]).sent(t, callback)
	if query.Get("state") != "the-state" || query.Get("iss") != url0 || query.Get("code") == "" {
		t.Errorf("the client was sent %v", query)
	}
	a := w.redeem(query.Get("code"))
	wantToken(t, "redeem", a)
	access, id := w.claims(a.AccessToken), w.claims(a.IDToken)
	want := map[string]any{
		"iss": url0, "aud": "portal", "azp": "portal", "typ": "ID", "sub": w.user("medic").ID, "nonce": "the-nonce", "acr": "2",
		"amr": []any{"pwd", "otp"}, "auth_time": float64(w.now.Unix()), "sid": access["sid"],
	}
	for k, v := range want {
		if !reflect.DeepEqual(id[k], v) {
			t.Errorf("%s = %v, want %v", k, id[k], v)
		}
	}
	if access["aud"] != "fusionems-gateway" || access["agency_id"] != float64(7) || access["azp"] != "portal" || access["acr"] != "2" {
		t.Errorf("access token = %v", access)
	}
	next := w.portalRefresh(a.RefreshToken)
	wantToken(t, "refresh", next)
	if _, present := w.claims(next.IDToken)["nonce"]; present {
		t.Error("an ID token of a refresh carries the nonce of the sign-in")
	}
}

func TestPagesAreHardened(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	p := b.request()
	csp := p.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "form-action 'self' https://portal.test"} {
		if !strings.Contains(csp, want) {
			t.Errorf("policy %q lacks %q", csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") || p.Header.Get("Cache-Control") != "no-store" || p.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers = %v", p.Header)
	}
	for _, inline := range []string{"<style", " style=", "<script>", " onclick=", "http://"} {
		if p.shows(inline) {
			t.Errorf("the page holds %q", inline)
		}
	}
	b.submit("username", "medic", "password", password)
	b.submit("totp", w.code("medic", 0))
	for name, c := range b.cookies {
		if !strings.HasPrefix(name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
			t.Errorf("cookie %+v", c)
		}
	}
	if len(b.cookies) != 2 {
		t.Errorf("cookies = %v, want that of the browser and that of the session", b.cookies)
	}
	for _, asset := range []string{"signin-", "mark-"} {
		i := strings.Index(p.Body, "/realms/fusionems/resources/"+asset)
		if i < 0 {
			t.Fatalf("the page names no %s", asset)
		}
		address := p.Body[i : i+strings.Index(p.Body[i:], `"`)]
		if f := w.browser().get(address); f.Status != http.StatusOK || !strings.Contains(f.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", address, f.Status, f.Header)
		}
	}
}

func TestNothingIsSentToAnAddressThatIsNotRegistered(t *testing.T) {
	w := newWorld(t)
	for what, more := range map[string][]string{
		"unknown client":        {"client_id", "nobody"},
		"client without flow":   {"client_id", "demo"},
		"no address":            {"redirect_uri", ""},
		"longer address":        {"redirect_uri", callback + "/more"},
		"address with a query":  {"redirect_uri", callback + "?a=b"},
		"address of the other":  {"redirect_uri", "https://kiosk.test/callback?of=kiosk"},
		"other case":            {"redirect_uri", strings.ToUpper(callback)},
		"parameter of 3000":     {"state", strings.Repeat("x", 3000)},
		"address of somebody":   {"redirect_uri", "https://evil.test/auth/callback"},
		"scheme without TLS":    {"redirect_uri", "http://portal.test/auth/callback"},
		"address with a dot":    {"redirect_uri", "https://portal.test/auth/./callback"},
		"address with fragment": {"redirect_uri", callback + "#x"},
	} {
		p := w.browser().request(more...)
		if p.Status != http.StatusBadRequest || p.Location != "" || !p.shows("This sign-in cannot go on") {
			t.Errorf("%s: %d, sent to %q", what, p.Status, p.Location)
		}
	}
	twice := w.browser().get(endpoint + "/auth?client_id=portal&client_id=kiosk")
	wantShown(t, "parameter twice", twice, http.StatusBadRequest, "given twice")
}

func TestARequestThatIsWrongGoesBackToItsClient(t *testing.T) {
	w := newWorld(t)
	for what, c := range map[string]struct {
		more []string
		code string
	}{
		"no challenge":        {[]string{"code_challenge", ""}, "invalid_request"},
		"no method":           {[]string{"code_challenge_method", ""}, "invalid_request"},
		"plain":               {[]string{"code_challenge_method", "plain"}, "invalid_request"},
		"challenge too short": {[]string{"code_challenge", "short"}, "invalid_request"},
		"token":               {[]string{"response_type", "token"}, "unsupported_response_type"},
		"hybrid":              {[]string{"response_type", "code id_token"}, "unsupported_response_type"},
		"fragment":            {[]string{"response_mode", "fragment"}, "invalid_request"},
		"request object":      {[]string{"request", "x.y.z"}, "request_not_supported"},
		"request by address":  {[]string{"request_uri", "https://evil.test"}, "request_uri_not_supported"},
		"prompt":              {[]string{"prompt", "none login"}, "invalid_request"},
		"max age":             {[]string{"max_age", "-1"}, "invalid_request"},
		"hint":                {[]string{"id_token_hint", "x"}, "invalid_request"},
		"nobody signed in":    {[]string{"prompt", "none"}, "login_required"},
	} {
		query := w.browser().request(c.more...).sent(t, callback)
		if query.Get("error") != c.code || query.Get("state") != "the-state" || query.Get("code") != "" || query.Get("iss") != url0 {
			t.Errorf("%s: the client was sent %v, want %s", what, query, c.code)
		}
	}
	b := w.browser()
	query := b.signIn("medic", w.code("medic", 0), "scope", "openid governance:write").sent(t, callback)
	if query.Get("error") != "invalid_scope" || query.Get("code") != "" {
		t.Errorf("a scope that the person does not hold: %v", query)
	}
}

func TestACodeIsGoodForOneClientAddressAndVerifierOnce(t *testing.T) {
	w := newWorld(t)
	fresh := func() string {
		w.wait(time.Minute)
		return w.browser().signIn("medic", w.code("medic", 0)).sent(t, callback).Get("code")
	}
	for what, more := range map[string][]string{
		"wrong verifier":     {"code_verifier", strings.Repeat("x", 43)},
		"challenge itself":   {"code_verifier", challenge(verifier)},
		"address of another": {"redirect_uri", "https://kiosk.test/callback?of=kiosk"},
	} {
		code := fresh()
		wantRefused(t, what, w.redeem(code, more...), http.StatusBadRequest, "invalid_grant")
		wantRefused(t, what+", then right", w.redeem(code), http.StatusBadRequest, "invalid_grant")
	}
	code := fresh()
	wantRefused(t, "without a verifier", w.redeem(code, "code_verifier", ""), http.StatusBadRequest, "invalid_request")
	wantRefused(t, "without the client's secret", w.redeem(code, "client_secret", ""), http.StatusUnauthorized, "invalid_client")
	wantRefused(t, "of another client", w.redeem(code, "client_id", "kiosk", "client_secret", ""), http.StatusBadRequest, "invalid_grant")
	wantRefused(t, "of a client without the flow", w.redeem(code, "client_id", "demo", "client_secret", ""), http.StatusBadRequest, "unauthorized_client")
	wantToken(t, "all of that took nothing from its client", w.redeem(code))

	code = fresh()
	w.wait(61 * time.Second)
	wantRefused(t, "after a minute", w.redeem(code), http.StatusBadRequest, "invalid_grant")
}

func TestASecondUseOfACodeEndsWhatCameOfTheFirst(t *testing.T) {
	w := newWorld(t)
	code := w.browser().signIn("medic", w.code("medic", 0)).sent(t, callback).Get("code")
	a := w.redeem(code)
	wantToken(t, "first use", a)
	w.wait(5 * time.Minute)
	second := w.portalRefresh(a.RefreshToken)
	wantToken(t, "refresh", second)
	w.restart()
	wantRefused(t, "second use", w.redeem(code), http.StatusBadRequest, "invalid_grant")
	wantRefused(t, "refresh after it", w.portalRefresh(second.RefreshToken), http.StatusBadRequest, "invalid_grant")
}

func TestOfTwoUsesAtOnceOneIsAnswered(t *testing.T) {
	w := newWorld(t)
	code := w.browser().signIn("medic", w.code("medic", 0)).sent(t, callback).Get("code")
	answers := make(chan answer)
	for range 4 {
		go func() { answers <- w.redeem(code) }()
	}
	tokens := 0
	for range 4 {
		if a := <-answers; a.AccessToken != "" {
			tokens++
		}
	}
	if tokens != 1 {
		t.Errorf("%d of four uses got tokens, want one", tokens)
	}
}

func TestAnAddressWithAQueryKeepsIt(t *testing.T) {
	w := newWorld(t)
	p := w.browser().signIn("medic", w.code("medic", 0), "client_id", "kiosk", "redirect_uri", "https://kiosk.test/callback?of=kiosk", "scope", "")
	query := p.sent(t, "https://kiosk.test/callback")
	if query.Get("of") != "kiosk" {
		t.Errorf("sent %v", query)
	}
	a := w.post("/token", url.Values{"grant_type": {"authorization_code"}, "client_id": {"kiosk"}, "code": {query.Get("code")},
		"redirect_uri": {"https://kiosk.test/callback?of=kiosk"}, "code_verifier": {verifier}})
	wantToken(t, "public client", a)
	if a.IDToken != "" {
		t.Error("an ID token without the scope openid")
	}
}
