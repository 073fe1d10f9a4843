//go:build e2e && keycloak

package e2e

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/keycloak"
	"github.com/fusionems/quantum/deploy/local/issuer"
)

func canonicalText(t *testing.T, r keycloak.Realm) string {
	t.Helper()
	raw, err := r.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestKeycloakHoldsAllThatTheFilesSay(t *testing.T) {
	for name, file := range realmFiles {
		want, err := keycloak.Read(file, kc.values)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range keycloak.Dropped(want, kc.imported[name]) {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// A comparison that finds nothing must be able to find something.
func TestKeycloakComparisonFindsWhatIsMissing(t *testing.T) {
	want, err := keycloak.Read(realmFiles[realmName], kc.values)
	if err != nil {
		t.Fatal(err)
	}
	want["accessTokenLifespan"], want["noSuchSetting"] = float64(901), true
	want["defaultDefaultClientScopes"] = []any{"profile"}
	for _, missing := range []string{"/accessTokenLifespan is 900, not 901", "/noSuchSetting is not there", "/defaultDefaultClientScopes/profile is not there"} {
		if d := keycloak.Dropped(want, kc.imported[realmName]); !slices.Contains(d, missing) {
			t.Errorf("%q was not found in %q", missing, d)
		}
	}
}

func TestKeycloakImportingTwiceChangesNothing(t *testing.T) {
	for name := range realmFiles {
		if first, second := canonicalText(t, kc.imported[name]), canonicalText(t, kc.restarted[name]); first != second {
			t.Errorf("%s differs after the second start:\n%s", name, difference(first, second))
		}
	}
}

// difference is the first lines that two texts do not share.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return strings.Join(x[max(0, i-3):min(len(x), i+5)], "\n") + "\n--- and ---\n" + strings.Join(y[max(0, i-3):min(len(y), i+5)], "\n")
		}
	}
	return fmt.Sprintf("%d lines and %d", len(x), len(y))
}

// What an administrator changed by hand is put right from the file, and nobody is lost over it.
func TestKeycloakIsBroughtInLineWithTheFile(t *testing.T) {
	admin, client := kc.people.Admin, kc.people.Portal
	want, err := keycloak.Read(realmFiles[realmName], kc.values)
	if err != nil {
		t.Fatal(err)
	}
	person := someone(t, "test-apply", "qa_reviewer", issuer.NewTOTPSecret())
	before, err := admin.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := admin.Apply(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	unchanged(t, before)

	changed, err := keycloak.Read(realmFiles[realmName], kc.values)
	if err != nil {
		t.Fatal(err)
	}
	changed["accessTokenLifespan"] = float64(1200)
	spoil(t, changed)
	if err := admin.Apply(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	tokens := mustSignIn(t, person)
	if c := claims(t, tokens.Access); tokens.ExpiresIn < 1190 || c["agency_id"] != nil || strings.Contains(tokens.Scope, "qa:read") {
		t.Errorf("with another file: life %d, agency %v, scope %q", tokens.ExpiresIn, c["agency_id"], tokens.Scope)
	}
	var different *keycloak.DifferenceError
	if err := admin.Check(t.Context(), want); !errors.As(err, &different) || len(different.Places) < 3 {
		t.Errorf("a realm of another file passes: %v", err)
	}
	if err := admin.Apply(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	unchanged(t, before)
	if c := claims(t, mustSignIn(t, person).Access); c["agency_id"] != float64(agencies(t)[0]) || client.ID != c["azp"] {
		t.Errorf("in line again: %v", c)
	}
}

// Where there is no realm, the file makes one.
func TestKeycloakRealmIsMadeFromTheFile(t *testing.T) {
	want, err := keycloak.Read(realmFiles[realmName], kc.values)
	if err != nil {
		t.Fatal(err)
	}
	want["realm"] = "test-made"
	admin := kc.admin("test-made")
	for _, time := range []string{"first", "second"} {
		if err := admin.Apply(t.Context(), want); err != nil {
			t.Fatalf("the %s time: %v", time, err)
		}
	}
}

func unchanged(t *testing.T, before keycloak.Realm) {
	t.Helper()
	after, err := kc.people.Admin.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if a, b := canonicalText(t, before), canonicalText(t, after); a != b {
		t.Fatalf("the realm differs:\n%s", difference(a, b))
	}
}

// spoil takes the agency out of tokens and a scope from the reviewers.
func spoil(t *testing.T, r keycloak.Realm) {
	t.Helper()
	done := 0
	for _, s := range r["clientScopes"].([]any) {
		scope, _ := s.(map[string]any)
		if scope["name"] == "fleet" {
			scope["protocolMappers"] = slices.DeleteFunc(scope["protocolMappers"].([]any), func(m any) bool {
				return m.(map[string]any)["name"] == "agency"
			})
			done++
		}
	}
	for _, m := range r["scopeMappings"].([]any) {
		if mapping, _ := m.(map[string]any); mapping["clientScope"] == "qa:read" {
			mapping["roles"] = []any{"founder"}
			done++
		}
	}
	if done != 2 {
		t.Fatalf("%d of two things spoilt", done)
	}
}

// The command is what an operator has: a machine of the realm master, and secrets in files.
func TestKeycloakRealmCommand(t *testing.T) {
	const id = "test-realm-keeper"
	master, secret := kc.admin("master"), rand.Text()
	if err := master.PutMachine(t.Context(), keycloak.Machine{ID: id, Secret: secret, Roles: []string{"admin"}, Scopes: []string{"basic", "roles"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := master.PutClient(t.Context(), map[string]any{"clientId": id, "fullScopeAllowed": true}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	command := filepath.Join(dir, "realm")
	if out, err := exec.Command("go", "build", "-o", command, "../keycloak/cmd/realm").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	args := []string{
		"-url", kc.server.URL(), "-file", realmFiles[realmName], "-ca", filepath.Join(kc.pki, "ca.crt"), "-client", id,
		"-secret-file", file("secret", secret), "-set-file", "FUSIONEMS_PORTAL_SECRET=" + file("portal", kc.values["FUSIONEMS_PORTAL_SECRET"]),
	}
	for _, c := range []struct {
		url, verb, says string
		fails           bool
	}{
		{kc.values["FUSIONEMS_PUBLIC_URL"], "check", "is as its file says", false},
		{"https://elsewhere.test", "check", "/clients/clientId=fusionems-portal/redirectUris/https://elsewhere.test/auth/callback is not there", true},
		{kc.values["FUSIONEMS_PUBLIC_URL"], "apply", "is as its file says", false},
	} {
		out, err := exec.Command(command, append(args, "-set", "FUSIONEMS_PUBLIC_URL="+c.url, c.verb)...).CombinedOutput()
		if (err != nil) != c.fails || !strings.Contains(string(out), c.says) || strings.Contains(string(out), secret) {
			t.Errorf("%s with %s: %v, %s", c.verb, c.url, err, out)
		}
	}
}
