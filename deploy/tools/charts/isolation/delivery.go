package isolation

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// Delivery is what one release renders to.
type Delivery struct {
	// Name in the guardrails, and Namespace of the release.
	Name, Namespace string
	Objects         []*unstructured.Unstructured
}

// Finding is one thing that is not as it must be.
type Finding struct {
	Rule, Object, Detail string
}

func (f Finding) String() string { return f.Rule + ": " + f.Object + ": " + f.Detail }

// pod is what a template makes, whoever makes it.
type pod struct {
	delivery, namespace, name string
	labels                    map[string]string
	annotations               map[string]string
	spec                      corev1.PodSpec
}

func (p pod) id() string { return p.namespace + "/" + p.name }

// templatePath is where each kind keeps its pod template.
var templatePath = map[string][]string{
	"Pod":         {},
	"Deployment":  {"spec", "template"},
	"StatefulSet": {"spec", "template"},
	"DaemonSet":   {"spec", "template"},
	"ReplicaSet":  {"spec", "template"},
	"Job":         {"spec", "template"},
	"CronJob":     {"spec", "jobTemplate", "spec", "template"},
}

// pods are all pods of a delivery: those of hooks and tests as well.
func (d Delivery) pods() ([]pod, error) {
	var out []pod
	for _, o := range d.Objects {
		path, ok := templatePath[o.GetKind()]
		if !ok {
			continue
		}
		content := o.Object
		if len(path) > 0 {
			nested, found, err := unstructured.NestedMap(o.Object, path...)
			if err != nil || !found {
				return nil, err
			}
			content = nested
		}
		var template corev1.PodTemplateSpec
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(content, &template); err != nil {
			return nil, err
		}
		out = append(out, pod{d.Name, o.GetNamespace(), o.GetName(), template.Labels, template.Annotations, template.Spec})
	}
	slices.SortFunc(out, func(a, b pod) int { return cmp.Compare(a.id(), b.id()) })
	return out, nil
}

func (d Delivery) policies() ([]*networkingv1.NetworkPolicy, error) {
	var out []*networkingv1.NetworkPolicy
	for _, o := range d.Objects {
		if o.GetKind() != "NetworkPolicy" {
			continue
		}
		p := &networkingv1.NetworkPolicy{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, p); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// containers of a pod, the first ones too.
func (p pod) containers() []corev1.Container {
	return slices.Concat(p.spec.InitContainers, p.spec.Containers)
}
