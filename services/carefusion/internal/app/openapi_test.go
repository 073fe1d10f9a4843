package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestTheDocumentDescribesEveryPath compares what is served with the protos, so that types that are made of it are whole.
func TestTheDocumentDescribesEveryPath(t *testing.T) {
	w := newWorld(t, 0)
	a := w.send("", http.MethodGet, "openapi.json", nil)
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(a.text), &doc); err != nil || a.status != http.StatusOK || !strings.HasPrefix(doc.OpenAPI, "3.") {
		t.Fatalf("%d %v %q", a.status, err, doc.OpenAPI)
	}
	paths := map[string]bool{}
	for _, r := range rpcs(t) {
		path := "/api/telehealth/v1/" + placeholder.ReplaceAllStringFunc(r.path, func(p string) string {
			words := strings.Split(strings.Trim(p, "{}"), "_")
			for i := range words[1:] {
				words[i+1] = strings.ToUpper(words[i+1][:1]) + words[i+1][1:]
			}
			return "{" + strings.Join(words, "") + "}"
		})
		if _, ok := doc.Paths[path][strings.ToLower(r.method)]; !ok {
			t.Errorf("%s %s is not described", r.method, path)
		}
		paths[path] = true
	}
	for path := range doc.Paths {
		if !paths[path] && !strings.HasSuffix(path, ":watch") {
			t.Errorf("%s is described and is not there", path)
		}
	}
	if !strings.Contains(a.text, `"iceServers"`) || len(doc.Paths) < len(paths)+2 {
		t.Errorf("%d paths", len(doc.Paths))
	}
}
