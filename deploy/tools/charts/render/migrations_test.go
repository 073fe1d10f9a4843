package render_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

func hookOf(o *unstructured.Unstructured) (events string, weight int) {
	weight, _ = strconv.Atoi(o.GetAnnotations()["helm.sh/hook-weight"])
	return o.GetAnnotations()["helm.sh/hook"], weight
}

// A Job that comes before everything else must bring what it stands on: on an upgrade default-deny is there already, on an install nothing is.
func TestAMigrationBringsWhatItNeeds(t *testing.T) {
	for chart := range deliveries {
		for _, e := range environments {
			all := objects(t, render.Helm3, request(t, chart, e))
			job := jobOf(t, all)
			events, weight := hookOf(job)
			if events != "pre-install,pre-upgrade,pre-rollback" {
				t.Errorf("%s %s: the migration runs at %q", chart, e, events)
			}
			account, _, _ := unstructured.NestedString(job.Object, "spec", "template", "spec", "serviceAccountName")
			labels, _, _ := unstructured.NestedStringMap(job.Object, "spec", "template", "metadata", "labels")
			volumes, _, _ := unstructured.NestedSlice(job.Object, "spec", "template", "spec", "volumes")
			secret := ""
			for _, v := range volumes {
				if s, ok := v.(map[string]any)["secret"].(map[string]any); ok {
					secret, _ = s["secretName"].(string)
				}
			}
			needs := map[string]bool{"ServiceAccount": false, "NetworkPolicy": false, "ExternalSecret": secret == ""}
			for _, o := range all {
				before, w := hookOf(o)
				if before != events || w >= weight {
					continue
				}
				switch o.GetKind() {
				case "ServiceAccount":
					needs["ServiceAccount"] = needs["ServiceAccount"] || o.GetName() == account
				case "NetworkPolicy":
					selected, _, _ := unstructured.NestedStringMap(o.Object, "spec", "podSelector", "matchLabels")
					needs["NetworkPolicy"] = needs["NetworkPolicy"] || selects(selected, labels)
				case "ExternalSecret":
					target, _, _ := unstructured.NestedString(o.Object, "spec", "target", "name")
					needs["ExternalSecret"] = needs["ExternalSecret"] || target == secret
				}
			}
			for kind, met := range needs {
				if !met {
					t.Errorf("%s %s: no %s comes before the migration", chart, e, kind)
				}
			}
		}
	}
}

func selects(selector, labels map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return len(selector) > 0
}

func jobOf(t *testing.T, all []*unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	var found *unstructured.Unstructured
	for _, o := range all {
		if o.GetKind() == "Job" && found == nil {
			found = o
		}
	}
	if found == nil {
		t.Fatal("there is no Job")
	}
	return found
}

func TestAMigrationCanDoWithoutHooks(t *testing.T) {
	for chart := range deliveries {
		r := request(t, chart, "staging")
		r.Values = append(r.Values, map[string]any{"migrations": map[string]any{"mode": "job"}})
		for _, o := range objects(t, render.Helm3, r) {
			if events, _ := hookOf(o); events != "" && events != "test" {
				t.Errorf("%s: %s %s is a hook of %s", chart, o.GetKind(), o.GetName(), events)
			}
			if o.GetKind() == "Job" && !strings.HasSuffix(o.GetName(), "-1") {
				t.Errorf("%s: the Job %s would be the same object in the next revision, and a Job cannot be changed", chart, o.GetName())
			}
		}
		argoHasItsNeedsFirst(t, chart, objects(t, render.Helm3, r))
		r.Values = append(r.Values, map[string]any{"migrations": map[string]any{"mode": "external"}})
		for _, o := range objects(t, render.Helm3, r) {
			if o.GetKind() == "Job" || strings.Contains(o.GetName(), "migrate") {
				t.Errorf("%s: %s %s is there though somebody else migrates", chart, o.GetKind(), o.GetName())
			}
		}
	}
}

// Argo CD knows waves and not kinds: what the Job stands on comes in an earlier one, or the Job waits for ever for its account. It renders
// each revision as the first, so the Job of the next release has the name of the last.
func argoHasItsNeedsFirst(t *testing.T, chart string, all []*unstructured.Unstructured) {
	t.Helper()
	wave := func(o *unstructured.Unstructured) int {
		n, _ := strconv.Atoi(o.GetAnnotations()["argocd.argoproj.io/sync-wave"])
		return n
	}
	job, needs := jobOf(t, all), 0
	account, _, _ := unstructured.NestedString(job.Object, "spec", "template", "spec", "serviceAccountName")
	for _, o := range all {
		if o.GetKind() == "Job" || (o.GetName() != account && o.GetName() != account+"-files") {
			continue
		}
		needs++
		if wave(o) >= wave(job) {
			t.Errorf("%s: %s %s comes in the wave %d and the Job that needs it in %d", chart, o.GetKind(), o.GetName(), wave(o), wave(job))
		}
	}
	if needs != 3 || !strings.Contains(job.GetAnnotations()["argocd.argoproj.io/sync-options"], "Replace=true") {
		t.Errorf("%s: the Job needs %d objects and has the annotations %v", chart, needs, job.GetAnnotations())
	}
}

// The window in Chart.yaml is what an operator reads before a rollback; the binary decides by its newest migration.
func TestTheChartOfTelehealthStatesItsWindow(t *testing.T) {
	files, err := filepath.Glob("../../../../services/carefusion/internal/store/migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d migrations: %v", len(files), err)
	}
	number, _, _ := strings.Cut(filepath.Base(slices.Max(files)), "_")
	newest, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	meta, err := render.ReadValues(filepath.Join(charts, "carefusion", "Chart.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	annotations, _ := meta["annotations"].(map[string]any)
	if lowest, highest := strconv.Itoa(newest), strconv.Itoa(newest/100*100+99); annotations["carefusion.com/schema-min"] != lowest || annotations["carefusion.com/schema-max"] != highest {
		t.Errorf("%v, want %s to %s", annotations, lowest, highest)
	}
}
