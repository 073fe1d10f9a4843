package render_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

// The apiserver's own code judges every pod: of workloads, of hooks, of tests.
func TestEveryPodIsOfTheRestrictedProfile(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	judge := func(o *unstructured.Unstructured) (bool, []policy.CheckResult) {
		content := o.Object
		if o.GetKind() != "Pod" {
			nested, found, err := unstructured.NestedMap(o.Object, "spec", "template")
			if err != nil || !found {
				return false, nil
			}
			content = nested
		}
		var template corev1.PodTemplateSpec
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(content, &template); err != nil {
			t.Fatal(err)
		}
		return true, evaluator.EvaluatePod(restricted, &metav1.ObjectMeta{Annotations: template.Annotations, Labels: template.Labels}, &template.Spec)
	}
	for chart := range deliveries {
		for _, e := range environments {
			pods := 0
			for _, o := range objects(t, render.Helm3, request(t, chart, e)) {
				if kind := o.GetKind(); kind != "Deployment" && kind != "Job" && kind != "Pod" {
					continue
				}
				is, results := judge(o)
				if !is {
					t.Errorf("%s %s has no pod", o.GetKind(), o.GetName())
				}
				pods++
				if verdict := policy.AggregateCheckResults(results); !verdict.Allowed {
					t.Errorf("%s %s: %s %s: %s", chart, e, o.GetKind(), o.GetName(), verdict.ForbiddenDetail())
				}
			}
			if pods < 3 {
				t.Errorf("%s %s: only %d pods", chart, e, pods)
			}
		}
	}
	root := &unstructured.Unstructured{Object: map[string]any{"kind": "Pod", "spec": map[string]any{"containers": []any{map[string]any{"name": "x", "image": "x"}}}}}
	if _, results := judge(root); policy.AggregateCheckResults(results).Allowed {
		t.Error("a pod that says nothing of its security is let through: nothing was judged")
	}
}
