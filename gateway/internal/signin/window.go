package signin

import (
	_ "embed"
	"html/template"
	"net/http"
)

// scriptPath is the script of the window in which a second factor was confirmed.
const scriptPath = "/auth/window.js"

//go:embed window.js
var script []byte

//go:embed window.html
var windowHTML string

func serveScript(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, _ = w.Write(script)
}

// writeWindow serves the page that tells the portal how it went, and closes.
func writeWindow(w http.ResponseWriter, kind, reason string) {
	page, err := template.New("window").Parse(windowHTML)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	_ = page.Execute(w, struct{ Kind, Reason, Script string }{kind, reason, scriptPath})
}

func answerHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}
