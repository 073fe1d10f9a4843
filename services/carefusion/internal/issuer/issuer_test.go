package issuer

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/authn"
)

const (
	secret   = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	redirect = "https://carefusion.test/callback"
	verifier = "a-verifier-that-is-long-enough-for-the-standard"
)

func start(t *testing.T, now *time.Time) (*Issuer, User) {
	t.Helper()
	u := User{Subject: uuid.New(), Username: "ann", Role: "patient", Salt: []byte("0123456789abcdef"), Iterations: 1, TOTP: secret}
	var err error
	if u.Hash, err = HashPassword("right", u.Salt, 1); err != nil {
		t.Fatal(err)
	}
	realm := Realm{Users: []User{u}, Clients: []Client{{ID: "page", RedirectURIs: []string{redirect}}, {ID: "cli", Direct: true}}}
	i, err := New("https://carefusion.test"+Path, "carefusion", realm, filepath.Join(t.TempDir(), "key.pem"), func() time.Time { return *now })
	if err != nil {
		t.Fatal(err)
	}
	return i, u
}

func post(i *Issuer, path string, form url.Values) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	i.Handler().ServeHTTP(w, r)
	return w
}

func code(t *testing.T, at time.Time) string {
	t.Helper()
	c, err := Code(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCodeOfRFC6238 uses the standard's own secret and times; six digits are the last six of its eight.
func TestCodeOfRFC6238(t *testing.T) {
	key := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		if got, err := Code(key, time.Unix(at, 0)); err != nil || got != want {
			t.Errorf("at %d: %s %v, want %s", at, got, err, want)
		}
	}
}

func ask() url.Values {
	return url.Values{"client_id": {"page"}, "redirect_uri": {redirect}, "response_type": {"code"}, "state": {"s"}, "nonce": {"n"},
		"code_challenge_method": {"S256"}, "code_challenge": {challengeOf(verifier)}}
}

func TestCodeFlow(t *testing.T) {
	now := time.Now()
	i, u := start(t, &now)
	login := func() string {
		t.Helper()
		now = now.Add(time.Minute)
		w := post(i, protocol+"/auth?"+ask().Encode(), url.Values{"username": {"ann"}, "password": {"right"}, "totp": {code(t, now)}})
		to, err := url.Parse(w.Header().Get("Location"))
		if w.Code != http.StatusSeeOther || err != nil || to.Query().Get("state") != "s" || !strings.HasPrefix(to.String(), redirect) {
			t.Fatalf("login: %d %s %v", w.Code, w.Header().Get("Location"), err)
		}
		return to.Query().Get("code")
	}
	form := func(c string) url.Values {
		return url.Values{"grant_type": {"authorization_code"}, "client_id": {"page"}, "redirect_uri": {redirect}, "code": {c}, "code_verifier": {verifier}}
	}
	c := login()
	w := post(i, protocol+"/token", form(c))
	var out struct {
		Access string `json:"access_token"`
		ID     string `json:"id_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	v := &authn.Verifier{Issuer: i.url, Audience: "carefusion", ACR: ACR, Keys: i.Key, Clock: func() time.Time { return now }}
	if p, err := v.Verify(context.Background(), out.Access); err != nil || p.Subject != u.Subject || p.RoleName() != "patient" {
		t.Errorf("%+v %v", p, err)
	}
	if _, err := v.Verify(context.Background(), out.ID); err == nil {
		t.Error("the ID token is believed as an access token")
	}
	if w := post(i, protocol+"/token", form(c)); w.Code != http.StatusUnauthorized {
		t.Errorf("the code works twice: %d", w.Code)
	}
	for name, change := range map[string]func(url.Values){
		"another verifier": func(f url.Values) { f.Set("code_verifier", "x") }, "another client": func(f url.Values) { f.Set("client_id", "cli") },
		"another address": func(f url.Values) { f.Set("redirect_uri", redirect+"/x") },
	} {
		f := form(login())
		change(f)
		if w := post(i, protocol+"/token", f); w.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	late := form(login())
	now = now.Add(codeLife + time.Second)
	if w := post(i, protocol+"/token", late); w.Code != http.StatusUnauthorized {
		t.Errorf("a late code: %d", w.Code)
	}
}

func TestNoRedirectToStrangers(t *testing.T) {
	now := time.Now()
	i, _ := start(t, &now)
	for key, value := range map[string]string{"redirect_uri": "https://evil.test/", "client_id": "nobody", "code_challenge_method": "plain", "response_type": "token"} {
		q := ask()
		q.Set(key, value)
		w := post(i, protocol+"/auth?"+q.Encode(), url.Values{"username": {"ann"}, "password": {"right"}, "totp": {code(t, now)}})
		if w.Code != http.StatusBadRequest || w.Header().Get("Location") != "" {
			t.Errorf("%s=%s: %d to %q", key, value, w.Code, w.Header().Get("Location"))
		}
	}
}

func direct(i *Issuer, name, password, totp string) int {
	return post(i, protocol+"/token", url.Values{"grant_type": {"password"}, "client_id": {"cli"}, "username": {name}, "password": {password}, "totp": {totp}}).Code
}

func TestACodeIsGoodOnce(t *testing.T) {
	now := time.Now()
	i, _ := start(t, &now)
	c := code(t, now)
	if got := direct(i, "ann", "right", c); got != http.StatusOK {
		t.Fatalf("first: %d", got)
	}
	if got := direct(i, "ann", "right", c); got != http.StatusUnauthorized {
		t.Errorf("again: %d", got)
	}
	if got := direct(i, "ann", "right", code(t, now.Add(-30*time.Second))); got != http.StatusUnauthorized {
		t.Errorf("an older one after a newer one: %d", got)
	}
}

func TestFailuresLock(t *testing.T) {
	now := time.Now()
	i, _ := start(t, &now)
	for range tries {
		if got := direct(i, "ann", "wrong", code(t, now)); got != http.StatusUnauthorized {
			t.Fatalf("wrong password: %d", got)
		}
	}
	if got := direct(i, "ann", "right", code(t, now)); got != http.StatusUnauthorized {
		t.Errorf("the right password while locked: %d", got)
	}
	now = now.Add(lockTime + time.Second)
	if got := direct(i, "ann", "right", code(t, now)); got != http.StatusOK {
		t.Errorf("after the lock: %d", got)
	}
	if got := direct(i, "nobody", "right", code(t, now)); got != http.StatusUnauthorized {
		t.Errorf("a name that nobody has: %d", got)
	}
}
