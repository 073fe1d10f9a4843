package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/fusionems/quantum/gateway/internal/session"
)

// flowCookie binds a sign-in under way to the browser that began it. All tabs of a browser share it.
const (
	flowCookie    = "__Host-fleet-signin"
	flowCookieAge = 10 * 60
)

func random() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func digestOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// begin keeps a new flow and answers where the browser goes.
func (h *Handler) begin(ctx context.Context, w http.ResponseWriter, r *http.Request, returnTo string, stepUp session.Ref) (string, error) {
	binding := bindingOf(r)
	if binding == "" {
		binding = random()
	}
	f := session.Flow{
		Binding: digestOf(binding), Nonce: random(), Verifier: oauth2.GenerateVerifier(), Return: returnTo, StepUp: stepUp, Began: h.Now(),
	}
	state := random()
	to, err := h.Provider.authorizeURL(state, f)
	if err != nil {
		return "", err
	}
	if err := h.Sessions.Begin(ctx, state, f); err != nil {
		return "", err
	}
	http.SetCookie(w, &http.Cookie{
		Name: flowCookie, Value: binding, Path: "/", MaxAge: flowCookieAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return to, nil
}

func bindingOf(r *http.Request) string {
	if found := r.CookiesNamed(flowCookie); len(found) == 1 && len(found[0].Value) == base64.RawURLEncoding.EncodedLen(32) {
		return found[0].Value
	}
	return ""
}

// take finds the flow that an answer of the issuer belongs to: known, used for the first time, and begun by this browser.
func (h *Handler) take(ctx context.Context, r *http.Request, state string) (session.Flow, bool, error) {
	binding := bindingOf(r)
	if state == "" || binding == "" {
		return session.Flow{}, false, nil
	}
	f, ok, err := h.Sessions.Take(ctx, state)
	if err != nil || !ok || subtle.ConstantTimeCompare([]byte(f.Binding), []byte(digestOf(binding))) != 1 {
		return session.Flow{}, false, err
	}
	return f, true, nil
}

const maxReturn = 2048

// returnPath is where to go after a sign-in: a path of the portal, and never another place.
func returnPath(raw string) string {
	u, err := url.Parse(raw)
	ok := err == nil && len(raw) <= maxReturn && u.Scheme == "" && u.Host == "" && u.User == nil && u.Opaque == "" &&
		strings.HasPrefix(raw, "/") && !strings.HasPrefix(raw, "//") && !strings.ContainsAny(raw, "\\\r\n\t")
	if !ok || strings.HasPrefix(u.Path, "//") || strings.HasPrefix(u.Path, "/auth/") || strings.HasPrefix(u.Path, "/api/") || u.Path == signedOutPath {
		return "/"
	}
	return raw
}
