//go:build controlplane

package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fusionems/quantum/deploy/tools/controlplane/delivery"
)

// drains empties one node as kubectl drain does, and shows first that a budget refuses what would take a service down.
func (c *cluster) drains(t *testing.T) {
	nodes := c.nodes(t)
	c.cordon(t, true, nodes...)
	for _, chart := range c.deliveries {
		c.refusesTheSecond(t, chart)
	}
	c.cordon(t, false, nodes...)
	var watches []*readiness
	for _, chart := range c.deliveries {
		c.everythingIsReady(t, chart)
		watches = append(watches, c.watchReady(t, chart))
	}
	c.cordon(t, true, nodes[0])
	evicted := 0
	for _, chart := range c.deliveries {
		for _, pod := range c.podsOf(t, chart.Namespace) {
			if pod.Spec.NodeName == nodes[0] {
				evicted++
				eventually(t, func() error { return c.evict(t.Context(), pod) })
			}
		}
	}
	for i, chart := range c.deliveries {
		c.everythingIsReady(t, chart)
		watches[i].lost(t, 1)
		for _, pod := range c.podsOf(t, chart.Namespace) {
			if pod.Spec.NodeName == nodes[0] {
				t.Errorf("%s/%s is still on %s", pod.Namespace, pod.Name, nodes[0])
			}
		}
	}
	if evicted == 0 {
		t.Error("there was no pod to evict")
	}
	t.Logf("%d pods evicted", evicted)
	c.cordon(t, false, nodes[0])
}

// refusesTheSecond evicts two pods of one service while no node takes a new one.
func (c *cluster) refusesTheSecond(t *testing.T, chart delivery.Chart) {
	t.Helper()
	budgets, err := c.PolicyV1().PodDisruptionBudgets(chart.Namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(budgets.Items) == 0 {
		t.Fatalf("%s has no disruption budget", chart.Name)
	}
	for _, budget := range budgets.Items {
		selector, err := metav1.LabelSelectorAsSelector(budget.Spec.Selector)
		if err != nil {
			t.Fatal(err)
		}
		list, err := c.CoreV1().Pods(chart.Namespace).List(t.Context(), metav1.ListOptions{LabelSelector: selector.String()})
		if err != nil {
			t.Fatal(err)
		}
		if len(list.Items) < 2 {
			t.Fatalf("%s protects %d pods", budget.Name, len(list.Items))
		}
		eventually(t, func() error { return c.evict(t.Context(), list.Items[0]) })
		if err := c.evict(t.Context(), list.Items[1]); !apierrors.IsTooManyRequests(err) {
			t.Errorf("%s: a second pod may go while the first is away: %v", budget.Name, err)
		}
	}
}

func (c *cluster) evict(ctx context.Context, pod corev1.Pod) error {
	err := c.PolicyV1().Evictions(pod.Namespace).Evict(ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace}})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

func (c *cluster) nodes(t *testing.T) []string {
	t.Helper()
	list, err := c.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) == 0 {
		t.Fatalf("%d nodes: %v", len(list.Items), err)
	}
	var out []string
	for _, n := range list.Items {
		out = append(out, n.Name)
	}
	return out
}

func (c *cluster) cordon(t *testing.T, closed bool, nodes ...string) {
	t.Helper()
	for _, node := range nodes {
		patch := fmt.Sprintf(`{"spec":{"unschedulable":%t}}`, closed)
		if _, err := c.CoreV1().Nodes().Patch(t.Context(), node, types.MergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

// uninstalls each delivery while the others go on, and looks at what is left.
func (c *cluster) uninstalls(t *testing.T) {
	for i, chart := range c.deliveries {
		var watches []*readiness
		others := slices.Concat(c.deliveries[:i], c.deliveries[i+1:])
		for _, other := range others {
			watches = append(watches, c.watchReady(t, other))
		}
		if err := c.helm.Uninstall(chart); err != nil {
			t.Fatalf("%s: %v", chart.Name, err)
		}
		eventually(t, func() error {
			if left := c.left(t, chart.Namespace); len(left) > 0 {
				return fmt.Errorf("%s left behind: %s", chart.Name, strings.Join(left, ", "))
			}
			return nil
		})
		for j, other := range others {
			watches[j].neverBelow(t)
			c.everythingIsReady(t, other)
		}
		if err := c.helm.Install(t.Context(), chart, values(t, chart)); err != nil {
			t.Fatalf("%s again: %v", chart.Name, err)
		}
		c.everythingIsReady(t, chart)
	}
}

// stays says what is meant to be in a namespace without a release: what the cluster itself puts into each.
func stays(kind, name string) bool {
	switch kind {
	case "Event":
		return true
	case "ConfigMap":
		return name == "kube-root-ca.crt"
	case "ServiceAccount":
		return name == "default"
	}
	return false
}

// left lists every object of every kind in a namespace but what is meant to stay.
func (c *cluster) left(t *testing.T, namespace string) []string {
	t.Helper()
	lists, err := c.Discovery().ServerPreferredNamespacedResources()
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	var out []string
	for _, list := range lists {
		group, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list.APIResources {
			if !slices.Contains(r.Verbs, "list") {
				continue
			}
			found, err := c.Dynamic.Resource(group.WithResource(r.Name)).Namespace(namespace).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			looked++
			for _, o := range found.Items {
				if m, err := meta.Accessor(&o); err != nil || !stays(r.Kind, m.GetName()) {
					out = append(out, r.Kind+" "+o.GetName())
				}
			}
		}
	}
	if looked < 20 {
		t.Fatalf("only %d kinds were looked at", looked)
	}
	return out
}
