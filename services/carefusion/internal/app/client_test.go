package app_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
)

type answer struct {
	status int
	body   map[string]any
	text   string
}

func (a answer) str(key string) string { s, _ := a.body[key].(string); return s }
func (a answer) list(key string) []any { l, _ := a.body[key].([]any); return l }

// send makes a request with any token; path is below the API.
func (w *world) send(token, method, path string, body any) answer {
	w.t.Helper()
	var r io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, w.base+"/api/telehealth/v1/"+path, r)
	if err != nil {
		w.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := w.client.Do(req)
	if err != nil {
		w.t.Errorf("%s %s: %v", method, path, err)
		return answer{}
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Error(err)
	}
	a := answer{status: res.StatusCode, text: string(text)}
	if err := json.Unmarshal(text, &a.body); err != nil {
		w.t.Errorf("%s %s: not JSON: %s", method, path, text)
	}
	return a
}

type obj = map[string]any

// post and get act as somebody and expect success.
func (w *world) post(who, path string, body obj) answer {
	w.t.Helper()
	if body == nil {
		body = obj{}
	}
	a := w.send(w.token(who), http.MethodPost, path, body)
	if a.status != http.StatusOK {
		w.t.Fatalf("%s: POST %s: %d %s", who, path, a.status, a.text)
	}
	return a
}

func (w *world) get(who, path string) answer {
	w.t.Helper()
	a := w.send(w.token(who), http.MethodGet, path, nil)
	if a.status != http.StatusOK {
		w.t.Fatalf("%s: GET %s: %d %s", who, path, a.status, a.text)
	}
	return a
}

// refused expects a status and a reason.
func (w *world) refused(who, path string, body obj, status int, reason string) {
	w.t.Helper()
	if body == nil {
		body = obj{}
	}
	a := w.send(w.token(who), http.MethodPost, path, body)
	if a.status != status || a.str("reason") != reason {
		w.t.Errorf("%s: POST %s: %d %s, want %d %s", who, path, a.status, a.text, status, reason)
	}
}
