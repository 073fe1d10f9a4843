//go:build controlplane

package delivery_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
	"github.com/fusionems/quantum/deploy/tools/controlplane"
	"github.com/fusionems/quantum/deploy/tools/controlplane/delivery"
)

// Each step starts from what the one before left, as an operator's day does; so the first that fails is the last.
func TestTheLifeOfARelease(t *testing.T) {
	c := start(t, controlplane.Parts{Controllers: true, Nodes: true})
	for _, chart := range c.once {
		if err := c.helm.Install(t.Context(), chart, values(t, chart)); err != nil {
			t.Fatalf("%s: %v", chart.Name, err)
		}
	}
	steps := []struct {
		name string
		run  func(*testing.T, delivery.Chart)
	}{
		{"install", c.installs},
		{"upgrade", c.upgrades},
		{"an upgrade that never becomes ready", c.takesBackWhatIsNeverReady},
		{"an upgrade whose migrations cannot run", c.servesOnWithoutMigrations},
		{"rollback", c.rollsBack},
	}
	for _, chart := range c.deliveries {
		for _, step := range steps {
			began := time.Now()
			if !t.Run(chart.Name+"/"+step.name, func(t *testing.T) {
				defer c.explain(t, chart.Namespace)
				step.run(t, chart)
			}) {
				t.FailNow()
			}
			t.Logf("%s: %s in %s", chart.Name, step.name, time.Since(began).Round(time.Millisecond))
		}
	}
	if !t.Run("drain", c.drains) {
		t.FailNow()
	}
	t.Run("uninstall", c.uninstalls)
}

func values(t *testing.T, chart delivery.Chart) map[string]any {
	t.Helper()
	v, err := chart.Values("prod")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (c *cluster) installs(t *testing.T, chart delivery.Chart) {
	if err := c.helm.Install(t.Context(), chart, values(t, chart)); err != nil {
		t.Fatal(err)
	}
	c.is(t, chart, 1)
	c.migrated(t, chart, 1)
	c.everythingIsReady(t, chart)
	zones := map[string]bool{}
	for _, pod := range c.podsOf(t, chart.Namespace) {
		zones[pod.Spec.NodeName] = true
	}
	if len(zones) < 2 {
		t.Errorf("the pods are on %d nodes", len(zones))
	}
}

func (c *cluster) upgrades(t *testing.T, chart delivery.Chart) {
	watch := c.watchReady(t, chart)
	if err := c.helm.Upgrade(t.Context(), chart, with(t, chart, settingOf(t, chart).path, settingOf(t, chart).next)); err != nil {
		t.Fatal(err)
	}
	watch.neverBelow(t)
	c.is(t, chart, 2)
	c.migrated(t, chart, 2)
	c.everythingIsReady(t, chart)
	c.runsWith(t, chart, settingOf(t, chart).next)
}

// failing is how long Helm waits for what does not come; the pods of before serve meanwhile.
const failing = 20 * time.Second

func (c *cluster) takesBackWhatIsNeverReady(t *testing.T, chart delivery.Chart) {
	watch := c.watchReady(t, chart)
	tooBig := map[string]any{"requests": map[string]any{"memory": "100Ti"}, "limits": map[string]any{"memory": "100Ti"}}
	err := c.helm.Within(failing).Upgrade(t.Context(), chart, with(t, chart, resourcesOf(t, chart), tooBig))
	if err == nil {
		t.Fatal("an upgrade whose pods fit on no node succeeded")
	}
	t.Logf("Helm: %v", err)
	watch.neverBelow(t)
	c.is(t, chart, 4)
	c.everythingIsReady(t, chart)
	c.runsWith(t, chart, settingOf(t, chart).next)
}

func (c *cluster) servesOnWithoutMigrations(t *testing.T, chart delivery.Chart) {
	watch := c.watchReady(t, chart)
	full := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "full"}, Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{
		corev1.ResourcePods: resource.MustParse(fmt.Sprint(len(c.podsOf(t, chart.Namespace))))}}}
	quotas := c.CoreV1().ResourceQuotas(chart.Namespace)
	if _, err := quotas.Create(t.Context(), full, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error {
		q, err := quotas.Get(t.Context(), full.Name, metav1.GetOptions{})
		if err == nil && len(q.Status.Used) == 0 {
			err = fmt.Errorf("the quota is not counted yet")
		}
		return err
	})
	err := c.helm.Within(failing).Upgrade(t.Context(), chart, with(t, chart, settingOf(t, chart).path, settingOf(t, chart).never))
	if err == nil {
		t.Fatal("an upgrade whose migrations got no pod succeeded")
	}
	t.Logf("Helm: %v", err)
	if err := quotas.Delete(t.Context(), full.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	c.runsWith(t, chart, settingOf(t, chart).next)
	// A rollback looks at the schema first, by a Job that found no room either; so Helm's own was stuck, and the operator's is not.
	if err := c.helm.Rollback(chart, 4); err != nil {
		t.Fatal(err)
	}
	watch.neverBelow(t)
	c.is(t, chart, 7)
	c.everythingIsReady(t, chart)
	c.runsWith(t, chart, settingOf(t, chart).next)
}

func (c *cluster) rollsBack(t *testing.T, chart delivery.Chart) {
	watch := c.watchReady(t, chart)
	if err := c.helm.Rollback(chart, 1); err != nil {
		t.Fatal(err)
	}
	watch.neverBelow(t)
	c.is(t, chart, 8)
	c.everythingIsReady(t, chart)
	c.runsWith(t, chart, settingOf(t, chart).first)
}

// setting is a value that reaches the pods as a variable: what it is at first, what an upgrade makes of it, and what none may.
type setting struct{ path, variable, first, next, never string }

func settingOf(t *testing.T, chart delivery.Chart) setting {
	t.Helper()
	if len(servicesOf(t, chart)) > 0 {
		return setting{"logLevel", "_LOG_LEVEL", "info", "debug", "warn"}
	}
	return setting{"settings.REMINDER_LEAD", "_REMINDER_LEAD", "", "12h", "6h"}
}

// with lays one value over those for production, beside the setting of the last upgrade that succeeded.
func with(t *testing.T, chart delivery.Chart, path string, value any) map[string]any {
	t.Helper()
	s, layer := settingOf(t, chart), map[string]any{}
	set(layer, s.next, strings.Split(s.path, ".")...)
	set(layer, value, strings.Split(path, ".")...)
	return render.Merge(values(t, chart), layer)
}

// servicesOf a chart that has several, by name.
func servicesOf(t *testing.T, chart delivery.Chart) []string {
	t.Helper()
	services, _ := values(t, chart)["services"].(map[string]any)
	return slices.Sorted(maps.Keys(services))
}

// resourcesOf is where the values keep the resources of one workload of the chart.
func resourcesOf(t *testing.T, chart delivery.Chart) string {
	t.Helper()
	if services := servicesOf(t, chart); len(services) > 0 {
		return "services." + services[0] + ".resources"
	}
	return "resources"
}

// is asks Helm: the newest revision must be this one, and in force.
func (c *cluster) is(t *testing.T, chart delivery.Chart, revision int) {
	t.Helper()
	got, status, err := c.helm.Status(chart)
	if err != nil {
		t.Fatal(err)
	}
	if got != revision || status != "deployed" {
		t.Fatalf("revision %d is %s; want %d deployed", got, status, revision)
	}
}

// migrated counts the Jobs that the controllers have seen complete; the Jobs themselves are gone by now.
func (c *cluster) migrated(t *testing.T, chart delivery.Chart, times int) {
	t.Helper()
	eventually(t, func() error {
		events, err := c.CoreV1().Events(chart.Namespace).List(t.Context(), metav1.ListOptions{FieldSelector: "involvedObject.kind=Job,reason=Completed"})
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, e := range events.Items {
			seen[string(e.InvolvedObject.UID)] = true
		}
		if len(seen) < times {
			return fmt.Errorf("%d migrations have completed, not %d", len(seen), times)
		}
		return nil
	})
	jobs, err := c.BatchV1().Jobs(chart.Namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs.Items {
		if j.Status.Succeeded == 0 {
			t.Errorf("%s has not succeeded", j.Name)
		}
	}
}
