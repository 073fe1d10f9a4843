package render_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/fusionems/quantum/deploy/tools/charts/manifest"
	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

const examples = charts + "/examples"

type helmfile struct {
	Defaults map[string]any `json:"helmDefaults"`
	Releases []struct {
		Name            string   `json:"name"`
		Namespace       string   `json:"namespace"`
		Chart           string   `json:"chart"`
		Needs           []string `json:"needs"`
		Values          []string `json:"values"`
		CreateNamespace bool     `json:"createNamespace"`
	} `json:"releases"`
}

func readStrictly(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err == nil {
		err = yaml.UnmarshalStrict(raw, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

var sides = map[string][]string{"fleet": {"fusionems-cluster", "fusionems", "fusionems-billing"}, "telehealth": {"carefusion-cluster", "carefusion"}}

// exampleRequests are the releases of a side's helmfile, in its order.
func exampleRequests(t *testing.T, side string) []render.Request {
	t.Helper()
	var h helmfile
	readStrictly(t, filepath.Join(examples, side, "helmfile.yaml"), &h)
	var out []render.Request
	done := map[string]bool{}
	for _, r := range h.Releases {
		for _, n := range r.Needs {
			if !done[n] {
				t.Errorf("%s: %s needs %s, which does not come before it", side, r.Name, n)
			}
		}
		if len(out) > 0 && len(r.Needs) == 0 {
			t.Errorf("%s: %s needs nothing, so nothing orders it", side, r.Name)
		}
		done[r.Namespace+"/"+r.Name] = true
		request := render.Request{Chart: filepath.Join(examples, side, r.Chart), Namespace: r.Namespace}
		for _, file := range r.Values {
			v, err := render.ReadValues(filepath.Join(examples, side, file))
			if err != nil {
				t.Fatal(err)
			}
			request.Values = append(request.Values, v)
		}
		out = append(out, request)
	}
	return out
}

func TestTheExamplesRenderInTheirOrder(t *testing.T) {
	for side, order := range sides {
		requests := exampleRequests(t, side)
		var got []string
		for _, r := range requests {
			got = append(got, filepath.Base(r.Chart))
			for name, engine := range engines {
				if len(objects(t, engine, r)) == 0 {
					t.Errorf("%s %s renders nothing", name, r.Chart)
				}
			}
		}
		if !slices.Equal(got, order) {
			t.Errorf("%s: %v, want %v", side, got, order)
		}
	}
}

func TestArgoInstallsWhatHelmfileInstalls(t *testing.T) {
	for side, order := range sides {
		raw, err := os.ReadFile(filepath.Join(examples, side, "applicationset.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		sets, err := manifest.Decode(bytes.NewReader(raw), "")
		if err != nil || len(sets) != 1 || sets[0].GetKind() != "ApplicationSet" {
			t.Fatalf("%s: %v %v", side, sets, err)
		}
		spec := sets[0].Object["spec"].(map[string]any)
		list, _, _ := unstructured.NestedSlice(spec["generators"].([]any)[0].(map[string]any), "list", "elements")
		steps, _, _ := unstructured.NestedSlice(spec, "strategy", "rollingSync", "steps")
		if len(list) != len(order) || len(steps) != len(order) {
			t.Fatalf("%s: %d applications in %d steps", side, len(list), len(steps))
		}
		files, _, _ := unstructured.NestedStringSlice(spec, "template", "spec", "source", "helm", "valueFiles")
		for i, r := range exampleRequests(t, side) {
			element := list[i].(map[string]any)
			if element["release"] != order[i] || element["namespace"] != r.Namespace || !strings.Contains(fmt.Sprint(steps[i]), "values:["+element["step"].(string)+"]") {
				t.Errorf("%s: step %d installs %v", side, i, element)
			}
			path := filepath.Join(charts, order[i], strings.ReplaceAll(files[0], "{{.release}}", order[i]))
			if _, err := os.Stat(path); err != nil || len(files) != 1 {
				t.Errorf("%s: %v", side, err)
			}
		}
	}
}

// CloudNativePG labels the pods of a cluster with its name; a chart that names another one would find its database closed.
func TestTheExamplesFindTheirDatabases(t *testing.T) {
	for side := range sides {
		raw, err := os.ReadFile(filepath.Join(examples, side, "postgres.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		all, err := manifest.Decode(bytes.NewReader(raw), "")
		if err != nil {
			t.Fatal(err)
		}
		clusters := map[string]bool{}
		for _, o := range all {
			if o.GetKind() == "Cluster" {
				clusters[o.GetNamespace()+"/"+o.GetName()] = true
				if super, _, _ := unstructured.NestedBool(o.Object, "spec", "enableSuperuserAccess"); super {
					t.Errorf("%s lets a superuser in", o.GetName())
				}
			}
		}
		for _, r := range exampleRequests(t, side) {
			postgres, ok := r.Values[0]["postgres"].(map[string]any)
			if !ok {
				continue
			}
			peer := postgres["peers"].([]any)[0].(map[string]any)
			name := fmt.Sprintf("%s/%s", peer["namespace"], peer["podLabels"].(map[string]any)["cnpg.io/cluster"])
			if !clusters[name] {
				t.Errorf("%s: %s is no cluster of postgres.yaml", r.Chart, name)
			}
			delete(clusters, name)
		}
		if len(clusters) > 0 {
			t.Errorf("%s: nobody uses %v", side, clusters)
		}
	}
}

func TestEveryImageIsBelowTheRegistry(t *testing.T) {
	got := map[string]bool{}
	for side, registry := range map[string]string{"fleet": "mirror.internal.example.org:5000/ems/", "telehealth": "mirror.telehealth.example.org:5000/"} {
		for _, r := range exampleRequests(t, side) {
			for _, o := range objects(t, render.Helm3, r) {
				for _, c := range containersOf(o.Object) {
					image, below := strings.CutPrefix(c["image"].(string), registry)
					if !below {
						t.Errorf("%s comes from elsewhere", c["image"])
					}
					got[strings.SplitN(image, "@", 2)[0]] = true
				}
			}
		}
	}
	raw, err := os.ReadFile(filepath.Join(examples, "images.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if list := slices.Sorted(maps.Keys(got)); strings.Join(list, "\n")+"\n" != string(raw) {
		t.Errorf("images.txt is not what is rendered: %v", list)
	}
}

func TestTheExamplesOfTheSidesShareNothing(t *testing.T) {
	words := map[string][]string{"fleet": {"telehealth", "carefusion"}, "telehealth": {"fusionems-", "name: fusionems", "billing", "namespace: databases", "messaging.svc:4222\"}"}}
	for side, foreign := range words {
		files, err := filepath.Glob(filepath.Join(examples, side, "*.yaml"))
		if err != nil || len(files) < 6 {
			t.Fatalf("%d files: %v", len(files), err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var any any
			for _, doc := range bytes.Split(raw, []byte("\n---\n")) {
				if err := yaml.Unmarshal(doc, &any); err != nil {
					t.Errorf("%s: %v", file, err)
				}
			}
			for _, word := range foreign {
				if strings.Contains(string(raw), word) {
					t.Errorf("%s names %q of the other side", file, word)
				}
			}
		}
	}
}
