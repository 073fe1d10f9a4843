//go:build controlplane

package delivery_test

import (
	"errors"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fusionems/quantum/deploy/tools/controlplane"
	"github.com/fusionems/quantum/deploy/tools/controlplane/delivery"
)

func TestTheServerTakesEveryObjectWithoutARemark(t *testing.T) {
	c := start(t, controlplane.Parts{})
	for _, environment := range c.rails.Environments {
		c.prepare(t, environment)
		for _, chart := range c.deliveries {
			t.Run(chart.Name+"/"+environment, func(t *testing.T) {
				all := objects(t, chart, environment)
				c.applyAccounts(t, all)
				for _, o := range all {
					if err := c.Check(t.Context(), o); err != nil {
						t.Error(err)
					}
				}
				t.Logf("%d objects", len(all))
			})
		}
	}
	t.Run("and it would not take everything", func(t *testing.T) { c.refusesMistakes(t) })
}

// refusesMistakes shows that the check above can fail, for each of the ways in which it may.
func (c *cluster) refusesMistakes(t *testing.T) {
	chart := c.deliveries[0]
	all := objects(t, chart, "prod")
	misspelt := first(t, all, "Deployment")
	container(t, misspelt, func(c map[string]any) { set(c, true, "securityContext", "readOnlyRootFileSystem") })
	if err := c.Check(t.Context(), misspelt); err == nil || !strings.Contains(err.Error(), "field not declared in schema") {
		t.Errorf("a misspelt field: %v", err)
	}
	network := first(t, all, "NetworkPolicy")
	network.Object["spec"] = map[string]any{"podSelector": map[string]any{}, "egress": []any{map[string]any{
		"to": []any{map[string]any{"ipBlock": map[string]any{"cidr": "10.0.0.0/33"}}}}}}
	if err := c.Check(t.Context(), network); err == nil || !strings.Contains(err.Error(), "10.0.0.0/33") {
		t.Errorf("a network that is none: %v", err)
	}
	root := first(t, all, "Deployment")
	container(t, root, func(c map[string]any) { set(c, true, "securityContext", "allowPrivilegeEscalation") })
	var remarked *delivery.WarningsError
	if err := c.Check(t.Context(), root); !errors.As(err, &remarked) || !strings.Contains(err.Error(), "would violate PodSecurity") {
		t.Errorf("a Deployment no pod can come of: %v", err)
	}
	certificate := first(t, all, "Certificate")
	set(certificate.Object, "yes", "spec", "isCA")
	if err := c.Check(t.Context(), certificate); err == nil {
		t.Error("a Certificate that cert-manager cannot read was taken: its definition is not looked at")
	}
}

func TestEveryPodIsAdmittedToItsRestrictedNamespace(t *testing.T) {
	c := start(t, controlplane.Parts{})
	for _, environment := range c.rails.Environments {
		c.prepare(t, environment)
		for _, chart := range c.deliveries {
			t.Run(chart.Name+"/"+environment, func(t *testing.T) {
				all := objects(t, chart, environment)
				c.applyAccounts(t, all)
				jobs := 0
				for _, pod := range pods(t, all) {
					if err := c.Check(t.Context(), pod); err != nil {
						t.Error(err)
					}
					if strings.HasPrefix(pod.GetName(), "job-") {
						jobs++
					}
					set(pod.Object, true, "spec", "hostPID")
					if err := c.Check(t.Context(), pod); err == nil || !strings.Contains(err.Error(), "violates PodSecurity") {
						t.Errorf("%s was admitted with the processes of its node in sight: %v", pod.GetName(), err)
					}
				}
				if jobs == 0 {
					t.Error("no Job was among them: the migrations are missing")
				}
			})
		}
	}
}

// applyAccounts: a pod is only admitted for an account that is there.
func (c *cluster) applyAccounts(t *testing.T, all []*unstructured.Unstructured) {
	t.Helper()
	for _, o := range all {
		if o.GetKind() == "ServiceAccount" {
			if err := c.Apply(t.Context(), o); err != nil {
				t.Fatal(err)
			}
		}
	}
}
