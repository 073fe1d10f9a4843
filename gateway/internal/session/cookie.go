package session

import (
	"net/http"
	"strings"
)

// Cookies of a session. The prefix keeps a subdomain and a page without TLS from setting them.
const (
	// Cookie holds the credential. It is Lax because the issuer, which sends the browser back here, is another site.
	Cookie = "__Host-fleet-session"
	// CSRFCookie holds the token that the portal repeats in the header CSRFHeader; scripts may read it.
	CSRFCookie = "__Host-fleet-csrf"
	// CSRFHeader carries the token.
	CSRFHeader = "X-CSRF-Token"
	// BackgroundHeader marks a request that no person made: a poll. It does not keep the session from becoming idle.
	BackgroundHeader = "X-Fleet-Background"
)

// SetCookies gives a browser its session. Both cookies go when the browser closes.
func SetCookies(w http.ResponseWriter, c Credential) {
	http.SetCookie(w, sessionCookie(c.String(), 0))
	http.SetCookie(w, csrfCookie(c.csrfToken(), 0))
}

// ClearCookies takes them away.
func ClearCookies(w http.ResponseWriter) {
	http.SetCookie(w, sessionCookie("", -1))
	http.SetCookie(w, csrfCookie("", -1))
}

func sessionCookie(value string, age int) *http.Cookie {
	return &http.Cookie{Name: Cookie, Value: value, Path: "/", MaxAge: age, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

func csrfCookie(value string, age int) *http.Cookie {
	return &http.Cookie{Name: CSRFCookie, Value: value, Path: "/", MaxAge: age, Secure: true, SameSite: http.SameSiteStrictMode}
}

// Present says whether a request has a session cookie, whatever its value.
func Present(r *http.Request) bool {
	for _, line := range r.Header["Cookie"] {
		if strings.Contains(line, Cookie+"=") {
			return true
		}
	}
	return false
}

// CredentialOf reads the cookie of a request. Two of them are none: nobody can say which is the browser's own.
func CredentialOf(r *http.Request) (Credential, bool) {
	found := r.CookiesNamed(Cookie)
	if len(found) != 1 {
		return Credential{}, false
	}
	return parseCredential(found[0].Value)
}
