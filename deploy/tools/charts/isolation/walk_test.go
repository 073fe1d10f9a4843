package isolation_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type objects []*unstructured.Unstructured

func (o objects) find(t *testing.T, kind, name string) map[string]any {
	t.Helper()
	for _, u := range o {
		if u.GetKind() == kind && u.GetName() == name {
			return u.Object
		}
	}
	t.Fatalf("no %s %s", kind, name)
	return nil
}

// at walks into an object; a number is an index.
func at(t *testing.T, o any, path ...any) map[string]any {
	t.Helper()
	for _, key := range path {
		switch k := key.(type) {
		case string:
			m, _ := o.(map[string]any)
			o = m[k]
		case int:
			list, _ := o.([]any)
			if k >= len(list) {
				t.Fatalf("nothing at %v", path)
			}
			o = list[k]
		}
	}
	m, ok := o.(map[string]any)
	if !ok {
		t.Fatalf("no object at %v", path)
	}
	return m
}
