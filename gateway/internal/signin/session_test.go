package signin_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fusionems/quantum/gateway/internal/gatewaytest"
	"github.com/fusionems/quantum/gateway/internal/session"
)

func (b *browser) passes() bool {
	b.w.t.Helper()
	return b.get("/charts").code == http.StatusOK
}

func (b *browser) refusedAs(err error) {
	b.w.t.Helper()
	if a := b.get("/charts"); a.code != http.StatusUnauthorized || strings.TrimSpace(a.body) != err.Error() {
		b.w.t.Fatalf("%d %s, want %v", a.code, a.body, err)
	}
}

// step moves the clocks of gateway, issuer and Redis.
func (w *world) step(d time.Duration) {
	w.clock.Add(d)
	w.redis.FastForward(d)
}

func TestSignOutEndsItEverywhere(t *testing.T) {
	w := newWorld(t)
	b := w.signIn()
	credential := b.cookie(session.Cookie)
	a := b.send(http.MethodPost, "/auth/logout", b.unsafe())
	if a.code != 200 || a.json["location"] != "/signed-out?reason=signed-out" || b.cookie(session.Cookie) != "" || b.cookie(session.CSRFCookie) != "" {
		t.Fatalf("%d %s", a.code, a.body)
	}
	if w.issuer.SignIn.Ends() != 1 || w.records.did("SignOut") != 1 || len(w.records.causes()) != 0 {
		t.Fatalf("%d %v", w.issuer.SignIn.Ends(), w.records.deeds)
	}
	for _, replica := range []string{"1", "2"} {
		stolen := w.browser()
		a := stolen.send(http.MethodGet, "/charts", map[string]string{"Cookie": session.Cookie + "=" + credential, "X-Replica": replica})
		if a.code != http.StatusUnauthorized || !strings.Contains(a.body, session.ErrEnded.Error()) {
			t.Fatalf("replica %s: %d %s", replica, a.code, a.body)
		}
	}
}

// TestSignOutRefused does without each of the proofs that the portal asks.
func TestSignOutRefused(t *testing.T) {
	w := newWorld(t)
	b, other := w.signIn(), w.signIn()
	for name, change := range map[string]map[string]string{
		"no token":                  {session.CSRFHeader: ""},
		"token of another session":  {session.CSRFHeader: other.cookie(session.CSRFCookie)},
		"no origin":                 {"Origin": ""},
		"another origin":            {"Origin": "https://evil.example"},
		"opaque origin":             {"Origin": "null"},
		"another port":              {"Origin": "https://127.0.0.1:1"},
		"another site by its fetch": {"Sec-Fetch-Site": "cross-site"},
		"same site is not enough":   {"Sec-Fetch-Site": "same-site"},
	} {
		header := b.unsafe()
		for k, v := range change {
			header[k] = v
		}
		if a := b.send(http.MethodPost, "/auth/logout", header); a.code != http.StatusForbidden || a.json["reason"] != "CSRF_INVALID" {
			t.Errorf("%s: %d %s", name, a.code, a.body)
		}
	}
	if !b.passes() || !w.records.refused("SignOut", "CSRF_INVALID") {
		t.Fatal("ended, or not recorded")
	}
	// The cookie alone is planted by whoever can write cookies; it has to be this session's token.
	header := b.unsafe()
	header["Cookie"] = session.Cookie + "=" + b.cookie(session.Cookie) + "; " + session.CSRFCookie + "=" + other.cookie(session.CSRFCookie)
	header[session.CSRFHeader] = other.cookie(session.CSRFCookie)
	if a := w.browser().send(http.MethodPost, "/auth/logout", header); a.code != http.StatusForbidden {
		t.Fatalf("a planted pair of tokens: %d", a.code)
	}
}

func TestSignInGivesANewIDAndEndsTheOldSession(t *testing.T) {
	w := newWorld(t)
	b := w.signIn()
	old := b.cookie(session.Cookie)
	if a := b.get("/auth/login"); a.code != 200 || b.cookie(session.Cookie) == old {
		t.Fatalf("%d %s", a.code, a.body)
	}
	if a := w.browser().send(http.MethodGet, "/charts", map[string]string{"Cookie": session.Cookie + "=" + old}); a.code != http.StatusUnauthorized {
		t.Fatal("the old session lives on")
	}
	if !slices.Equal(w.records.causes(), []string{session.CauseReplaced}) || !b.passes() {
		t.Fatal(w.records.causes())
	}
}

func TestIdle(t *testing.T) {
	w := newWorld(t)
	b := w.signIn()
	for range 3 {
		w.step(idle - time.Second)
		if !b.passes() {
			t.Fatal("ended although the person was there")
		}
	}
	poll := map[string]string{session.BackgroundHeader: "1"}
	for range 14 {
		w.step(time.Minute)
		if a := b.send(http.MethodGet, "/charts", poll); a.code != 200 {
			t.Fatalf("a poll within the idle time: %d %s", a.code, a.body)
		}
	}
	w.step(time.Minute)
	if a := b.send(http.MethodGet, "/charts", poll); a.code != http.StatusUnauthorized || !strings.Contains(a.body, session.ErrIdle.Error()) {
		t.Fatalf("polls kept the session: %d %s", a.code, a.body)
	}
	b.refusedAs(session.ErrIdle)
	if !slices.Equal(w.records.causes(), []string{session.CauseIdle}) {
		t.Fatal(w.records.causes())
	}
}

// TestTokensAreGoneOnceIdle looks into Redis after a session that nobody came back to.
func TestTokensAreGoneOnceIdle(t *testing.T) {
	w := newWorld(t)
	b := w.signIn()
	w.step(idle + 2*time.Minute)
	for _, k := range w.redis.Keys() {
		if strings.HasSuffix(k, ":tokens") {
			t.Fatalf("still there: %s", k)
		}
	}
	b.refusedAs(session.ErrIdle)
	// The word is still there for who comes back the next morning, and nothing is after that.
	w.step(most)
	b.refusedAs(session.ErrIdle)
	w.step(24 * time.Hour)
	b.refusedAs(session.ErrUnknown)
	for _, k := range w.redis.Keys() {
		if strings.HasPrefix(k, "fleet:session") {
			t.Fatalf("left behind: %s", k)
		}
	}
}

func TestGreatestAge(t *testing.T) {
	w := newWorld(t)
	b := w.signIn()
	for range 71 {
		w.step(10 * time.Minute)
		if !b.passes() {
			t.Fatal("ended although the person was there")
		}
	}
	w.step(9 * time.Minute)
	if !b.passes() {
		t.Fatal("ended before its time")
	}
	// Redis ages as well: what it forgets could not be told.
	w.step(time.Minute)
	b.refusedAs(session.ErrExpired)
	w.step(8 * time.Hour)
	b.refusedAs(session.ErrExpired)
	if !slices.Equal(w.records.causes(), []string{session.CauseAge}) {
		t.Fatal(w.records.causes())
	}
}

// TestOneRefresh sends the requests of a page through both replicas when the token is about to end.
func TestOneRefresh(t *testing.T) {
	for name, after := range map[string]time.Duration{"before its end": 14*time.Minute + 30*time.Second, "after its end": 14 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.issuer.SignIn.Set(func(s *gatewaytest.SignIn) {
				s.Slow = 50 * time.Millisecond
				if name == "after its end" {
					s.Life = 10 * time.Minute
				}
			})
			b := w.signIn()
			w.step(after)
			var wg sync.WaitGroup
			for i := range 40 {
				wg.Go(func() {
					if a := b.send(http.MethodGet, "/charts", map[string]string{"X-Replica": []string{"1", "2"}[i%2]}); a.code != 200 {
						t.Errorf("%d %s", a.code, a.body)
					}
				})
			}
			wg.Wait()
			if n := w.issuer.SignIn.Refreshes(); n != 1 {
				t.Fatalf("%d refreshes", n)
			}
			if !b.passes() || len(w.records.causes()) != 0 {
				t.Fatal("ended", w.records.causes())
			}
		})
	}
}

// TestReuseEndsTheFamily is a session whose refresh token somebody else used.
func TestReuseEndsTheFamily(t *testing.T) {
	w := newWorld(t)
	b := w.signIn()
	w.issuer.SignIn.EndFamilies()
	if !b.passes() {
		t.Fatal("ended while the access token lives: nobody asked the issuer yet")
	}
	w.step(14*time.Minute + 30*time.Second)
	b.refusedAs(session.ErrEnded)
	if !slices.Equal(w.records.causes(), []string{session.CauseRefresh}) {
		t.Fatal(w.records.causes())
	}
}

// TestRefreshForAnother is an issuer that answers with the tokens of another person.
func TestRefreshForAnother(t *testing.T) {
	w := newWorld(t)
	b := w.signIn()
	w.issuer.SignIn.Set(func(s *gatewaytest.SignIn) { s.Access = map[string]any{"sub": "u-2"} })
	w.step(14*time.Minute + 30*time.Second)
	b.refusedAs(session.ErrEnded)
}

func TestIssuerAway(t *testing.T) {
	w := newWorld(t)
	w.issuer.SignIn.Set(func(s *gatewaytest.SignIn) { s.Life = 10 * time.Minute })
	b := w.signIn()
	w.issuer.SignIn.Set(func(s *gatewaytest.SignIn) { s.Away = true })
	w.step(9*time.Minute + 30*time.Second)
	if !b.passes() {
		t.Fatal("refused while the access token lives")
	}
	w.step(time.Minute)
	b.refusedAs(session.ErrIssuerAway)
	w.issuer.SignIn.Set(func(s *gatewaytest.SignIn) { s.Away = false })
	w.step(3 * time.Second)
	if !b.passes() || w.issuer.SignIn.Refreshes() != 1 {
		t.Fatal("not refreshed once the issuer was back")
	}
}

func TestStepUp(t *testing.T) {
	w := newWorld(t)
	b := w.signIn()
	before := b.get("/charts").json
	credential := b.cookie(session.Cookie)
	w.step(5 * time.Minute)
	a := b.get("/auth/step-up")
	if a.code != 200 || !strings.Contains(a.body, `data-type="step-up-done"`) || !strings.Contains(a.body, `src="/auth/window.js"`) || strings.Contains(a.body, "<script>") {
		t.Fatalf("%d %s", a.code, a.body)
	}
	if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'; script-src 'self'") {
		t.Fatal(csp)
	}
	after := b.get("/charts").json
	if b.cookie(session.Cookie) != credential || after["id"] != before["id"] || after["auth"] == before["auth"] {
		t.Fatalf("%v %v", before, after)
	}
	if w.records.did("StepUp") != 1 || w.records.did("SignIn") != 1 {
		t.Fatal(w.records.deeds)
	}
	if js := b.get("/auth/window.js"); js.header.Get("Content-Type") != "text/javascript; charset=utf-8" || !strings.Contains(js.body, `BroadcastChannel("fleet-auth")`) {
		t.Fatal(js.body)
	}
}

// TestStepUpRefused says so in the window, and ends the session when another person confirmed.
func TestStepUpRefused(t *testing.T) {
	w := newWorld(t)
	b := w.signIn()
	w.issuer.SignIn.Set(func(s *gatewaytest.SignIn) { s.ID = map[string]any{"acr": "1"} })
	if a := b.get("/auth/step-up"); !strings.Contains(a.body, `data-type="step-up-failed" data-reason="SECOND_FACTOR_REQUIRED"`) || !b.passes() {
		t.Fatalf("%d %s", a.code, a.body)
	}
	w.issuer.SignIn.Set(func(s *gatewaytest.SignIn) { s.ID, s.Access = nil, map[string]any{"sub": "u-2"} })
	if a := b.get("/auth/step-up"); !strings.Contains(a.body, `data-reason="OTHER_PERSON"`) {
		t.Fatalf("%d %s", a.code, a.body)
	}
	b.refusedAs(session.ErrEnded)
	if !slices.Equal(w.records.causes(), []string{session.CauseSubject}) || !w.records.refused("StepUp", "OTHER_PERSON") {
		t.Fatal(w.records.causes())
	}
	if a := w.browser().get("/auth/step-up"); !strings.Contains(a.body, `data-reason="SESSION_UNKNOWN"`) {
		t.Fatalf("without a session: %s", a.body)
	}
}

// TestStepUpDuringARefresh confirms while another request refreshes: neither loses the session.
func TestStepUpDuringARefresh(t *testing.T) {
	w := newWorld(t)
	b := w.signIn()
	w.step(14*time.Minute + 30*time.Second)
	w.issuer.SignIn.Set(func(s *gatewaytest.SignIn) { s.Slow = 20 * time.Millisecond })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if a := b.send(http.MethodGet, "/charts", map[string]string{"X-Replica": "2"}); a.code != 200 {
				t.Errorf("%d %s", a.code, a.body)
			}
		})
	}
	wg.Go(func() {
		if a := b.get("/auth/step-up"); !strings.Contains(a.body, "step-up-done") {
			t.Errorf("%d %s", a.code, a.body)
		}
	})
	wg.Wait()
	if !b.passes() {
		t.Fatal("the session is lost")
	}
}

// TestGuesses are cookies that no gateway made.
func TestGuesses(t *testing.T) {
	w := newWorld(t)
	b := w.signIn()
	good := b.cookie(session.Cookie)
	id, secret, _ := strings.Cut(good, ".")
	other, _, _ := strings.Cut(w.signIn().cookie(session.Cookie), ".")
	for name, value := range map[string]string{
		"empty": "", "no secret": id, "secret of another": other + "." + secret, "padded": good + "=", "cut": good[:len(good)-1],
		"wrong secret": id + "." + strings.Repeat("A", 43), "other alphabet": strings.ReplaceAll(good, "-", "+"),
	} {
		if value == good {
			continue
		}
		a := w.browser().send(http.MethodGet, "/charts", map[string]string{"Cookie": session.Cookie + "=" + value})
		if a.code != http.StatusUnauthorized || !strings.Contains(a.body, session.ErrUnknown.Error()) {
			t.Errorf("%s: %d %s", name, a.code, a.body)
		}
	}
	twice := session.Cookie + "=" + good + "; " + session.Cookie + "=" + good
	if a := w.browser().send(http.MethodGet, "/charts", map[string]string{"Cookie": twice}); a.code != http.StatusUnauthorized {
		t.Error("two cookies were taken for one")
	}
}

// TestNoTokenLeaves looks for tokens and secrets wherever something is kept or shown.
func TestNoTokenLeaves(t *testing.T) {
	w := newWorld(t)
	b := w.signIn()
	credential := b.cookie(session.Cookie)
	w.step(14*time.Minute + 30*time.Second)
	shown := b.get("/charts").body + b.get("/auth/step-up").body + b.send(http.MethodPost, "/auth/logout", b.unsafe()).body
	b2 := w.signIn()
	dump := w.redis.Dump()
	w.accesses.Flush()
	_, secret, _ := strings.Cut(credential, ".")
	for place, text := range map[string]string{"answers": shown, "Redis": dump, "log": w.log.String(), "access log": w.access.String()} {
		for what, mark := range map[string]string{
			"a token": "eyJhbGciOi", "a credential": secret, "another credential": b2.cookie(session.Cookie), "the client's secret": gatewaytest.ClientSecret,
		} {
			if strings.Contains(text, mark) {
				t.Errorf("%s hold %s", place, what)
			}
		}
	}
	if !strings.Contains(w.access.String(), `"endpoint":"/auth/callback"`) || strings.Contains(w.access.String(), "state=") {
		t.Errorf("%s", w.access.String())
	}
}
