package signin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/keycloak/signin"
)

const (
	loginPage = `<h1>Sign in</h1><form method="post" action="/password?a=1&amp;b=2"><input name="username"><input name="password" type="password"><input type="hidden" name="kept" value="v"></form>`
	codePage  = `<h1>Code</h1><form method="post" action="/code"><input name="otp"></form>`
	wrongPage = `<h1>Sign in</h1><span id="input-error">Invalid username or password.</span><form method="post" action="/password"><input name="username"><input name="password"></form>`
)

// pages answer as Keycloak does: a form for each factor, then back to the client.
func pages(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	show := func(w http.ResponseWriter, page string) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, page)
	}
	mux.HandleFunc("GET /realms/r/protocol/openid-connect/auth", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("code_challenge") == "" {
			http.Redirect(w, r, "https://client.test/callback?error=invalid_request", http.StatusFound)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "s", Path: "/"})
		show(w, loginPage)
	})
	mux.HandleFunc("POST /password", func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie("session")
		if err != nil || cookie.Value != "s" || r.FormValue("password") != "right" || r.FormValue("kept") != "v" || r.URL.Query().Get("b") != "2" {
			show(w, wrongPage)
			return
		}
		show(w, codePage)
	})
	mux.HandleFunc("POST /code", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://client.test/callback?code=c-"+r.FormValue("otp"), http.StatusFound)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestABrowserGoesThroughThePages(t *testing.T) {
	s := pages(t)
	client := signin.Client{Issuer: s.URL + "/realms/r", ID: "c", RedirectURI: "https://client.test/callback", HTTP: s.Client()}
	person := &signin.Person{Username: "u", Password: "right", Secret: "s", Code: func(context.Context, string) (string, error) { return "123456", nil }}
	if code, err := client.Code(t.Context(), person, "verifier"); err != nil || code != "c-123456" {
		t.Errorf("code %q, %v", code, err)
	}
	if _, err := client.Code(t.Context(), person, "verifier", "code_challenge", ""); err == nil || !strings.Contains(err.Error(), "invalid_request") {
		t.Errorf("sent back with an error: %v", err)
	}
	person.Password = "wrong"
	var refusal *signin.Refusal
	if _, err := client.Code(t.Context(), person, "verifier"); !errors.As(err, &refusal) || refusal.Message != "Invalid username or password." {
		t.Errorf("a wrong password: %v", err)
	}
}

func TestCodesAreHandedOutOnce(t *testing.T) {
	var codes signin.Codes
	seen := map[string]bool{}
	for range 3 {
		code, err := codes.Next(t.Context(), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
		if err != nil || seen[code] {
			t.Fatalf("code %q again, or %v", code, err)
		}
		seen[code] = true
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// All steps of now are spent, but for one that a boundary in between frees.
	for range 2 {
		if _, err := codes.Next(ctx, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"); errors.Is(err, context.Canceled) {
			return
		}
	}
	t.Error("more codes than there are steps")
}
