package issuer_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/deploy/local/issuer"
)

var (
	setupKey = regexp.MustCompile(`id="setup-key">([A-Z2-7 ]+)<`)
	demoCode = regexp.MustCompile(`data-code="(\d{6})"`)
)

// enrolling is a newcomer's browser at the page of the authenticator, with the key that it shows.
func enrolling(w *world) (*browser, string) {
	w.t.Helper()
	b := w.browser()
	b.request()
	b.submit("username", "newcomer", "password", password)
	m := setupKey.FindStringSubmatch(b.page.Body)
	if m == nil {
		w.t.Fatalf("no key is shown: %d %s", b.page.Status, b.page.Body)
	}
	return b, strings.ReplaceAll(m[1], " ", "")
}

func TestANewcomerEnrolsAnAuthenticator(t *testing.T) {
	w := newWorld(t)
	wantRefused(t, "direct grant before", w.login("newcomer", password, "000000"), http.StatusBadRequest, "invalid_grant")
	b, secret := enrolling(w)
	if !b.page.shows(`<svg class="qr"`) || !b.page.shows(`href="otpauth://totp/FusionEMS%20Quantum:newcomer?`) || !b.page.shows("secret="+secret) {
		t.Errorf("no address for an app: %s", b.page.Body)
	}
	for range 6 {
		wantShown(t, "wrong code", b.submit("totp", "000000"), http.StatusOK, "The code does not fit this key.")
	}
	if _, again := enrolling(w); again == secret {
		t.Error("another sign-in shows the same key")
	}
	code := codeOf(t, secret, w)
	a := w.redeem(b.submit("totp", code).sent(t, callback).Get("code"))
	wantToken(t, "enrolled", a)
	if c := w.claims(a.AccessToken); c["acr"] != "2" || c["sub"] != w.user("newcomer").ID {
		t.Errorf("claims = %v", c)
	}
	w.restart()
	next := w.browser()
	wantShown(t, "the code of the enrolment again", next.signIn("newcomer", code), http.StatusOK, "This code was used already.")
	if next.page.shows("setup-key") {
		t.Error("the key is shown again")
	}
	w.wait(time.Minute)
	next.submit("totp", codeOf(t, secret, w)).sent(t, callback)
	w.wait(time.Minute)
	wantToken(t, "direct grant after", w.login("newcomer", password, codeOf(t, secret, w)))
}

// TestALostAuthenticator is taken away by an administrator: what it opened ends, its codes are worth nothing, and another is enrolled.
func TestALostAuthenticator(t *testing.T) {
	w := newWorld(t)
	b, lost := enrolling(w)
	thief := w.redeem(b.submit("totp", codeOf(t, lost, w)).sent(t, callback).Get("code"))
	wantToken(t, "before", thief)
	var record bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&record, nil))
	forget := func(name string) (bool, error) {
		return issuer.ForgetAuthenticator(t.Context(), w.cfg.DatabaseURL, w.cfg.RealmFile, name, log)
	}
	if had, err := forget("Newcomer"); err != nil || !had {
		t.Fatalf("%t %v", had, err)
	}
	if !strings.Contains(record.String(), w.user("newcomer").ID) || strings.Contains(record.String(), "ewcomer\"") {
		t.Errorf("recorded %s, want the id of the user and not the name", record.String())
	}
	wantRefused(t, "the session of the lost one", w.portalRefresh(thief.RefreshToken), http.StatusBadRequest, "invalid_grant")
	w.wait(time.Minute)
	wantRefused(t, "its codes", w.login("newcomer", password, codeOf(t, lost, w)), http.StatusBadRequest, "invalid_grant")
	again, fresh := enrolling(w)
	wantShown(t, "a code of the lost one at the enrolment", again.submit("totp", codeOf(t, lost, w)), http.StatusOK, "The code does not fit this key.")
	wantToken(t, "the new one", w.redeem(again.submit("totp", codeOf(t, fresh, w)).sent(t, callback).Get("code")))

	if had, err := forget("medic"); had || !errors.Is(err, issuer.ErrAuthenticatorGiven) {
		t.Errorf("given by the realm: %t %v", had, err)
	}
	if _, err := forget("nobody"); !errors.Is(err, issuer.ErrNoUser) {
		t.Errorf("nobody: %v", err)
	}
}

func TestOfTwoEnrolmentsTheFirstCounts(t *testing.T) {
	w := newWorld(t)
	one, first := enrolling(w)
	two, second := enrolling(w)
	one.submit("totp", codeOf(t, first, w)).sent(t, callback)
	wantShown(t, "the second", two.submit("totp", codeOf(t, second, w)), http.StatusOK, "An authenticator was set up for this account in the meantime.")
	w.wait(time.Minute)
	wantShown(t, "its key", w.browser().signIn("newcomer", codeOf(t, second, w)), http.StatusOK, "The code is wrong.")
}

func TestAnEnrolledSecretIsNotReadableInTheDatabase(t *testing.T) {
	w := newWorld(t)
	b, secret := enrolling(w)
	flow := stored(t, w, `SELECT secret FROM issuer.login_flow WHERE secret IS NOT NULL`)
	b.submit("totp", codeOf(t, secret, w)).sent(t, callback)
	kept := stored(t, w, `SELECT secret FROM issuer.authenticator`)
	for what, sealed := range map[string][]byte{"flow": flow, "authenticator": kept} {
		if len(sealed) == 0 || bytes.Contains(sealed, []byte(secret)) {
			t.Errorf("%s: the secret is kept as it is", what)
		}
	}
	// Sealed for the newcomer, the row is of no use under another name.
	conn, err := pgx.Connect(t.Context(), w.cfg.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	other := w.user("newcomer")
	other.ID, other.Username = "11111111-1111-4111-8111-111111111111", "other"
	w.realm.Users = append(w.realm.Users, other)
	w.writeRealm()
	if _, err := conn.Exec(t.Context(), `UPDATE issuer.authenticator SET subject = $1`, other.ID); err != nil {
		t.Fatal(err)
	}
	wantShown(t, "another's authenticator", w.try("other", password), http.StatusServiceUnavailable, "not possible at the moment")
}

func stored(t *testing.T, w *world, query string) []byte {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), w.cfg.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var out []byte
	if err := conn.QueryRow(t.Context(), query).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheDemoAuthenticatorIsOffByDefault(t *testing.T) {
	w := newWorld(t)
	w.realm.Users[0].Demo = true
	w.writeRealm()
	for _, p := range []page{w.try("medic", password), w.try("newcomer", password)} {
		if p.shows("Demo authenticator") || demoCode.MatchString(p.Body) {
			t.Error("a code is shown where nobody asked for it")
		}
	}
	if w.browser().request().shows("Demo installation") {
		t.Error("the sign-in page speaks of a demo")
	}
}

func TestTheDemoAuthenticatorShowsCodesOfDemoUsersOnly(t *testing.T) {
	w := newWorld(t)
	w.cfg.DemoAuthenticator = true
	w.realm.Users[0].Demo = true
	w.writeRealm()
	w.restart()
	if p := w.try("founder", password); p.shows("Demo authenticator") {
		t.Error("the code of somebody who is no demo user is shown")
	}
	if p := w.try("medic", "wrong"); p.shows("Demo authenticator") {
		t.Error("a code is shown before the password is right")
	}
	// It enforces the factor as any other: what it shows is accepted, once, and then it shows the next.
	for i, want := range []string{w.code("medic", 0), w.code("medic", 1)} {
		b := w.browser()
		b.request()
		p := b.submit("username", "medic", "password", password)
		m := demoCode.FindStringSubmatch(p.Body)
		if m == nil || m[1] != want {
			t.Fatalf("sign-in %d: shown %v, want %s", i, m, want)
		}
		b.submit("totp", m[1]).sent(t, callback)
	}
	p := w.try("medic", password)
	if demoCode.MatchString(p.Body) || !p.shows("The codes of this moment are used.") || !p.shows(`data-seconds="25"`) {
		t.Errorf("after all codes: %s", p.Body)
	}
	b, secret := enrolling(w)
	if m := demoCode.FindStringSubmatch(b.page.Body); m == nil || m[1] != codeOf(t, secret, w) {
		t.Errorf("the page of the enrolment shows %v", m)
	}
}

func TestARealmNeedsAFactorForEverybodyAndAddressesAsTheyStand(t *testing.T) {
	user := issuer.User{ID: "u", Username: "u", PasswordHash: "h"}
	for what, realm := range map[string]issuer.Realm{
		"no factor":      {Users: []issuer.User{user}},
		"no address":     {Clients: []issuer.Client{{ID: "c", StandardFlow: true}}},
		"no TLS":         {Clients: []issuer.Client{{ID: "c", StandardFlow: true, RedirectURIs: []string{"http://a.test/"}}}},
		"pattern":        {Clients: []issuer.Client{{ID: "c", StandardFlow: true, RedirectURIs: []string{"https://a.test/*"}}}},
		"fragment":       {Clients: []issuer.Client{{ID: "c", PostLogoutRedirectURIs: []string{"https://a.test/#x"}}}},
		"script to call": {Clients: []issuer.Client{{ID: "c", InitiateLoginURI: "javascript:alert(1)"}}},
	} {
		if err := issuer.WriteRealm(t.TempDir()+"/realm.json", &realm); err == nil {
			t.Errorf("%s: the realm was taken", what)
		}
	}
}
