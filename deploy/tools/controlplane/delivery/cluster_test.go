//go:build controlplane

package delivery_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fusionems/quantum/deploy/tools/controlplane"
	"github.com/fusionems/quantum/deploy/tools/controlplane/delivery"
)

const (
	charts   = "../../../../charts"
	binaries = "../../../../.bin"
)

// cluster is a control plane with the operators' custom resources, and the charts that are to be put into it.
type cluster struct {
	*delivery.Client
	helm       *delivery.Helm
	rails      delivery.Guardrails
	once       []delivery.Chart
	deliveries []delivery.Chart
}

func start(t *testing.T, parts controlplane.Parts) *cluster {
	t.Helper()
	began := time.Now()
	folder, err := filepath.Abs(binaries)
	if err != nil {
		t.Fatal(err)
	}
	plane, err := controlplane.Start(t.Context(), folder, parts)
	if err != nil {
		t.Fatalf("make test-charts-server builds what is needed: %v", err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	up := time.Since(began)
	config, err := plane.Config()
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{helm: delivery.NewHelm(plane.Kubeconfig())}
	if c.Client, err = delivery.NewClient(config); err != nil {
		t.Fatal(err)
	}
	if err := c.InstallDefinitions(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("control plane after %s, custom resources after %s", up.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	c.readCharts(t)
	return c
}

func (c *cluster) readCharts(t *testing.T) {
	t.Helper()
	var err error
	if c.rails, err = delivery.ReadGuardrails(charts); err != nil {
		t.Fatal(err)
	}
	all, err := delivery.Charts(charts)
	if err != nil {
		t.Fatal(err)
	}
	for _, chart := range all {
		if chart.Cluster() {
			c.once = append(c.once, chart)
		} else {
			c.deliveries = append(c.deliveries, chart)
		}
	}
	if len(c.once) < 2 || len(c.deliveries) < 3 || len(c.rails.Environments) < 3 {
		t.Fatalf("%d charts of the cluster, %d deliveries, %d environments: some are missing", len(c.once), len(c.deliveries), len(c.rails.Environments))
	}
}

// prepare does what a cluster administrator does once: namespaces and policies. It waits until they are in force: the apiserver takes them to
// heart a moment later, all at once and in the order in which they were written.
func (c *cluster) prepare(t *testing.T, environment string) {
	t.Helper()
	for _, chart := range c.once {
		for _, o := range objects(t, chart, environment) {
			if err := c.Apply(t.Context(), o); err != nil {
				t.Fatalf("%s: %v", chart.Name, err)
			}
		}
	}
	for _, chart := range c.deliveries {
		ns, err := c.CoreV1().Namespaces().Get(t.Context(), chart.Namespace, metav1.GetOptions{})
		if err != nil {
			t.Fatalf("no cluster chart makes the namespace of %s: %v", chart.Name, err)
		}
		if got := ns.Labels["pod-security.kubernetes.io/enforce"]; got != "restricted" {
			t.Fatalf("%s: pods are held to %q", ns.Name, got)
		}
		if got := ns.Labels["pod-security.kubernetes.io/warn"]; got != "restricted" {
			t.Fatalf("%s: a Deployment whose pods will be refused is remarked on for %q; without it no check of ours sees it", ns.Name, got)
		}
		eventually(t, func() error { return c.inForce(t, chart.Namespace, environment) })
	}
}

// inForce asks the last of the policies that know the environment.
func (c *cluster) inForce(t *testing.T, namespace, environment string) error {
	own := owner{GuardDelivery: delivery.GuardDelivery{Namespace: namespace}}
	probe := &unstructured.Unstructured{}
	externalSecret("SecretStore", "nowhere/x/y")(t, probe, own)
	if err := c.Check(t.Context(), probe); err == nil {
		return fmt.Errorf("%s: an external secret of no environment is taken", namespace)
	}
	externalSecret("SecretStore", environment+"/x/y")(t, probe, own)
	return c.Check(t.Context(), probe)
}

func objects(t *testing.T, chart delivery.Chart, environment string) []*unstructured.Unstructured {
	t.Helper()
	out, err := chart.Objects(environment)
	if err != nil {
		t.Fatalf("%s %s: %v", chart.Name, environment, err)
	}
	if len(out) == 0 {
		t.Fatalf("%s %s: nothing is rendered", chart.Name, environment)
	}
	return out
}

// first object of a kind that a chart renders; none is a mistake of the test.
func first(t *testing.T, objects []*unstructured.Unstructured, kind string) *unstructured.Unstructured {
	t.Helper()
	for _, o := range objects {
		if o.GetKind() == kind {
			return o.DeepCopy()
		}
	}
	t.Fatalf("no %s is rendered", kind)
	return nil
}

// pods are the pods that a chart's workloads would make, hooks and tests among them, by the name of their maker.
func pods(t *testing.T, objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	t.Helper()
	paths := map[string][]string{
		"Pod": nil, "Deployment": {"spec", "template"}, "StatefulSet": {"spec", "template"}, "DaemonSet": {"spec", "template"},
		"Job": {"spec", "template"}, "CronJob": {"spec", "jobTemplate", "spec", "template"},
	}
	var out []*unstructured.Unstructured
	for _, o := range objects {
		path, makesPods := paths[o.GetKind()]
		if !makesPods {
			continue
		}
		template := o.DeepCopy().Object
		if path != nil {
			var found bool
			var err error
			if template, found, err = unstructured.NestedMap(o.Object, path...); err != nil || !found {
				t.Fatalf("%s %s has no template of pods (%v)", o.GetKind(), o.GetName(), err)
			}
		}
		pod := &unstructured.Unstructured{Object: template}
		pod.SetAPIVersion("v1")
		pod.SetKind("Pod")
		pod.SetNamespace(o.GetNamespace())
		pod.SetName(strings.ToLower(o.GetKind()) + "-" + o.GetName())
		out = append(out, pod)
	}
	return out
}

// eventually waits for what must come to be.
func eventually(t *testing.T, ask func() error) {
	t.Helper()
	if err := delivery.Until(t.Context(), func(context.Context) error { return ask() }); err != nil {
		t.Fatal(err)
	}
}
