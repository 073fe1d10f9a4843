package render_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

func notes(t *testing.T, engine render.Engine, r render.Request) string {
	t.Helper()
	files, err := engine(r)
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range files {
		if strings.HasSuffix(file, "NOTES.txt") {
			return text
		}
	}
	t.Fatalf("%s has no NOTES.txt", r.Chart)
	return ""
}

func TestNotesSayWhatToCheck(t *testing.T) {
	for name, engine := range engines {
		for chart, namespace := range deliveries {
			text := notes(t, engine, request(t, chart, "prod"))
			images := map[string]bool{}
			for _, o := range objects(t, engine, request(t, chart, "prod")) {
				for _, c := range containersOf(o.Object) {
					images[c["image"].(string)] = true
				}
			}
			for image := range images {
				if !strings.Contains(text, "cosign verify --key") || !strings.Contains(text, image) {
					t.Errorf("%s %s: nothing on how to verify %s", name, chart, image)
				}
			}
			if len(images) == 0 || !strings.Contains(text, "helm test "+filepath.Base(chart)+" --namespace "+namespace) {
				t.Errorf("%s %s: nothing on helm test, or no images:\n%s", name, chart, text)
			}
		}
		for _, chart := range []string{"fusionems-cluster", "carefusion-cluster"} {
			text := notes(t, engine, render.Request{Chart: filepath.Join(charts, chart), Namespace: "default"})
			if !strings.Contains(text, "validatingadmissionpolicies") {
				t.Errorf("%s %s: %s", name, chart, text)
			}
		}
	}
}

// containersOf are the containers of any object that has some, wherever.
func containersOf(o any) []map[string]any {
	var out []map[string]any
	switch v := o.(type) {
	case map[string]any:
		for key, below := range v {
			if list, ok := below.([]any); ok && (key == "containers" || key == "initContainers") {
				for _, c := range list {
					if m, ok := c.(map[string]any); ok && m["image"] != nil {
						out = append(out, m)
					}
				}
				continue
			}
			out = append(out, containersOf(below)...)
		}
	case []any:
		for _, below := range v {
			out = append(out, containersOf(below)...)
		}
	}
	return out
}
