//go:build e2e && keycloak

package e2e

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fusionems/quantum/deploy/keycloak"
)

// Tokens of the browser's run live a little longer than the minute before their end in which the gateway replaces them.
const shortLife = 65

// The people of keycloak.spec.ts.
const (
	signsOut = "highplains-medic2"
	stays    = "lakeshore-medic2"
)

func TestKeycloakSignsPeopleInWithABrowser(t *testing.T) {
	chromium := os.Getenv("CHROMIUM")
	if chromium == "" {
		chromium = "/usr/bin/chromium"
	}
	if _, err := os.Stat(chromium); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("there is no Chromium: %v", err)
	}
	life(t, shortLife)
	cmd := exec.CommandContext(t.Context(), "node", "run.mjs", "--config=keycloak.config.ts")
	cmd.Dir = "browser"
	cmd.Env = append(os.Environ(), "FLEET_DIR="+fleet.Dir(), "ISSUER_CERTIFICATE="+filepath.Join(kc.pki, "keycloak.crt"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := sessions(t, kc.people.Admin, signsOut); n != 0 {
		t.Errorf("%d sessions are left at Keycloak of who signed out", n)
	}
	if n := sessions(t, kc.people.Admin, stays); n != 1 {
		t.Errorf("%d sessions at Keycloak of who stayed, want 1", n)
	}
	var events []struct {
		Type string `json:"type"`
	}
	query := url.Values{"type": {"REFRESH_TOKEN"}, "user": {subject(t, kc.people.Admin, stays)}}
	if err := kc.people.Admin.Find(t.Context(), &events, "events", query); err != nil || len(events) == 0 {
		t.Errorf("%d refreshes of who stayed, %v", len(events), err)
	}
}

// life sets how many seconds access tokens live, and has refreshes recorded, for the test.
func life(t *testing.T, seconds int) {
	t.Helper()
	want, err := keycloak.Read(realmFiles[realmName], kc.values)
	if err != nil {
		t.Fatal(err)
	}
	usual := want["accessTokenLifespan"]
	set := func(life any, events ...any) {
		want["accessTokenLifespan"], want["enabledEventTypes"] = life, events
		if err := kc.people.Admin.Apply(context.WithoutCancel(t.Context()), want); err != nil {
			t.Fatal(err)
		}
	}
	set(float64(seconds), "REFRESH_TOKEN")
	// No types means Keycloak's own choice, which leaves refreshes out.
	t.Cleanup(func() { set(usual) })
}

func subject(t *testing.T, admin *keycloak.Admin, username string) string {
	t.Helper()
	var found []struct {
		ID string `json:"id"`
	}
	err := admin.Find(t.Context(), &found, "users", url.Values{"username": {username}, "exact": {"true"}})
	if err != nil || len(found) != 1 {
		t.Fatalf("%d users %s, %v", len(found), username, err)
	}
	return found[0].ID
}

func sessions(t *testing.T, admin *keycloak.Admin, username string) int {
	t.Helper()
	var list []struct {
		ID string `json:"id"`
	}
	if err := admin.Get(t.Context(), &list, "users", subject(t, admin, username), "sessions"); err != nil {
		t.Fatal(err)
	}
	return len(list)
}
