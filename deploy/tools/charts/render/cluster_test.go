package render_test

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

// clusters are the charts of administrators, with the namespaces that each makes.
var clusters = map[string][]string{"fusionems-cluster": {"billing", "fusionems"}, "carefusion-cluster": {"telehealth"}}

func TestTheClusterChartsMakeTheirNamespaces(t *testing.T) {
	for chart, want := range clusters {
		for _, e := range environments {
			r := render.Request{Chart: filepath.Join(charts, chart), Namespace: "default", Values: []map[string]any{{"environment": e}}}
			three, four := objects(t, render.Helm3, r), objects(t, render.Helm4, r)
			if !reflect.DeepEqual(three, four) {
				t.Errorf("%s %s: Helm 3 and Helm 4 differ", chart, e)
			}
			var namespaces, policies, bound []string
			for _, o := range three {
				switch o.GetKind() {
				case "Namespace":
					namespaces = append(namespaces, o.GetName())
					for _, mode := range []string{"enforce", "audit", "warn"} {
						if level := o.GetLabels()["pod-security.kubernetes.io/"+mode]; level != "restricted" {
							t.Errorf("%s %s: %s is %q", chart, o.GetName(), mode, level)
						}
					}
				case "ValidatingAdmissionPolicy":
					policies = append(policies, o.GetName())
				case "ValidatingAdmissionPolicyBinding":
					spec, _ := o.Object["spec"].(map[string]any)
					bound = append(bound, fmt.Sprint(spec["policyName"]))
				default:
					t.Errorf("%s makes a %s", chart, o.GetKind())
				}
			}
			for _, list := range [][]string{namespaces, policies, bound} {
				slices.Sort(list)
			}
			// A policy that nothing binds denies nothing, and so does a binding to one that is not there.
			if !slices.Equal(namespaces, want) || len(policies) == 0 || !slices.Equal(policies, bound) {
				t.Errorf("%s %s: namespaces %v, policies %v, bound %v", chart, e, namespaces, policies, bound)
			}
		}
	}
}

func TestTheClusterChartsRefuseWhatTheyDoNotKnow(t *testing.T) {
	for chart := range clusters {
		for name, engine := range engines {
			bad := map[string]map[string]any{"environment": {"environment": "qa"}}
			if chart == "carefusion-cluster" {
				bad["peerNamespaces"] = map[string]any{"peerNamespaces": []any{"fusionems"}}
			}
			for says, values := range bad {
				for _, skip := range []bool{false, true} {
					r := render.Request{Chart: filepath.Join(charts, chart), Namespace: "default", Values: []map[string]any{values}, SkipSchema: skip}
					if _, err := engine(r); err == nil || !strings.Contains(err.Error(), says) {
						t.Errorf("%s %s skip=%v: %v", chart, name, skip, err)
					}
				}
			}
			r := render.Request{Chart: filepath.Join(charts, chart), Namespace: "default", Values: []map[string]any{{"enviroment": "prod"}}}
			if _, err := engine(r); err == nil {
				t.Errorf("%s %s took a misspelt key", chart, name)
			}
		}
	}
}
