package issuer_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

func TestABrowserIsRememberedForAWhile(t *testing.T) {
	w := newWorld(t)
	b, first := w.enter("medic")
	w.wait(10 * time.Minute)
	for _, more := range [][]string{nil, {"prompt", "none"}, {"max_age", "600"}, {"id_token_hint", first.IDToken}} {
		query := b.request(more...).sent(t, callback)
		again := w.redeem(query.Get("code"))
		wantToken(t, "remembered", again)
		if w.claims(again.IDToken)["auth_time"] != w.claims(first.IDToken)["auth_time"] {
			t.Error("nobody was asked, and still the time of the sign-in is new")
		}
	}
	if p := b.request("max_age", "599"); !p.shows("Step 1 of 2") {
		t.Errorf("a sign-in older than the client wants was taken: %d %s", p.Status, p.Location)
	}
	_, other := w.enter("founder")
	if got := b.request("prompt", "none", "id_token_hint", other.IDToken).sent(t, callback).Get("error"); got != "login_required" {
		t.Errorf("a hint at somebody else: %q", got)
	}
	w.wait(15 * time.Minute)
	if got := b.request("prompt", "none").sent(t, callback).Get("error"); got != "login_required" {
		t.Errorf("after a quarter of an hour: %q", got)
	}
	wantShown(t, "after a quarter of an hour", b.request(), http.StatusOK, "Step 1 of 2")
}

func TestAnotherBrowserIsNotRemembered(t *testing.T) {
	w := newWorld(t)
	w.enter("medic")
	if p := w.browser().request(); !p.shows("Step 1 of 2") {
		t.Errorf("another browser got %d %s", p.Status, p.Location)
	}
}

func TestSteppingUpAsksForBothFactorsAgain(t *testing.T) {
	w := newWorld(t)
	b, before := w.enter("medic")
	for _, more := range [][]string{{"prompt", "login"}, {"max_age", "0"}} {
		w.wait(time.Minute)
		old := b.cookies["__Host-issuer-session"].Value
		if p := b.request(append(more, "acr_values", "2")...); !p.shows("Step 1 of 2") || !p.shows(`value="medic"`) {
			t.Fatalf("%v: not asked: %d %s", more, p.Status, p.Location)
		}
		if p := b.submit("username", "medic", "password", password); !p.shows("Step 2 of 2") {
			t.Fatalf("%v: the second factor was not asked for: %d %s", more, p.Status, p.Location)
		}
		a := w.redeem(b.submit("totp", w.code("medic", 0)).sent(t, callback).Get("code"))
		wantToken(t, "step-up", a)
		if got := w.claims(a.AccessToken)["auth_time"]; got != float64(w.now.Unix()) {
			t.Errorf("%v: auth_time %v, want now", more, got)
		}
		if b.cookies["__Host-issuer-session"].Value == old {
			t.Errorf("%v: the cookie stayed as it was", more)
		}
	}
	wantToken(t, "the session from before goes on", w.portalRefresh(before.RefreshToken))
}

func TestSomebodyElseInTheSameBrowserEndsTheFirstSession(t *testing.T) {
	w := newWorld(t)
	b, medic := w.enter("medic")
	a := w.redeem(b.signIn("founder", w.code("founder", 0), "prompt", "login").sent(t, callback).Get("code"))
	wantToken(t, "the other", a)
	wantRefused(t, "the first", w.portalRefresh(medic.RefreshToken), http.StatusBadRequest, "invalid_grant")
	if sub := w.claims(w.redeem(b.request().sent(t, callback).Get("code")).IDToken)["sub"]; sub != w.user("founder").ID {
		t.Errorf("the browser is remembered as %v", sub)
	}
}

func TestLogoutEndsEverythingOfTheBrowser(t *testing.T) {
	w := newWorld(t)
	b, a := w.enter("medic")
	p := b.get(endpoint + "/logout?" + url.Values{"id_token_hint": {a.IDToken}, "post_logout_redirect_uri": {signedOut}, "state": {"bye"}}.Encode())
	if query := p.sent(t, signedOut); query.Get("state") != "bye" {
		t.Errorf("sent %v", query)
	}
	if len(b.cookies) != 1 {
		t.Errorf("cookies after logout: %v", b.cookies)
	}
	wantRefused(t, "refresh after logout", w.portalRefresh(a.RefreshToken), http.StatusBadRequest, "invalid_grant")
	wantShown(t, "authorize after logout", b.request(), http.StatusOK, "Step 1 of 2")
	again := b.get(endpoint + "/logout?" + url.Values{"id_token_hint": {a.IDToken}, "post_logout_redirect_uri": {signedOut}}.Encode())
	if again.Location != signedOut {
		t.Errorf("a second logout went to %q (%d)", again.Location, again.Status)
	}
}

func TestLogoutGoesOnlyWhereItIsRegistered(t *testing.T) {
	w := newWorld(t)
	b, a := w.enter("medic")
	for _, to := range []string{signedOut + "?x=1", "https://evil.test/", callback} {
		p := b.get(endpoint + "/logout?" + url.Values{"id_token_hint": {a.IDToken}, "post_logout_redirect_uri": {to}}.Encode())
		wantShown(t, to, p, http.StatusBadRequest, "not registered")
	}
	wantShown(t, "a hint of nobody", b.get(endpoint+"/logout?id_token_hint=x.y.z"), http.StatusBadRequest, "not possible with this link")
	wantShown(t, "an access token as a hint", b.get(endpoint+"/logout?id_token_hint="+a.AccessToken), http.StatusBadRequest, "not possible with this link")
	wantToken(t, "nothing of that ended the session", w.portalRefresh(a.RefreshToken))
}

func TestLogoutWithoutAHintAsksFirst(t *testing.T) {
	w := newWorld(t)
	b, a := w.enter("medic")
	address := endpoint + "/logout?client_id=portal&post_logout_redirect_uri=" + url.QueryEscape(signedOut)
	wantShown(t, "question", b.get(address), http.StatusOK, "Sign out?")
	action, form := b.form()
	forged := url.Values{"csrf_token": {"x"}, "client_id": {"portal"}}
	wantShown(t, "a form of another page", b.visit(http.MethodPost, action, forged), http.StatusOK, "Sign out?")
	next := w.portalRefresh(a.RefreshToken)
	wantToken(t, "nobody agreed yet", next)
	if p := b.visit(http.MethodPost, action, form); p.Location != signedOut {
		t.Errorf("after the answer: %d %q", p.Status, p.Location)
	}
	wantRefused(t, "after the answer", w.portalRefresh(next.RefreshToken), http.StatusBadRequest, "invalid_grant")
	wantShown(t, "nobody is signed in", b.get(endpoint+"/logout"), http.StatusOK, "You are signed out")
}

func TestEndingTheSessionBehindTheBrowserEndsTheBrowserToo(t *testing.T) {
	for path, field := range map[string]string{"/logout": "refresh_token", "/revoke": "token"} {
		w := newWorld(t)
		b, a := w.enter("medic")
		w.post(path, url.Values{"client_id": {"portal"}, "client_secret": {w.secret}, field: {a.RefreshToken}})
		wantRefused(t, "refresh after "+path, w.portalRefresh(a.RefreshToken), http.StatusBadRequest, "invalid_grant")
		wantShown(t, "authorize after "+path, b.request(), http.StatusOK, "Step 1 of 2")
	}
}

func TestADisabledUserIsNotRemembered(t *testing.T) {
	w := newWorld(t)
	b, _ := w.enter("medic")
	code := b.request().sent(t, callback).Get("code")
	w.realm.Users[0].Disabled = true
	w.writeRealm()
	wantShown(t, "authorize", b.request(), http.StatusOK, "Step 1 of 2")
	wantRefused(t, "a code from before", w.redeem(code), http.StatusBadRequest, "invalid_grant")
}
