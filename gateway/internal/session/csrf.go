package session

import "net/http"

// SameOrigin says whether a request was made by a page of the portal.
func (m *Manager) SameOrigin(r *http.Request) bool { return sameOrigin(r, m.cfg.Origin) }

// sameOrigin says whether a request was made by a page of the portal itself. A browser tells the origin with every unsafe request;
// a request without it is not one of the portal.
func sameOrigin(r *http.Request, origin string) bool {
	origins := r.Header["Origin"]
	if len(origins) != 1 || origins[0] != origin {
		return false
	}
	for _, site := range r.Header["Sec-Fetch-Site"] {
		if site != "same-origin" {
			return false
		}
	}
	return true
}

// safe methods change nothing (RFC 9110, section 9.2.1).
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// csrfProven is the double submit: cookie and header hold the same token, and it is this session's.
func csrfProven(r *http.Request, c Credential) bool {
	cookies, headers := r.CookiesNamed(CSRFCookie), r.Header[canonicalCSRF]
	return len(cookies) == 1 && len(headers) == 1 && c.provesCSRF(headers[0]) && c.provesCSRF(cookies[0].Value)
}

// canonicalCSRF is CSRFHeader as net/http keys it.
const canonicalCSRF = "X-Csrf-Token"
