package delivery

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

// Chart is one chart that can be installed.
type Chart struct {
	Name, Folder string
	// Namespace of the release; empty for a chart of a cluster administrator, whose objects name theirs or have none.
	Namespace string
}

// Cluster says whether the chart is installed once for the cluster, before what lives in its namespaces.
func (c Chart) Cluster() bool { return c.Namespace == "" }

// Guardrails are what the charts promise, as far as the control plane is asked about it.
type Guardrails struct {
	Environments []string                 `json:"environments"`
	Deliveries   map[string]GuardDelivery `json:"environment_separation"`
}

// GuardDelivery is what a delivery owns alone.
type GuardDelivery struct {
	Namespace   string `json:"namespace"`
	Secrets     string `json:"secrets"`
	TrustDomain string `json:"trust_domain"`
	Images      string `json:"images"`
}

// ReadGuardrails reads guardrails.yaml of the folder that holds the charts.
func ReadGuardrails(charts string) (Guardrails, error) {
	var g Guardrails
	raw, err := os.ReadFile(filepath.Join(charts, "guardrails.yaml"))
	if err != nil {
		return g, err
	}
	return g, yaml.Unmarshal(raw, &g)
}

// Charts lists all that can be installed, those of the cluster first. A chart that no delivery claims is an error, so that a new one
// cannot go unproved.
func Charts(folder string) ([]Chart, error) {
	rails, err := ReadGuardrails(folder)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(folder, "*", "Chart.yaml"))
	if err != nil {
		return nil, err
	}
	var cluster, deliveries []Chart
	for _, file := range files {
		var meta struct{ Name, Type string }
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if err := yaml.Unmarshal(raw, &meta); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		c := Chart{Name: meta.Name, Folder: filepath.Dir(file)}
		switch {
		case meta.Type == "library":
		case strings.HasSuffix(c.Name, "-cluster"):
			cluster = append(cluster, c)
		default:
			if c.Namespace = rails.namespaceOf(c.Name); c.Namespace == "" {
				return nil, fmt.Errorf("%s: no delivery in guardrails.yaml has its images under %q, so its namespace is not known", file, c.Name)
			}
			deliveries = append(deliveries, c)
		}
	}
	return slices.Concat(cluster, deliveries), nil
}

// namespaceOf a chart: its delivery keeps its images under the name of the chart.
func (g Guardrails) namespaceOf(chart string) string {
	for _, d := range g.Deliveries {
		if d.Images == chart {
			return d.Namespace
		}
	}
	return ""
}

// Values of a chart for an environment: its own file, or the environment alone where the chart needs no more.
func (c Chart) Values(environment string) (map[string]any, error) {
	path := filepath.Join(c.Folder, "ci", environment+"-values.yaml")
	if _, err := os.Stat(path); os.IsNotExist(err) && c.Cluster() {
		return map[string]any{"environment": environment}, nil
	}
	return render.ReadValues(path)
}

// Objects of a chart for an environment: hooks and tests are among them.
func (c Chart) Objects(environment string) ([]*unstructured.Unstructured, error) {
	values, err := c.Values(environment)
	if err != nil {
		return nil, err
	}
	return render.Objects(render.Helm4, render.Request{Chart: c.Folder, Namespace: c.Namespace, Values: []map[string]any{values}})
}
