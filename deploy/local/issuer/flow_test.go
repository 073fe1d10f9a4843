package issuer_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fusionems/quantum/deploy/local/issuer"
)

const (
	invalid = "The username or the password is wrong."
	tooMany = "Too many attempts."
)

// try sends one password form of a new sign-in.
func (w *world) try(name, pw string) page {
	w.t.Helper()
	b := w.browser()
	b.request()
	return b.submit("username", name, "password", pw)
}

func TestThePasswordPageTellsNobodyWhoExists(t *testing.T) {
	w := newWorld(t)
	for what, p := range map[string]page{
		"unknown": w.try("nobody", password), "wrong": w.try("medic", "wrong"), "disabled": w.try("gone", password),
		"no factor yet": w.try("newcomer", "wrong"),
	} {
		wantShown(t, what, p, http.StatusOK, invalid)
		if p.shows("Step 2") || p.shows("Demo authenticator") {
			t.Errorf("%s: went on to the second factor", what)
		}
	}
	wantShown(t, "empty name", w.try(" ", password), http.StatusOK, "Enter your username.")
	wantShown(t, "empty password", w.try("medic", ""), http.StatusOK, "Enter your password.")
}

func TestFiveWrongPasswordsLockANameThatExistsOrNot(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"medic", "nobody"} {
		for i := range 4 {
			wantShown(t, name, w.try(name, "wrong"), http.StatusOK, invalid)
			if i == 2 {
				w.restart()
			}
		}
		wantShown(t, name+" for the fifth time", w.try(strings.ToUpper(name), "wrong"), http.StatusOK, tooMany)
		wantShown(t, name+" with the right password", w.try(name, password), http.StatusOK, tooMany)
	}
	w.wait(29 * time.Minute)
	wantShown(t, "after 29 minutes", w.try("medic", password), http.StatusOK, tooMany)
	wantRefused(t, "direct grant", w.login("medic", password, w.code("medic", 0)), http.StatusUnauthorized, "invalid_grant")
	w.wait(time.Minute)
	wantShown(t, "after 30 minutes", w.try("medic", password), http.StatusOK, "Step 2 of 2")
}

func TestTheLockoutCountsOverReplicasPagesAndGrants(t *testing.T) {
	w := newWorld(t)
	one, two := w.handler, w.replica()
	w.try("medic", "wrong")
	w.handler = two
	w.try("medic", "wrong")
	w.login("medic", "wrong", "")
	b := w.browser()
	b.request()
	w.handler = one
	b.submit("username", "medic", "password", password)
	wantShown(t, "fourth failure", b.submit("totp", "000000"), http.StatusOK, "The code is wrong.")
	w.handler = two
	wantShown(t, "fifth failure", b.submit("totp", "000000"), http.StatusOK, tooMany)
	if !b.page.shows("Step 1 of 2") {
		t.Error("a locked user stays at the second factor")
	}
	wantShown(t, "right password of a locked user", b.submit("username", "medic", "password", password), http.StatusOK, tooMany)
	w.handler = one
	wantShown(t, "somebody else", w.try("founder", password), http.StatusOK, "Step 2 of 2")
}

func TestARightPasswordDoesNotForgiveWrongCodes(t *testing.T) {
	w := newWorld(t)
	for range 4 {
		b := w.browser()
		b.request()
		b.submit("username", "medic", "password", password)
		wantShown(t, "wrong code", b.submit("totp", "000000"), http.StatusOK, "The code is wrong.")
	}
	b := w.browser()
	b.request()
	b.submit("username", "medic", "password", password)
	wantShown(t, "fifth wrong code", b.submit("totp", "000000"), http.StatusOK, tooMany)
}

func TestAnAdministratorUnlocks(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		w.try("medic", "wrong")
	}
	var record bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&record, nil))
	locked, err := issuer.Unlock(t.Context(), w.cfg.DatabaseURL, w.cfg.RealmFile, "Medic", w.cfg.Now(), log)
	if err != nil || !locked {
		t.Fatalf("unlock: %t %v", locked, err)
	}
	if !strings.Contains(record.String(), w.user("medic").ID) || strings.Contains(record.String(), "edic\"") {
		t.Errorf("recorded %s, want the id of the user and not the name", record.String())
	}
	wantShown(t, "after unlocking", w.try("medic", password), http.StatusOK, "Step 2 of 2")
	if locked, err := issuer.Unlock(t.Context(), w.cfg.DatabaseURL, w.cfg.RealmFile, "founder", w.cfg.Now(), log); err != nil || locked {
		t.Errorf("who was not locked: %t %v", locked, err)
	}
	if _, err := issuer.Unlock(t.Context(), w.cfg.DatabaseURL, w.cfg.RealmFile, "nobody", w.cfg.Now(), log); err == nil {
		t.Error("nobody was unlocked")
	}
}

func TestACodeIsAcceptedOnceOverPagesAndGrants(t *testing.T) {
	w := newWorld(t)
	code := w.code("medic", 0)
	w.browser().signIn("medic", code).sent(t, callback)
	b := w.browser()
	for range 6 {
		wantShown(t, "used code", b.signIn("medic", code), http.StatusOK, "This code was used already.")
	}
	wantRefused(t, "used code in a grant", w.login("medic", password, code), http.StatusUnauthorized, "invalid_grant")
	b.submit("totp", w.code("medic", 1)).sent(t, callback)
}

func TestAFormIsTakenOnlyFromItsOwnPage(t *testing.T) {
	w := newWorld(t)
	victim, attacker := w.browser(), w.browser()
	victim.request()
	attacker.request()
	address, form := attacker.form()
	form.Set("username", "medic")
	form.Set("password", password)
	wantShown(t, "a sign-in of another browser", victim.visit(http.MethodPost, address, form), http.StatusBadRequest, "This sign-in has expired")

	victim.request()
	address, mine := victim.form()
	mine.Set("csrf_token", form.Get("csrf_token"))
	wantShown(t, "the token of another browser", victim.visit(http.MethodPost, address, mine), http.StatusForbidden, "This form was not accepted")
	mine.Del("csrf_token")
	wantShown(t, "no token", victim.visit(http.MethodPost, address, mine), http.StatusForbidden, "This form was not accepted")

	_, first := w.enter("medic")
	b := w.browser()
	b.request()
	step1, _ := b.form()
	b.request()
	_, second := b.form()
	second.Set("username", "medic")
	wantShown(t, "the token of another tab", b.visit(http.MethodPost, step1, second), http.StatusForbidden, "This form was not accepted")
	wantToken(t, "none of that ended a session", w.portalRefresh(first.RefreshToken))
}

func TestASignInThatIsNotFinishedExpires(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.request()
	b.submit("username", "medic", "password", password)
	w.wait(10 * time.Minute)
	p := b.submit("totp", w.code("medic", 0))
	wantShown(t, "after ten minutes", p, http.StatusBadRequest, "This sign-in has expired")
	wantShown(t, "the way on", p, http.StatusBadRequest, initiate)
	wantShown(t, "a page of nothing", b.get("/realms/fusionems/login-actions/authenticate?tab_id=x&client_id=nobody"), http.StatusBadRequest, "has expired")
	if b.page.shows("Start again") {
		t.Error("a client that is not known has no place to start again")
	}
}

func TestGoingBackAndSendingTwiceDoNoHarm(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.request()
	address, first := b.form()
	first.Set("username", "medic")
	first.Set("password", password)
	b.visit(http.MethodPost, address, first)
	wantShown(t, "the first form again", b.visit(http.MethodPost, address, first), http.StatusOK, "Step 2 of 2")
	first.Set("password", "wrong")
	wantShown(t, "the first form with something else", b.visit(http.MethodPost, address, first), http.StatusOK, "Step 2 of 2")
	wantShown(t, "back to the page", b.get(address), http.StatusOK, "Step 2 of 2")
	_, second := b.form()
	second.Set("totp", w.code("medic", 0))
	a := w.redeem(b.visit(http.MethodPost, address, second).sent(t, callback).Get("code"))
	wantToken(t, "sign-in", a)
	wantShown(t, "the second form again", b.visit(http.MethodPost, address, second), http.StatusOK, "This sign-in is finished")
	wantShown(t, "back to the page", b.get(address), http.StatusOK, initiate)
	wantToken(t, "the session is there", w.portalRefresh(a.RefreshToken))
}

func TestTwoSubmitsAtOnceAreOneSignIn(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.request()
	b.submit("username", "medic", "password", password)
	address, form := b.form()
	form.Set("totp", w.code("medic", 0))
	pages := make(chan page)
	for range 4 {
		go func() { pages <- b.once(http.MethodPost, address, form) }()
	}
	codes := 0
	for range 4 {
		p := <-pages
		switch to := p.Header.Get("Location"); {
		case strings.HasPrefix(to, callback):
			codes++
		case !strings.HasPrefix(to, "/realms/"):
			t.Errorf("%d %q %s", p.Status, to, p.Body)
		}
	}
	if codes != 1 {
		t.Errorf("%d codes of one sign-in", codes)
	}
}

func TestSigningInAsSomebodyElseBeginsAnew(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.request()
	b.submit("username", "medic", "password", password)
	wantShown(t, "restart", b.submit("action", "restart"), http.StatusOK, "Step 1 of 2")
	b.submit("username", "founder", "password", password)
	wantShown(t, "the code of the other", b.submit("totp", w.code("medic", 0)), http.StatusOK, "The code is wrong.")
	a := w.redeem(b.submit("totp", w.code("founder", 0)).sent(t, callback).Get("code"))
	if sub := w.claims(a.AccessToken)["sub"]; sub != w.user("founder").ID {
		t.Errorf("signed in as %v", sub)
	}
}

func TestPagesAreLimitedByAddressAndUser(t *testing.T) {
	w := newWorld(t)
	w.cfg.Limits = issuer.Limits{Window: time.Minute, Address: 1000, Identity: 3}
	w.cfg.Lockout.Failures = 1000
	w.restart()
	for range 3 {
		wantShown(t, "within", w.try("medic", "wrong"), http.StatusOK, invalid)
	}
	p := w.try("medic", password)
	wantShown(t, "beyond", p, http.StatusTooManyRequests, "Too many requests")
	if p.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	wantShown(t, "somebody else", w.try("founder", password), http.StatusOK, "Step 2 of 2")

	w.cfg.Limits = issuer.Limits{Window: time.Minute, Address: 4, Identity: 1000}
	w.wait(5 * time.Minute)
	w.restart()
	for range 4 {
		w.browser().once(http.MethodGet, endpoint+"/auth", nil)
	}
	for _, path := range []string{endpoint + "/auth", endpoint + "/logout", "/realms/fusionems/login-actions/authenticate"} {
		wantShown(t, path, w.browser().get(path), http.StatusTooManyRequests, "Too many requests")
	}
	wantShown(t, "form", w.browser().visit(http.MethodPost, "/realms/fusionems/login-actions/authenticate", url.Values{}), http.StatusTooManyRequests, "Too many requests")
	w.redis.Close()
	wantShown(t, "without counters", w.browser().get(endpoint+"/auth"), http.StatusServiceUnavailable, "not possible at the moment")
}

func TestTheLogNamesNobodyByWhatWasTyped(t *testing.T) {
	w := newWorld(t)
	var record bytes.Buffer
	w.cfg.Log = slog.New(slog.NewJSONHandler(&record, nil))
	w.restart()
	w.try("medic", "wrong")
	w.try("my-password-in-the-wrong-field", "wrong")
	w.enter("medic")
	for _, secret := range []string{"my-password", `"medic"`, password, "the-state", verifier} {
		if strings.Contains(record.String(), secret) {
			t.Errorf("the log holds %q: %s", secret, record.String())
		}
	}
	for _, want := range []string{`"login refused"`, `"signed in"`, `"login"`, w.user("medic").ID} {
		if !strings.Contains(record.String(), want) {
			t.Errorf("the log lacks %s: %s", want, record.String())
		}
	}
}
