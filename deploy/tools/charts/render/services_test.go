package render_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

// Health and metrics are never for users, and whatever port a load balancer's Service has it opens to all who reach the balancer.
func TestNoLoadBalancerHasAnAdminPort(t *testing.T) {
	for chart := range deliveries {
		balancers, admins := 0, map[string]bool{}
		for _, o := range objects(t, render.Helm3, request(t, chart, "prod")) {
			if o.GetKind() != "Service" {
				continue
			}
			var s corev1.Service
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &s); err != nil {
				t.Fatal(err)
			}
			if s.Spec.Type == corev1.ServiceTypeLoadBalancer {
				balancers++
			}
			for _, port := range s.Spec.Ports {
				if port.Port != 9443 {
					continue
				}
				admins[s.Spec.Selector["app.kubernetes.io/name"]] = true
				if s.Spec.Type == corev1.ServiceTypeLoadBalancer {
					t.Errorf("%s: the load balancer of %s opens %s", chart, s.Name, port.Name)
				}
			}
		}
		// Each is scraped at a Service all the same.
		if want := map[string]int{"fusionems": 7, "fusionems-billing": 1, "carefusion": 1}[chart]; len(admins) != want {
			t.Errorf("%s: the admin ports of %v have a Service", chart, admins)
		}
		if want := map[string]int{"fusionems": 1}[chart]; balancers != want {
			t.Errorf("%s: %d load balancers", chart, balancers)
		}
	}
}
