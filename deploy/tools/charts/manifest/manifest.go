// Package manifest reads Kubernetes objects from YAML.
package manifest

import (
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// Decode reads every object. One without a namespace is put where Helm would put it.
func Decode(r io.Reader, namespace string) ([]*unstructured.Unstructured, error) {
	var out []*unstructured.Unstructured
	for docs := yaml.NewYAMLOrJSONDecoder(r, 4096); ; {
		var content map[string]any
		err := docs.Decode(&content)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("manifest: document %d: %w", len(out)+1, err)
		}
		if len(content) == 0 {
			continue
		}
		u := &unstructured.Unstructured{Object: content}
		if u.GetKind() == "" || u.GetName() == "" {
			return nil, fmt.Errorf("manifest: document %d has no kind or no name", len(out)+1)
		}
		if u.GetNamespace() == "" {
			u.SetNamespace(namespace)
		}
		out = append(out, u)
	}
}
