package keycloak_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/keycloak"
)

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "realm.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, content string) keycloak.Realm {
	t.Helper()
	r, err := keycloak.Read(file(t, content), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadFillsWhatTheEnvironmentWould(t *testing.T) {
	const content = `{"realm":"r","clients":[{"clientId":"a","secret":"${SECRET}","redirectUris":["${URL}/callback"]}],"displayName":"${username}"}`
	r, err := keycloak.Read(file(t, content), map[string]string{"SECRET": `a"b\c`, "URL": "https://x.test"})
	if err != nil {
		t.Fatal(err)
	}
	client := r["clients"].([]any)[0].(map[string]any)
	if client["secret"] != `a"b\c` || client["redirectUris"].([]any)[0] != "https://x.test/callback" || r["displayName"] != "${username}" {
		t.Errorf("read %v", r)
	}
	if _, err := keycloak.Read(file(t, content), map[string]string{"URL": "https://x.test"}); err == nil || !strings.Contains(err.Error(), "${SECRET}") {
		t.Errorf("with a value missing: %v", err)
	}
}

func TestDroppedNamesThePlace(t *testing.T) {
	want := read(t, `{"realm":"r","life":900,"roles":{"realm":[{"name":"one"},{"name":"two","title":"Two"}]},"list":["x","y"],"scopeMappings":[{"client":"c","roles":["one"]}]}`)
	for what, c := range map[string]struct {
		held string
		want []string
	}{
		"more than the file": {`{"realm":"r","life":900,"more":1,"roles":{"realm":[{"name":"zero"},{"name":"two","title":"Two"},{"name":"one"}]},"list":["y","x","z"],"scopeMappings":[{"client":"c","roles":["one","two"]}]}`, nil},
		"blacked out":        {`{"realm":"r","life":"**********","roles":{"realm":[{"name":"one"},{"name":"two","title":"Two"}]},"list":["x","y"],"scopeMappings":[{"client":"c","roles":["one"]}]}`, nil},
		"less": {`{"realm":"r","life":60,"roles":{"realm":[{"name":"two","title":"2"}]},"list":["x"],"scopeMappings":[{"client":"d","roles":["one"]}]}`, []string{
			"/life is 60, not 900", "/list/y is not there", "/roles/realm/name=one is not there", "/roles/realm/name=two/title is 2, not Two", "/scopeMappings/client=c is not there",
		}},
	} {
		if got := keycloak.Dropped(want, read(t, c.held)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
}

func TestCanonicalIsTheSameForTwoImports(t *testing.T) {
	canonical := func(content string) string {
		raw, err := read(t, content).Canonical()
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	one := canonical(`{"id":"1","realm":"r","clients":[{"id":"2","clientId":"a"},{"id":"3","clientId":"b"}],"list":["x","y"]}`)
	if two := canonical(`{"id":"9","realm":"r","clients":[{"id":"8","clientId":"b"},{"id":"7","clientId":"a"}],"list":["y","x"]}`); one != two {
		t.Errorf("%s\n%s", one, two)
	}
	if three := canonical(`{"id":"1","realm":"r","clients":[{"clientId":"a"},{"clientId":"b"}],"list":["x"]}`); one == three {
		t.Error("a list with less is the same")
	}
}

// Nobody is in the file, and no secret: both would be the same in every installation.
func TestTheFleetsRealmHoldsNobodyAndNoSecret(t *testing.T) {
	r, err := keycloak.Read("fusionems-realm.json", map[string]string{"FUSIONEMS_PUBLIC_URL": "https://ems.test", "FUSIONEMS_PORTAL_SECRET": "filled"})
	if err != nil {
		t.Fatal(err)
	}
	if r["users"] != nil || r["groups"] != nil {
		t.Error("the file names people")
	}
	for _, c := range r["clients"].([]any) {
		if secret := c.(map[string]any)["secret"]; secret != "filled" {
			t.Errorf("a client has the secret %v", secret)
		}
	}
}
