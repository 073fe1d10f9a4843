package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// file is one file of the page, in the two forms in which it is sent.
type file struct {
	mediaType, etag string
	plain, gzip     []byte
	// hashed files have the hash of their content in their name: they never change.
	hashed bool
}

// site is the page in memory: it is about a megabyte.
type site struct {
	files map[string]*file
	index *file
}

func load(from fs.FS) (*site, error) {
	s := &site{files: map[string]*file{}}
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		// A page that was not built has no root.
		if name == "." && errors.Is(err, fs.ErrNotExist) {
			return fs.SkipAll
		}
		if err != nil || d.IsDir() {
			return err
		}
		f, err := read(from, name)
		if err == nil {
			s.files["/"+name] = f
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	s.index = s.files["/index.html"]
	delete(s.files, "/index.html")
	return s, nil
}

// mediaTypes does not ask the machine's own table for what a browser refuses under another type.
func mediaTypes() map[string]string {
	return map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8",
		".svg": "image/svg+xml", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8"}
}

func read(from fs.FS, name string) (*file, error) {
	plain, err := fs.ReadFile(from, name)
	if err != nil {
		return nil, err
	}
	kind, known := mediaTypes()[path.Ext(name)]
	if !known {
		return nil, fmt.Errorf("%s: its media type is not known", name)
	}
	sum := sha256.Sum256(plain)
	f := &file{mediaType: kind, etag: base64.RawURLEncoding.EncodeToString(sum[:12]), plain: plain, hashed: strings.HasPrefix(name, "assets/")}
	var small bytes.Buffer
	w, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	// Fonts are compressed already.
	if small.Len() < len(plain)*9/10 {
		f.gzip = small.Bytes()
	}
	return f, nil
}

// ServeHTTP answers a file, or the page itself at every other address that a person may open.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "The page is only read.", http.StatusMethodNotAllowed)
		return
	}
	f := s.files[r.URL.Path]
	if f == nil && !strings.HasPrefix(r.URL.Path, "/assets/") && strings.Contains(r.Header.Get("Accept"), "text/html") {
		f = s.index
		if f == nil {
			http.Error(w, "The page was not built into this program.", http.StatusNotFound)
			return
		}
	}
	if f == nil {
		http.Error(w, "There is no such file.", http.StatusNotFound)
		return
	}
	f.send(w, r)
}

func (f *file) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	if f.hashed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Type", f.mediaType)
	h.Set("Vary", "Accept-Encoding")
	body, tag := f.plain, `"`+f.etag+`"`
	if f.gzip != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		// Two forms are different bytes, so each has a tag of its own.
		body, tag = f.gzip, `"`+f.etag+`-gzip"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body)
}
