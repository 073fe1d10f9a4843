package portal

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Handler serves the files of the portal, and its page for every other address that a person may open.
type Handler struct {
	files map[string]*file
	index *file
}

// file is one file in the forms in which it can be sent.
type file struct {
	mediaType string
	etag      string
	immutable bool
	plain     []byte
	brotli    []byte
	gzip      []byte
}

const (
	indexFile = "index.html"
	// hashed files have their content's hash in their name: they never change.
	hashed = "assets/"
	// listing is for tools that look into a build.
	listing = "manifest.json"
)

// New reads a built site into memory: it is some hundred kilobytes.
func New(site fs.FS) (*Handler, error) {
	h := &Handler{files: map[string]*file{}}
	err := fs.WalkDir(site, ".", func(name string, d fs.DirEntry, err error) error {
		// A site that was not built has no root.
		if err != nil || d.IsDir() || strings.HasPrefix(name, listing) || path.Ext(name) == ".br" || path.Ext(name) == ".gz" {
			return nil
		}
		f, err := load(site, name)
		if err != nil {
			return err
		}
		h.files["/"+name] = f
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("portal: %w", err)
	}
	h.index = h.files["/"+indexFile]
	delete(h.files, "/"+indexFile)
	return h, nil
}

func load(site fs.FS, name string) (*file, error) {
	plain, err := fs.ReadFile(site, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(plain)
	f := &file{
		mediaType: mediaType(name), etag: base64.RawURLEncoding.EncodeToString(sum[:12]), immutable: strings.HasPrefix(name, hashed), plain: plain,
	}
	// What was not worth compressing has no such file.
	f.brotli, _ = fs.ReadFile(site, name+".br")
	f.gzip, _ = fs.ReadFile(site, name+".gz")
	return f, nil
}

// mediaType does not ask the machine's own table for what a browser refuses to run under another type.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".json", ".webmanifest":
		return "application/json"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// reserved are the addresses below which nothing is the portal's: a typing error there is a 404 and not a page.
var reserved = []string{"/api", "/auth", "/assets", "/docs", "/healthz", "/readyz", "/openapi.json"}

// Serves says whether the request is for the portal: one of its files, or a page that a person opens.
func (h *Handler) Serves(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	if h.files[r.URL.Path] != nil {
		return true
	}
	for _, p := range reserved {
		if r.URL.Path == p || strings.HasPrefix(r.URL.Path, p+"/") {
			return false
		}
	}
	// What asks for the site itself without saying for what, such as a check whether it is up, means the page.
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "text/html") || r.URL.Path == "/" && strings.Contains(accept, "*/*")
}

// ServeHTTP implements http.Handler for requests that Serves names.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	securityHeaders(w.Header())
	switch f := h.files[r.URL.Path]; {
	case f != nil:
		f.serve(w, r)
	case h.index == nil:
		notBuilt(w)
	default:
		w.Header().Set("Cache-Control", "no-store")
		h.index.send(w, r)
	}
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-cache")
	if f.immutable {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, encoding := f.pick(r)
	// The forms of a file are different bytes, so each has a tag of its own (RFC 9110, section 8.8.3).
	etag := `"` + f.etag + encoding + `"`
	header.Set("Etag", etag)
	if r.Header.Get("If-None-Match") == etag {
		header.Set("Vary", "Accept-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	f.write(w, r, body, encoding)
}

func (f *file) send(w http.ResponseWriter, r *http.Request) {
	body, encoding := f.pick(r)
	f.write(w, r, body, encoding)
}

func (f *file) write(w http.ResponseWriter, r *http.Request, body []byte, encoding string) {
	header := w.Header()
	header.Set("Content-Type", f.mediaType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("Vary", "Accept-Encoding")
	if encoding != "" {
		header.Set("Content-Encoding", encoding)
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// pick chooses the smallest form that the client takes.
func (f *file) pick(r *http.Request) (body []byte, encoding string) {
	accepted := r.Header.Values("Accept-Encoding")
	switch {
	case f.brotli != nil && accepts(accepted, "br"):
		return f.brotli, "br"
	case f.gzip != nil && accepts(accepted, "gzip"):
		return f.gzip, "gzip"
	}
	return f.plain, ""
}

// accepts says whether a coding is named and not ruled out by a weight of zero.
func accepts(values []string, coding string) bool {
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			q, ok := strings.CutPrefix(strings.TrimSpace(weight), "q=")
			return !ok || strings.Trim(q, "0.") != ""
		}
	}
	return false
}

func notBuilt(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte("The portal is not built into this gateway. Run: make portal\n"))
}
