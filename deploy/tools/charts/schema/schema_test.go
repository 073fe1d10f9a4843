package schema_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/tools/charts/schema"
)

const rails = "../../../../charts/guardrails.yaml"

func guardrails(t *testing.T) schema.Guardrails {
	t.Helper()
	g, err := schema.Read(rails)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func all(t *testing.T) map[string][]byte {
	t.Helper()
	g := guardrails(t)
	out := map[string][]byte{}
	for chart, write := range map[string]func() ([]byte, error){
		"fusionems":          func() ([]byte, error) { return schema.Fleet(g, "fusionems", []string{"gateway", "qa"}) },
		"fusionems-billing":  func() ([]byte, error) { return schema.Fleet(g, "billing", []string{"billing"}) },
		"fusionems-cluster":  func() ([]byte, error) { return schema.FleetCluster(g) },
		"carefusion":         func() ([]byte, error) { return schema.CareFusion(g) },
		"carefusion-cluster": func() ([]byte, error) { return schema.CareFusionCluster(g) },
	} {
		text, err := write()
		if err != nil {
			t.Fatalf("%s: %v", chart, err)
		}
		out[chart] = text
	}
	return out
}

// open are objects that take any key, and must: labels, what Helm or another chart's values put there.
var open = map[string]bool{"global": true, "fusionems-lib": true}

func strictly(t *testing.T, chart, at string, node any) {
	t.Helper()
	switch v := node.(type) {
	case map[string]any:
		if _, has := v["properties"]; has && v["type"] == "object" && v["additionalProperties"] != false && !open[filepath.Base(at)] {
			t.Errorf("%s: %s takes keys that it does not know", chart, at)
		}
		for key, below := range v {
			strictly(t, chart, at+"/"+key, below)
		}
	case []any:
		for _, below := range v {
			strictly(t, chart, at, below)
		}
	}
}

func TestEveryObjectIsStrict(t *testing.T) {
	for chart, text := range all(t) {
		var doc map[string]any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		if properties, _ := doc["properties"].(map[string]any); len(properties) < 3 || properties["environment"] == nil {
			t.Errorf("%s: properties %v", chart, properties)
		}
		strictly(t, chart, "", doc)
	}
}

func TestTelehealthsFilesNameNobodyElse(t *testing.T) {
	own, err := guardrails(t).Of("carefusion")
	if err != nil {
		t.Fatal(err)
	}
	files := all(t)
	for name, text := range map[string][]byte{"guardrails": own, "schema": files["carefusion"], "schema of the cluster's": files["carefusion-cluster"]} {
		for _, word := range []string{"fusionems", "billing"} {
			if strings.Contains(string(text), word) {
				t.Errorf("%s names %q", name, word)
			}
		}
	}
	if _, err := guardrails(t).Of("nobody"); err == nil {
		t.Error("a delivery that there is not has guardrails")
	}
}

func TestAMisspeltRuleIsNoRule(t *testing.T) {
	raw, err := os.ReadFile(rails)
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "guardrails.yaml")
	if err := os.WriteFile(bad, []byte(strings.Replace(string(raw), "trust_domain:", "trust_domian:", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := schema.Read(bad); err == nil || !strings.Contains(err.Error(), "trust_domian") {
		t.Error(err)
	}
}
