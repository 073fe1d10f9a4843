package portal_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fusionems/quantum/gateway/portal"
)

func built(t *testing.T) *portal.Handler {
	t.Helper()
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	h, err := portal.New(fstest.MapFS{
		"index.html": file("<html>"), "index.html.gz": file("gz html"), "manifest.json": file("{}"), "theme.js": file("theme"),
		"assets/index-a1.js": file("script"), "assets/index-a1.js.br": file("br script"), "assets/index-a1.js.gz": file("gz script"),
		"assets/plex.woff2": file("font"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func ask(h *portal.Handler, method, path string, header map[string]string) (*httptest.ResponseRecorder, bool) {
	r := httptest.NewRequest(method, path, nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	if !h.Serves(r) {
		return nil, false
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w, true
}

var page = map[string]string{"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

func TestWhatIsThePortals(t *testing.T) {
	h := built(t)
	for path, want := range map[string]string{
		"/": "<html>", "/charts/1?state=open": "<html>", "/signed-out": "<html>", "/apiary": "<html>", "/index.html": "<html>",
		"/theme.js": "theme", "/assets/index-a1.js": "script",
	} {
		if w, ok := ask(h, "GET", path, page); !ok || w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s: %v %v", path, ok, w)
		}
	}
	for _, path := range []string{"/api", "/api/me", "/auth/x", "/auth", "/assets/gone-b2.js", "/docs/x", "/openapi.json", "/healthz", "/readyz"} {
		if _, ok := ask(h, "GET", path, page); ok {
			t.Errorf("%s is taken", path)
		}
	}
	if w, ok := ask(h, "GET", "/", map[string]string{"Accept": "*/*"}); !ok || w.Code != 200 {
		t.Errorf("a check whether the site is up: %v %v", ok, w)
	}
	if _, ok := ask(h, "POST", "/", page); ok {
		t.Error("a POST is taken")
	}
	if _, ok := ask(h, "GET", "/charts", map[string]string{"Accept": "application/json"}); ok {
		t.Error("a page for a caller that wants JSON")
	}
	if w, _ := ask(h, "GET", "/manifest.json", page); w.Body.String() != "<html>" {
		t.Error("the listing of the build is served")
	}
	if w, _ := ask(h, "HEAD", "/", page); w.Body.Len() != 0 || w.Header().Get("Content-Length") != "6" {
		t.Errorf("HEAD: %v", w)
	}
}

func TestCaching(t *testing.T) {
	h := built(t)
	for path, want := range map[string]string{
		"/": "no-store", "/assets/index-a1.js": "public, max-age=31536000, immutable", "/theme.js": "no-cache",
	} {
		if w, _ := ask(h, "GET", path, page); w.Header().Get("Cache-Control") != want {
			t.Errorf("%s: %s", path, w.Header().Get("Cache-Control"))
		}
	}
	w, _ := ask(h, "GET", "/theme.js", nil)
	etag := w.Header().Get("Etag")
	if w, _ := ask(h, "GET", "/theme.js", map[string]string{"If-None-Match": etag}); etag == "" || w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("%q: %v", etag, w)
	}
	if w, _ := ask(h, "GET", "/", nil); w != nil {
		t.Error("a page without Accept")
	}
}

func TestCompression(t *testing.T) {
	h := built(t)
	for accept, want := range map[string]struct{ body, encoding string }{
		"gzip, deflate, br, zstd": {"br script", "br"}, "gzip": {"gz script", "gzip"}, "": {"script", ""}, "br;q=0, gzip": {"gz script", "gzip"},
		"identity": {"script", ""}, "BR": {"br script", "br"}, "br;q=0.0": {"script", ""},
	} {
		w, _ := ask(h, "GET", "/assets/index-a1.js", map[string]string{"Accept-Encoding": accept})
		if w.Body.String() != want.body || w.Header().Get("Content-Encoding") != want.encoding || w.Header().Get("Vary") != "Accept-Encoding" ||
			w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("%q: %q %v", accept, w.Body.String(), w.Header())
		}
	}
	plain, _ := ask(h, "GET", "/assets/index-a1.js", nil)
	br, _ := ask(h, "GET", "/assets/index-a1.js", map[string]string{"Accept-Encoding": "br"})
	if plain.Header().Get("Etag") == br.Header().Get("Etag") {
		t.Error("two forms share a tag")
	}
	if w, _ := ask(h, "GET", "/assets/plex.woff2", map[string]string{"Accept-Encoding": "br"}); w.Header().Get("Content-Encoding") != "" || w.Header().Get("Content-Type") != "font/woff2" {
		t.Errorf("%v", w.Header())
	}
}

// TestPolicy reads the headers word for word: a directive that loosens one has to be written here as well.
func TestPolicy(t *testing.T) {
	w, _ := ask(built(t), "GET", "/", page)
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; " +
			"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer",
		"X-Content-Type-Options": "nosniff", "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if !strings.Contains(w.Header().Get("Permissions-Policy"), "geolocation=()") {
		t.Error(w.Header().Get("Permissions-Policy"))
	}
}

func TestNotBuilt(t *testing.T) {
	h, err := portal.New(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	w, ok := ask(h, "GET", "/charts", page)
	if !ok || w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "make portal") || w.Header().Get("Content-Security-Policy") == "" {
		t.Fatalf("%v %v", ok, w)
	}
}
