package pages

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
)

//go:embed assets/*
var files embed.FS

// AssetPath is where the pages' own files are, below the path of the realm.
const AssetPath = "/resources/"

// assets are files whose address changes with their content, so that a browser may keep them for good.
type assets struct {
	content map[string][]byte // by the last part of the address
	names   map[string]string // the address of a file
}

func readAssets() (*assets, error) {
	a := &assets{content: map[string][]byte{}, names: map[string]string{}}
	entries, err := files.ReadDir("assets")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		content, err := files.ReadFile("assets/" + e.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		name, extension, _ := strings.Cut(e.Name(), ".")
		address := name + "-" + hex.EncodeToString(sum[:6]) + "." + extension
		a.content[address], a.names[e.Name()] = content, address
	}
	return a, nil
}

// path is the address of a file below the path of the realm.
func (a *assets) path(base, file string) string { return base + AssetPath + a.names[file] }

var contentTypes = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

// Assets serves the pages' own files.
func (s *Set) Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, AssetPath)
		content, ok := s.assets.content[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", contentTypes[path.Ext(name)])
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		// A browser that has gone away is nobody's error.
		_, _ = w.Write(content)
	})
}
