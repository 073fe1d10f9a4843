//go:build controlplane

package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/fusionems/quantum/deploy/tools/controlplane/delivery"
)

// readiness remembers the fewest pods of each Deployment that were available at once.
type readiness struct {
	client    kubernetes.Interface
	namespace string
	mu        sync.Mutex
	needed    map[string]int32
	fewest    map[string]int32
	stop      func()
	done      chan struct{}
	err       error
}

// watchReady begins with what is there now; from each change on it counts.
func (c *cluster) watchReady(t *testing.T, chart delivery.Chart) *readiness {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &readiness{client: c.Interface, namespace: chart.Namespace, needed: map[string]int32{}, fewest: map[string]int32{}, stop: cancel, done: make(chan struct{})}
	list, err := c.AppsV1().Deployments(chart.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list.Items {
		r.needed[d.Name], r.fewest[d.Name] = *d.Spec.Replicas, d.Status.AvailableReplicas
	}
	watch, err := c.AppsV1().Deployments(chart.Namespace).Watch(ctx, metav1.ListOptions{ResourceVersion: list.ResourceVersion})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(r.done)
		for event := range watch.ResultChan() {
			if d, ok := event.Object.(*appsv1.Deployment); ok {
				r.mu.Lock()
				r.fewest[d.Name] = min(r.fewest[d.Name], d.Status.AvailableReplicas)
				r.mu.Unlock()
			}
		}
		r.err = ctx.Err()
	}()
	t.Cleanup(cancel)
	return r
}

// neverBelow ends the watch: no Deployment may have had fewer pods available than it is to have, at any moment.
func (r *readiness) neverBelow(t *testing.T) {
	t.Helper()
	r.lost(t, 0)
}

// lost ends the watch: no Deployment may have been short of more pods than that.
func (r *readiness) lost(t *testing.T, most int32) {
	t.Helper()
	select {
	case <-r.done:
		t.Fatal("the watch ended before what it was to see")
	default:
	}
	r.stop()
	<-r.done
	if len(r.needed) == 0 {
		t.Error("there is no Deployment")
	}
	for name, fewest := range r.fewest {
		if needed, before := r.needed[name]; before && fewest < needed-most {
			t.Errorf("%s/%s had only %d of %d pods available for a while", r.namespace, name, fewest, needed)
		}
	}
}

// everythingIsReady waits until every Deployment has all its pods, of its newest template only, and its scaler has its minimum.
func (c *cluster) everythingIsReady(t *testing.T, chart delivery.Chart) {
	t.Helper()
	eventually(t, func() error {
		list, err := c.AppsV1().Deployments(chart.Namespace).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			return err
		}
		if len(list.Items) == 0 {
			return fmt.Errorf("%s has no Deployment", chart.Name)
		}
		minimum, err := c.minimums(t.Context(), chart.Namespace)
		if err != nil {
			return err
		}
		for _, d := range list.Items {
			want := max(*d.Spec.Replicas, minimum[d.Name])
			if s := d.Status; s.ObservedGeneration != d.Generation || s.UpdatedReplicas != want || s.AvailableReplicas != want || s.Replicas != want {
				return fmt.Errorf("%s: %d pods, %d of the newest template, %d available; want %d of each", d.Name, s.Replicas, s.UpdatedReplicas, s.AvailableReplicas, want)
			}
		}
		return nil
	})
}

// minimums of the scalers; a Deployment may not be thrown back below it by an upgrade.
func (c *cluster) minimums(ctx context.Context, namespace string) (map[string]int32, error) {
	list, err := c.AutoscalingV2().HorizontalPodAutoscalers(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	out := map[string]int32{}
	for _, h := range list.Items {
		out[h.Spec.ScaleTargetRef.Name] = *h.Spec.MinReplicas
	}
	return out, nil
}

// runsWith looks at the pods that run, not at what Helm says of them. Without a value no pod may have the variable.
func (c *cluster) runsWith(t *testing.T, chart delivery.Chart, want string) {
	t.Helper()
	running, suffix := c.podsOf(t, chart.Namespace), settingOf(t, chart).variable
	if len(running) == 0 {
		t.Errorf("%s runs no pod", chart.Name)
	}
	for _, pod := range running {
		have := ""
		for _, v := range pod.Spec.Containers[0].Env {
			if strings.HasSuffix(v.Name, suffix) {
				have = v.Value
			}
		}
		if have != want {
			t.Errorf("%s runs with %q in its variable *%s; want %q", pod.Name, have, suffix, want)
		}
	}
}

// podsOf a namespace that live.
func (c *cluster) podsOf(t *testing.T, namespace string) []corev1.Pod {
	t.Helper()
	list, err := c.CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{FieldSelector: "status.phase!=Succeeded,status.phase!=Failed"})
	if err != nil {
		t.Fatal(err)
	}
	var out []corev1.Pod
	for _, p := range list.Items {
		if p.DeletionTimestamp == nil {
			out = append(out, p)
		}
	}
	return out
}

// explain says what stood in the way, when a step failed.
func (c *cluster) explain(t *testing.T, namespace string) {
	t.Helper()
	if !t.Failed() {
		return
	}
	ctx := context.WithoutCancel(t.Context())
	if list, err := c.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{}); err == nil {
		for _, p := range list.Items {
			t.Logf("pod %s on %q is %s", p.Name, p.Spec.NodeName, p.Status.Phase)
		}
	}
	if list, err := c.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{FieldSelector: "type=Warning"}); err == nil {
		for _, e := range list.Items {
			t.Logf("%s %s: %s: %s", e.InvolvedObject.Kind, e.InvolvedObject.Name, e.Reason, e.Message)
		}
	}
}
