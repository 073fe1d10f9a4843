package render

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/fusionems/quantum/deploy/tools/charts/manifest"
)

// Request says what to render.
type Request struct {
	// Chart is the chart's folder; a dependency on file://../x is taken from beside it.
	Chart     string
	Namespace string
	// Values are laid over the chart's own, the later over the earlier.
	Values []map[string]any
	// SkipSchema is --skip-schema-validation.
	SkipSchema bool
	Upgrade    bool
}

// Engine renders templates: the result is text by template name.
type Engine func(r Request) (map[string]string, error)

// Objects renders and parses, sorted by template. An object of a hook is among them like any other.
func Objects(engine Engine, r Request) ([]*unstructured.Unstructured, error) {
	files, err := engine(r)
	if err != nil {
		return nil, err
	}
	var out []*unstructured.Unstructured
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if strings.HasSuffix(file, "NOTES.txt") {
			continue
		}
		found, err := manifest.Decode(strings.NewReader(files[file]), r.Namespace)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out = append(out, found...)
	}
	return out, nil
}

// ReadValues reads a values file.
func ReadValues(path string) (map[string]any, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	err = sigsyaml.Unmarshal(raw, &out)
	return out, err
}

// Merge lays values over each other as Helm's -f does; nil takes a value away.
func Merge(layers ...map[string]any) map[string]any {
	out := map[string]any{}
	for _, layer := range layers {
		for key, value := range layer {
			below, isObject := out[key].(map[string]any)
			above, both := value.(map[string]any)
			if isObject && both {
				out[key] = Merge(below, above)
			} else {
				out[key] = value
			}
		}
	}
	return out
}

// dependencies are the folders of the charts that a chart takes from beside it.
func dependencies(chart string) ([]string, error) {
	raw, err := os.ReadFile(filepath.Join(chart, "Chart.yaml"))
	if err != nil {
		return nil, err
	}
	var meta struct {
		Dependencies []struct {
			Repository string `json:"repository"`
		} `json:"dependencies"`
	}
	if err := sigsyaml.Unmarshal(raw, &meta); err != nil {
		return nil, err
	}
	var out []string
	for _, d := range meta.Dependencies {
		folder, ok := strings.CutPrefix(d.Repository, "file://")
		if !ok {
			return nil, fmt.Errorf("%s: the dependency %s is not in this repository", chart, d.Repository)
		}
		out = append(out, filepath.Join(chart, folder))
	}
	return out, nil
}
