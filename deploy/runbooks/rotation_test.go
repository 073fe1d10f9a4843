//go:build rehearsal

package runbooks

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fusionems/quantum/deploy/local/demo"
)

// behindGateway are the processes that learn from a file who signs principals.
var behindGateway = []string{"audit", "agency", "clinical", "qa", "billing", "reporting", "compliance"}

// TestRotation follows rotate.md for the keys that processes read from files, and holds it to what it says happens meanwhile.
func TestRotation(t *testing.T) {
	s := newShell(t)
	dir := folder(t)
	f := startFleet(t, filepath.Join(dir, "fleet"), "")
	r := &rotation{fleet: f, supervisor: f.person(0, "clinical_supervisor")}
	old := f.post(unseen(t)[:1], http.StatusCreated)[0]

	r.keyEncryptionKey(old)
	r.pageTokens()

	s.env = map[string]string{"KEYS": dir}
	s.run("rotate.md", "rotate")
	r.principals(dir)
	again := f.post(unseen(t)[1:3], http.StatusCreated)
	eventually(t, "charts are worked off", func() bool { return f.done(append(again, old), everybody...) })
}

type rotation struct {
	*fleet
	supervisor string
}

// person signs somebody in who has a role at an agency.
func (f *fleet) person(agency int, role string) string {
	f.t.Helper()
	i := slices.IndexFunc(f.accounts.Users, func(u demo.User) bool { return u.Agency == agency && slices.Contains(u.Roles, role) })
	if i < 0 {
		f.t.Fatalf("nobody is %s at agency %d", role, agency)
	}
	u := f.accounts.Users[i]
	token, err := f.edge.PersonToken(f.t.Context(), u.Name, f.accounts.Password, u.TOTPSecret)
	if err != nil {
		f.t.Fatal(err)
	}
	return token.AccessToken
}

func (r *rotation) secret(name string) string { return filepath.Join(r.Dir(), "secrets", name) }

func (r *rotation) read(name string) string {
	r.t.Helper()
	raw, err := os.ReadFile(r.secret(name))
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.TrimSpace(string(raw))
}

func (r *rotation) write(name, value string) {
	r.t.Helper()
	if err := os.WriteFile(r.secret(name), []byte(value+"\n"), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// restart ends processes one after the other, and waits until each is back with what its files hold now.
func (r *rotation) restart(names ...string) {
	r.t.Helper()
	for _, name := range names {
		before := pidOf(r.t, r.fleet, name)
		if err := r.Kill(name); err != nil {
			r.t.Fatal(err)
		}
		eventually(r.t, name+" is another process", func() bool {
			for _, p := range r.Processes() {
				if p.Name == name && p.PID > 0 && p.PID != before {
					return true
				}
			}
			return false
		})
		ctx, cancel := context.WithTimeout(r.t.Context(), 2*time.Minute)
		err := r.WaitReady(ctx)
		cancel()
		if err != nil {
			r.t.Fatalf("after a restart of %s: %v", name, err)
		}
	}
}

// settles says whether a request comes to the status: connections that a restart broke are made anew by the next call.
func (r *rotation) settles(what, path string, status int) {
	r.t.Helper()
	eventually(r.t, what, func() bool {
		code, _ := r.send(http.MethodGet, path, r.supervisor, nil)
		return code == status
	})
}

func random() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.StdEncoding.EncodeToString(b[:])
}

// keyEncryptionKey puts a new line above the old one. Without the old one nothing from before opens: that is why it stays.
func (r *rotation) keyEncryptionKey(old chart) {
	r.t.Helper()
	path := "/api/clinical/charts/" + old.id + "/nemsis"
	before, next := r.read("clinical-kek"), random()
	r.settles("a chart opens", path, http.StatusOK)

	r.write("clinical-kek", next+"\n"+before)
	r.restart("clinical")
	r.settles("a chart from before opens with both lines", path, http.StatusOK)

	r.write("clinical-kek", next)
	r.restart("clinical")
	r.settles("a chart from before does not open with the new line alone", path, http.StatusInternalServerError)

	r.write("clinical-kek", next+"\n"+before)
	r.restart("clinical")
	r.settles("undone, it opens", path, http.StatusOK)
}

// pageTokens gives lists another key: who is in the middle of one begins again.
func (r *rotation) pageTokens() {
	r.t.Helper()
	const list = "/api/clinical/charts?pageSize=1"
	code, body := r.send(http.MethodGet, list, r.supervisor, nil)
	var page struct{ NextPageToken string }
	if err := json.Unmarshal(body, &page); err != nil || code != http.StatusOK || page.NextPageToken == "" {
		r.t.Fatalf("%d %v %s", code, err, body)
	}
	r.settles("the next page", list+"&pageToken="+page.NextPageToken, http.StatusOK)
	r.write("page-token-clinical", random())
	r.restart("clinical")
	r.settles("a page from before is refused", list+"&pageToken="+page.NextPageToken, http.StatusBadRequest)
	r.settles("a list from its start", list, http.StatusOK)
}

// principals moves the gateway to the key that the page's commands made, in the page's order; charts are accepted at every step.
func (r *rotation) principals(dir string) {
	r.t.Helper()
	made := func(name string) string {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			r.t.Fatal(err)
		}
		return strings.TrimSpace(string(raw))
	}
	var known struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal([]byte(r.read("principal-keys")), &known); err != nil || len(known.Keys) != 1 {
		r.t.Fatalf("%v: %d keys", err, len(known.Keys))
	}
	publish := func(keys ...json.RawMessage) {
		known.Keys = keys
		raw, err := json.Marshal(known)
		if err != nil {
			r.t.Fatal(err)
		}
		r.write("principal-keys", string(raw))
		r.restart(behindGateway...)
		r.settles("a call after the keys were published", "/api/clinical/charts?pageSize=1", http.StatusOK)
	}
	before, next := known.Keys[0], json.RawMessage(made("public.jwk"))
	publish(before, next)
	r.write("principal-signing-key", made("principal.pem"))
	r.restart("gateway")
	r.settles("a call by the new key", "/api/clinical/charts?pageSize=1", http.StatusOK)
	publish(next)
}
