//go:build e2e && keycloak

package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/fusionems/quantum/deploy/keycloak"
	"github.com/fusionems/quantum/deploy/keycloak/signin"
	"github.com/fusionems/quantum/deploy/local"
	"github.com/fusionems/quantum/pkg/testkit/pg"
)

// telehealth is CareFusion's own binary, which knows Keycloak as its issuer and nothing of the fleet.
type telehealth struct{ url string }

const careFusionBinary = "../../services/carefusion/.run/bin/carefusion"

func startCareFusion(t *testing.T) telehealth {
	t.Helper()
	ports, err := local.FreePorts("admin")
	if err != nil {
		t.Fatal(err)
	}
	database, dir := pg.NewDatabase(t), t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var key [32]byte
	rand.Read(key[:])
	public := kc.values["CAREFUSION_PUBLIC_URL"]
	api, admin := strings.TrimPrefix(public, "https://"), fmt.Sprintf("127.0.0.1:%d", ports["admin"])
	ca := filepath.Join(kc.pki, "ca.crt")
	env := []string{
		"CAREFUSION_PUBLIC_URL=" + public, "CAREFUSION_LISTEN_ADDR=" + api, "CAREFUSION_ADMIN_ADDR=" + admin,
		"CAREFUSION_TLS_CERT_FILE=" + filepath.Join(kc.pki, "keycloak.crt"), "CAREFUSION_TLS_KEY_FILE=" + filepath.Join(kc.pki, "keycloak.key"),
		"CAREFUSION_DATABASE_URL_FILE=" + file("login", database.As(t, "carefusion_login", "")),
		"CAREFUSION_MIGRATOR_DATABASE_URL_FILE=" + file("migrator", database.As(t, "carefusion_migrator", "")),
		"CAREFUSION_DATA_KEY_FILE=" + file("key", base64.StdEncoding.EncodeToString(key[:])),
		"CAREFUSION_ISSUER=" + kc.server.Issuer(careFusion), "CAREFUSION_ISSUER_CA_FILE=" + ca,
	}
	roles, err := exec.Command(careFusionBinary, "roles").Output()
	if err != nil {
		t.Fatalf("carefusion roles: %v", err)
	}
	if _, err := database.Superuser(t).Exec(t.Context(), string(roles)); err != nil {
		t.Fatal(err)
	}
	migrate := exec.Command(careFusionBinary, "migrate")
	migrate.Env = env
	if out, err := migrate.CombinedOutput(); err != nil {
		t.Fatalf("carefusion migrate: %v\n%s", err, out)
	}
	serve(t, env)
	eventually(t, "CareFusion is ready", func() bool {
		resp, err := http.Get("http://" + admin + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return telehealth{public}
}

func serve(t *testing.T, env []string) {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), careFusionBinary, "serve")
	cmd.Env, cmd.Stdout, cmd.Stderr = env, &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("carefusion: %s", log.String())
		}
	})
}

func (h telehealth) ask(t *testing.T, method, path, token string) (int, string) {
	t.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader("{}")
	}
	req, err := http.NewRequestWithContext(t.Context(), method, h.url+"/api/telehealth/v1/"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", "application/json")
	return exchange(t, req)
}

// exchange sends a request with the authorities that the test's servers have.
func exchange(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	resp, err := kc.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

// pageClient is the application of CareFusion's page.
func pageClient() signin.Client {
	return signin.Client{
		Issuer: kc.server.Issuer(careFusion), ID: "carefusion-page", RedirectURI: kc.values["CAREFUSION_PUBLIC_URL"] + "/auth/callback",
		HTTP: kc.server.Client(),
	}
}

// Both realms are in one Keycloak here, so that their keys and their issuer's names are all that tells them apart.
func TestKeycloakRealmOfCareFusion(t *testing.T) {
	h := startCareFusion(t)
	admin := kc.admin(careFusion)
	tokens := map[string]string{}
	for _, role := range []string{"patient", "provider", "admin", "billing"} {
		name := "test-" + role
		person := keycloak.Person{Username: name, Password: testPassword, Roles: []string{role}}
		if _, err := admin.PutPerson(t.Context(), person); err != nil {
			t.Fatal(err)
		}
		// Who has no authenticator enrols one on the way.
		got, err := pageClient().SignIn(t.Context(), &signin.Person{Username: name, Password: testPassword, Code: kc.people.Codes.Next})
		if err != nil {
			t.Fatalf("%s: %v", role, err)
		}
		c := claims(t, got.Access)
		if c["acr"] != "2" || c["aud"] != careFusion || !aQuarter(c) || c["agency_id"] != nil {
			t.Errorf("%s: acr %v, aud %v, iat %v, exp %v, agency %v", role, c["acr"], c["aud"], c["iat"], c["exp"], c["agency_id"])
		}
		tokens[role] = got.Access
	}
	h.checkRoles(t, tokens)
	h.checkPage(t)

	stranger := as(t, "qa_reviewer", agencies(t)[0])
	if status, body := h.ask(t, http.MethodGet, "providers", stranger.token); status != http.StatusUnauthorized {
		t.Errorf("a token of the fleet's realm at CareFusion: %d %s", status, body)
	}
	for _, token := range tokens {
		visitor := caller{token: token}
		visitor.get(t, "/api/me").refused(t, http.StatusUnauthorized)
		visitor.get(t, "/api/qa/cases").refused(t, http.StatusUnauthorized)
	}
}

// checkRoles asks what only some roles may ask: the answer is 403 to others, and not 401 to anybody of the realm.
func (h telehealth) checkRoles(t *testing.T, tokens map[string]string) {
	t.Helper()
	for _, c := range []struct {
		method, path string
		allowed      string
	}{
		{http.MethodPost, "patients", "patient"},
		{http.MethodPost, "providers", "provider"},
		{http.MethodPost, "providers/00000000-0000-4000-8000-000000000000:approve", "admin"},
	} {
		if status, _ := h.ask(t, c.method, c.path, ""); status != http.StatusUnauthorized {
			t.Errorf("%s without a token: %d", c.path, status)
		}
		for role, token := range tokens {
			status, body := h.ask(t, c.method, c.path, token)
			if denied := status == http.StatusForbidden; denied != (role != c.allowed) || status == http.StatusUnauthorized || status >= 500 {
				t.Errorf("%s as %s: %d %s", c.path, role, status, body)
			}
		}
	}
}

// checkPage signs a patient in by CareFusion's own page, which keeps the tokens from the browser, and out again.
func (h telehealth) checkPage(t *testing.T) {
	t.Helper()
	const name = "test-visitor"
	if _, err := kc.admin(careFusion).PutPerson(t.Context(), keycloak.Person{Username: name, Password: testPassword, Roles: []string{"patient"}}); err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Transport: kc.server.Client().Transport, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	visit := func(method, address string) (*http.Response, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		resp, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(raw)
	}
	login, body := visit(http.MethodGet, h.url+"/auth/login")
	to, err := login.Location()
	if err != nil {
		t.Fatalf("the page leads nowhere to sign in: %s %s", login.Status, body)
	}
	back, err := pageClient().Answer(t.Context(), to.String(), &signin.Person{Username: name, Password: testPassword, Code: kc.people.Codes.Next})
	if err != nil {
		t.Fatal(err)
	}
	visit(http.MethodGet, back.String())
	if _, body := visit(http.MethodGet, h.url+"/auth/session"); !strings.Contains(body, `"signedIn":true`) || !strings.Contains(body, `"role":"patient"`) {
		t.Fatalf("after signing in: %s", body)
	}
	if resp, body := visit(http.MethodPost, h.url+"/auth/refresh"); resp.StatusCode != http.StatusOK || !strings.Contains(body, `"signedIn":true`) {
		t.Errorf("refreshed: %s %s", resp.Status, body)
	}
	before := sessions(t, kc.admin(careFusion), name)
	if resp, body := visit(http.MethodPost, h.url+"/auth/logout"); resp.StatusCode >= 300 {
		t.Errorf("signed out: %s %s", resp.Status, body)
	}
	if after := sessions(t, kc.admin(careFusion), name); before != 1 || after != 0 {
		t.Errorf("%d sessions at Keycloak before signing out and %d after, want 1 and 0", before, after)
	}
	if _, body := visit(http.MethodGet, h.url+"/auth/session"); strings.Contains(body, `"signedIn":true`) {
		t.Errorf("after signing out: %s", body)
	}
}
