//go:build controlplane

package delivery_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// set writes a value at a path, making what is missing on the way.
func set(m map[string]any, value any, path ...string) {
	for _, key := range path[:len(path)-1] {
		next, ok := m[key].(map[string]any)
		if !ok {
			next = map[string]any{}
			m[key] = next
		}
		m = next
	}
	m[path[len(path)-1]] = value
}

// template of the pods that a workload makes, to be edited.
func template(t *testing.T, o *unstructured.Unstructured) map[string]any {
	t.Helper()
	if o.GetKind() == "Pod" {
		return o.Object
	}
	spec, ok := o.Object["spec"].(map[string]any)
	if !ok {
		t.Fatalf("%s %s has no spec", o.GetKind(), o.GetName())
	}
	if o.GetKind() == "CronJob" {
		spec = spec["jobTemplate"].(map[string]any)["spec"].(map[string]any)
	}
	out, ok := spec["template"].(map[string]any)
	if !ok {
		t.Fatalf("%s %s has no template of pods", o.GetKind(), o.GetName())
	}
	return out
}

// container edits the first container of a workload.
func container(t *testing.T, o *unstructured.Unstructured, edit func(map[string]any)) {
	t.Helper()
	spec := template(t, o)["spec"].(map[string]any)
	edit(spec["containers"].([]any)[0].(map[string]any))
}

// annotate sets an annotation of the pods that a workload makes.
func annotate(t *testing.T, o *unstructured.Unstructured, key, value string) {
	t.Helper()
	set(template(t, o), value, "metadata", "annotations", key)
}
