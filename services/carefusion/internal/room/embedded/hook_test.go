package embedded_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fusionems/quantum/services/carefusion/internal/room"
)

// keep remembers a webhook as it came.
func (v *venue) keep(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the server was stopped while it told something
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !strings.Contains(string(body), "participant_joined") {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.last, v.body = r.Clone(r.Context()), body
}

func TestWebhooksAreBelievedWhenSignedAndOnce(t *testing.T) {
	t.Parallel()
	v := open(t)
	name := v.mustOpen(t)
	g := v.mustEnter(t, name)
	if e := v.next(t, room.Joined); e.Room != name || e.Identity != g.identity || e.Time.IsZero() {
		t.Errorf("joined: %+v", e)
	}
	send := func(change func(r *http.Request, body []byte) []byte) int {
		t.Helper()
		v.mu.Lock()
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header = v.last.Header.Clone()
		body := change(r, bytes.Clone(v.body))
		v.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		w := httptest.NewRecorder()
		v.room.Hook().ServeHTTP(w, r)
		return w.Code
	}
	for what, change := range map[string]func(r *http.Request, body []byte) []byte{
		"without a signature": func(r *http.Request, body []byte) []byte { r.Header.Del("Authorization"); return body },
		"with another body": func(_ *http.Request, body []byte) []byte {
			return bytes.ReplaceAll(body, []byte(g.identity), []byte(room.NewIdentity()))
		},
		"with another signature": func(r *http.Request, body []byte) []byte {
			token := r.Header.Get("Authorization")
			r.Header.Set("Authorization", token[:len(token)-8]+"AAAAAAAA")
			return body
		},
	} {
		if got := send(change); got != http.StatusUnauthorized {
			t.Errorf("%s: %d", what, got)
		}
	}
	if got := send(func(_ *http.Request, body []byte) []byte { return body }); got != http.StatusOK {
		t.Errorf("the same webhook again: %d", got)
	}
	if err := v.room.Close(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	// Whatever was repeated would come before these.
	for {
		e := <-v.events
		if e.Kind == room.Joined {
			t.Errorf("a webhook counted twice: %+v", e)
		}
		if e.Kind == room.Ended {
			break
		}
	}
}
