package score_test

import (
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
	"github.com/fusionems/quantum/deploy/tools/charts/score"
)

const charts = "../../../../charts"

// releases are the charts that kube-score has checks for: it knows none for admission policies.
var releases = map[string]string{"fusionems": "fusionems", "fusionems-billing": "billing", "carefusion": "telehealth"}

// kubeScore is the binary that make charts-test builds.
func kubeScore(t *testing.T) string {
	t.Helper()
	path := os.Getenv("KUBE_SCORE")
	if path == "" {
		path = "../../../../.bin/kube-score"
	}
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no kube-score: %v", err)
		}
		t.Skipf("no kube-score at %s; make charts builds it", path)
	}
	return path
}

func objects(t *testing.T, chart, environment string) []*unstructured.Unstructured {
	t.Helper()
	values, err := render.ReadValues(filepath.Join(charts, chart, "ci", environment+"-values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := render.Objects(render.Helm3, render.Request{Chart: filepath.Join(charts, chart), Namespace: releases[chart], Values: []map[string]any{values}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// scaledOf are the deployments whose replicas something else decides, as kube-score names them.
func scaledOf(all []*unstructured.Unstructured) map[string]bool {
	out := map[string]bool{}
	for _, o := range all {
		if kind := o.GetKind(); kind == "HorizontalPodAutoscaler" || kind == "ScaledObject" {
			name, _, _ := unstructured.NestedString(o.Object, "spec", "scaleTargetRef", "name")
			out["Deployment/apps/v1/"+o.GetNamespace()+"/"+name] = true
		}
	}
	return out
}

func TestEveryFindingIsDecided(t *testing.T) {
	binary := kubeScore(t)
	decisions, err := score.Decisions("accepted.yaml")
	if err != nil {
		t.Fatal(err)
	}
	used := make([]bool, len(decisions))
	for chart := range releases {
		for _, environment := range []string{"dev", "staging", "prod"} {
			all := objects(t, chart, environment)
			found, checks, err := score.Run(t.Context(), binary, all)
			if err != nil {
				t.Fatal(err)
			}
			if checks < 2*len(all) {
				t.Errorf("%s %s: only %d checks of %d objects", chart, environment, checks, len(all))
			}
			scaled := scaledOf(all)
			for _, f := range found {
				decided := false
				for i, d := range decisions {
					if d.Fits(f, environment, scaled) {
						used[i], decided = true, true
					}
				}
				if !decided {
					t.Errorf("%s: %s", environment, f)
				}
			}
		}
	}
	for i, d := range decisions {
		if !used[i] {
			t.Errorf("nothing is found any more that was accepted: %s: %s", d.Check, d.Summary)
		}
	}
}

func TestSomethingBadIsFound(t *testing.T) {
	binary := kubeScore(t)
	all := objects(t, "carefusion", "prod")
	for _, o := range all {
		if o.GetKind() == "Deployment" {
			pod, _, _ := unstructured.NestedMap(o.Object, "spec", "template", "spec")
			container, _ := pod["containers"].([]any)[0].(map[string]any)
			delete(container, "securityContext")
			delete(container, "resources")
			if err := unstructured.SetNestedMap(o.Object, pod, "spec", "template", "spec"); err != nil {
				t.Fatal(err)
			}
		}
	}
	found, _, err := score.Run(t.Context(), binary, all)
	if err != nil {
		t.Fatal(err)
	}
	checks := map[string]bool{}
	for _, f := range found {
		checks[f.Check] = true
	}
	if !checks["container-security-context-readonlyrootfilesystem"] || !checks["container-ephemeral-storage-request-and-limit"] {
		t.Errorf("a container without a security context and without limits passes: %v", found)
	}
}
