package manifest_test

import (
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/tools/charts/manifest"
)

func TestEveryDocumentIsRead(t *testing.T) {
	text := "---\n# only a comment\n---\napiVersion: v1\nkind: A\nmetadata: {name: a}\n---\n\n---\n{\"apiVersion\":\"v1\",\"kind\":\"B\",\"metadata\":{\"name\":\"b\",\"namespace\":\"own\"}}\n"
	got, err := manifest.Decode(strings.NewReader(text), "release")
	if err != nil || len(got) != 2 {
		t.Fatalf("%d objects: %v", len(got), err)
	}
	if got[0].GetNamespace() != "release" || got[1].GetNamespace() != "own" {
		t.Errorf("namespaces %s and %s", got[0].GetNamespace(), got[1].GetNamespace())
	}
}

func TestWhatIsNoObjectIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no kind": "metadata: {name: a}\n", "no name": "kind: A\n", "no YAML": "kind: A\n\tname: b\n", "a later one": "kind: A\nmetadata: {name: a}\n---\nx: y\n",
	} {
		if got, err := manifest.Decode(strings.NewReader(text), "release"); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}
