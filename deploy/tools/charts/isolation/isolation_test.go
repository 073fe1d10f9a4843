package isolation_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fusionems/quantum/deploy/tools/charts/isolation"
	"github.com/fusionems/quantum/deploy/tools/charts/render"
	"github.com/fusionems/quantum/deploy/tools/charts/schema"
)

var update = flag.Bool("update", false, "write testdata/edges-*.txt anew")

const charts = "../../../../charts"

var environments = []string{"dev", "staging", "prod"}

// deliveries are the charts by the names that the guardrails give them, in the order of the faults' arguments.
var deliveries = []struct{ name, chart string }{{"fusionems", "fusionems"}, {"billing", "fusionems-billing"}, {"carefusion", "carefusion"}}

// question is the whole installation of an environment's example.
func question(t *testing.T, environment string) isolation.Question {
	t.Helper()
	q, err := isolation.ReadQuestion(filepath.Join("worlds", environment+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	rails, err := schema.Read(filepath.Join(charts, "guardrails.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range rails.Crossings {
		q.Crossings = append(q.Crossings, c.Edges()...)
	}
	for _, d := range deliveries {
		values, err := render.ReadValues(filepath.Join(charts, d.chart, "ci", environment+"-values.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		namespace := rails.Separation[d.name].Namespace
		objects, err := render.Objects(render.Helm3, render.Request{Chart: filepath.Join(charts, d.chart), Namespace: namespace, Values: []map[string]any{values}})
		if err != nil {
			t.Fatal(err)
		}
		q.Deliveries = append(q.Deliveries, isolation.Delivery{Name: d.name, Namespace: namespace, Objects: objects})
	}
	return q
}

func TestTheDeliveriesAreIsolated(t *testing.T) {
	for _, environment := range environments {
		t.Run(environment, func(t *testing.T) {
			proof, err := isolation.Prove(question(t, environment))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range proof.Findings {
				t.Error(f)
			}
			if proof.Questions < 2000 {
				t.Errorf("only %d questions were asked", proof.Questions)
			}
			golden(t, filepath.Join("testdata", "edges-"+environment+".txt"), proof.Edges)
			for _, e := range proof.Edges {
				if from, to, _ := strings.Cut(e, " -> "); strings.HasPrefix(from, "telehealth/") && (strings.HasPrefix(to, "fusionems/") || strings.HasPrefix(to, "billing/")) {
					t.Errorf("telehealth reaches the fleet: %s", e)
				}
			}
			t.Logf("%d questions, %d allowed connections", proof.Questions, len(proof.Edges))
		})
	}
}

func golden(t *testing.T, file string, got []string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(got, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range isolation.Unexpected(string(want), got) {
		t.Errorf("%s (%s; run with -update when it is meant)", f, file)
	}
}

func TestEachSeededFaultIsFound(t *testing.T) {
	if len(faults) < 20 || len(faultsOfTelehealth) < 12 {
		t.Fatalf("%d faults", len(faults))
	}
	whole := question(t, "prod")
	for _, f := range append(slices.Clone(faults), faultsOfTelehealth...) {
		t.Run(f.name, func(t *testing.T) {
			q := whole
			q.Deliveries = nil
			for _, d := range whole.Deliveries {
				d.Objects = copied(d.Objects)
				q.Deliveries = append(q.Deliveries, d)
			}
			f.seed(t, q.Deliveries[0].Objects, q.Deliveries[1].Objects, q.Deliveries[2].Objects)
			proof, err := isolation.Prove(q)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range proof.Findings {
				if found.Rule == f.rule {
					return
				}
			}
			t.Fatalf("nobody noticed; found %v", proof.Findings)
		})
	}
}

// A rule that no fault breaks could be one that never finds anything.
func TestEveryRuleHasAFault(t *testing.T) {
	broken := map[string]bool{}
	for _, f := range append(slices.Clone(faults), faultsOfTelehealth...) {
		if strings.HasPrefix(f.rule, "container ") {
			f.rule = "container "
		}
		broken[f.rule] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`(?:Finding\{|note\()"([a-z][a-z ]+)"`).FindAllStringSubmatch(string(raw), -1) {
			rules[m[1]] = true
		}
	}
	// The list of expected connections is the caller's; the command's test breaks it.
	delete(rules, "expected connections")
	if len(rules) < 15 {
		t.Fatalf("only %d rules: %v", len(rules), rules)
	}
	for rule := range rules {
		if !broken[rule] {
			t.Errorf("no fault breaks the rule %q", rule)
		}
	}
}

func copied(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	out := make([]*unstructured.Unstructured, 0, len(objects))
	for _, o := range objects {
		out = append(out, o.DeepCopy())
	}
	return out
}
