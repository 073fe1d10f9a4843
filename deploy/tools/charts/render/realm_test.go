package render_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"sigs.k8s.io/yaml"
)

// The object for Keycloak's operator is built by the command of the page, and holds the realm and nothing but its two values.
func TestThePageOfTheRealmBuildsAnImport(t *testing.T) {
	const root = "../../../.."
	page, err := os.ReadFile(filepath.Join(root, "deploy/keycloak/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```sh\n(\\{ cat <<'IMPORT'.*?)```").FindSubmatch(page)
	if block == nil {
		t.Fatal("the page no longer says how the import is built")
	}
	folder := t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "deploy/keycloak"), os.DirFS(filepath.Join(root, "deploy/keycloak"))); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-eu", "-c", string(block[1]))
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	built, err := os.ReadFile(filepath.Join(folder, "realm-import.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var object struct {
		APIVersion, Kind string
		Spec             struct {
			KeycloakCRName string
			Placeholders   map[string]struct{ Secret struct{ Name, Key string } }
			Realm          map[string]any
		}
	}
	if err := yaml.Unmarshal(built, &object); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(root, "deploy/keycloak/fusionems-realm.json"))
	if err != nil {
		t.Fatal(err)
	}
	var realm map[string]any
	if err := json.Unmarshal(raw, &realm); err != nil {
		t.Fatal(err)
	}
	if object.Kind != "KeycloakRealmImport" || object.Spec.KeycloakCRName == "" || !reflect.DeepEqual(object.Spec.Realm, realm) {
		t.Errorf("a %s of %q whose realm is not the file's", object.Kind, object.Spec.KeycloakCRName)
	}
	needed := map[string]bool{}
	for _, m := range regexp.MustCompile(`\$\{([A-Z_]+)\}`).FindAllStringSubmatch(string(raw), -1) {
		needed[m[1]] = true
	}
	if !slices.Equal(slices.Sorted(maps.Keys(object.Spec.Placeholders)), slices.Sorted(maps.Keys(needed))) || len(needed) != 2 {
		t.Errorf("the import fills %v, the realm asks for %v", object.Spec.Placeholders, needed)
	}
	for name, p := range object.Spec.Placeholders {
		if p.Secret.Name == "" || p.Secret.Key == "" {
			t.Errorf("%s comes from no Secret", name)
		}
	}
}
