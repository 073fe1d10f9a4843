package render_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

// whole is a copy of a chart with its dependencies in it, as helm dependency build leaves it.
func whole(t *testing.T, chart string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), chart)
	meta, err := render.ReadValues(filepath.Join(charts, chart, "Chart.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(folder, os.DirFS(filepath.Join(charts, chart))); err != nil {
		t.Fatal(err)
	}
	list, _ := meta["dependencies"].([]any)
	for _, d := range list {
		name, _ := d.(map[string]any)["name"].(string)
		into := filepath.Join(folder, "charts", name)
		if err := os.RemoveAll(into); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(into, os.DirFS(filepath.Join(charts, name))); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestHelmLintFindsNothing(t *testing.T) {
	for chart, namespace := range deliveries {
		for _, e := range environments {
			result := lint.AllWithKubeVersion(whole(t, chart), values(t, chart, e), namespace, &chartutil.KubeVersion{Version: "v1.33.0", Major: "1", Minor: "33"})
			for _, m := range result.Messages {
				// A chart of a back office needs no icon.
				if m.Severity > support.InfoSev {
					t.Errorf("%s %s: %v", chart, e, m)
				}
			}
		}
	}
	for chart := range clusters {
		for _, m := range lint.AllWithKubeVersion(whole(t, chart), nil, "default", &chartutil.KubeVersion{Version: "v1.33.0", Major: "1", Minor: "33"}).Messages {
			if m.Severity > support.InfoSev {
				t.Errorf("%s: %v", chart, m)
			}
		}
	}
}

// What is pushed to a registry is not the folder: Helm leaves files out, and a chart without its guardrails refuses nothing.
func TestAPackageHoldsWhatItRefusesBy(t *testing.T) {
	for _, chart := range []string{"fusionems", "fusionems-billing", "fusionems-cluster", "carefusion", "carefusion-cluster"} {
		loaded, err := loader.LoadDir(whole(t, chart))
		if err != nil {
			t.Fatal(err)
		}
		file, err := chartutil.Save(loaded, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		packed, err := loader.LoadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range packed.Raw {
			names = append(names, f.Name)
		}
		for _, want := range []string{"guardrails.yaml", "values.schema.json", "README.md", "templates/NOTES.txt"} {
			if !slices.Contains(names, want) {
				t.Errorf("%s: the package has no %s", chart, want)
			}
		}
		for _, name := range names {
			if strings.HasPrefix(name, "ci/") || strings.HasSuffix(name, ".gotmpl") {
				t.Errorf("%s: the package has %s", chart, name)
			}
		}
		if stat, err := fs.Stat(os.DirFS(filepath.Dir(file)), filepath.Base(file)); err != nil || stat.Size() > 1<<20 {
			t.Errorf("%s: a Helm release is a Secret of at most a megabyte: %v %v", chart, stat, err)
		}
		if len(packed.Schema) == 0 {
			t.Errorf("%s: the package has no schema", chart)
		}
	}
}
