package render_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

// Who of another trust domain each service is told of: the two ends of each permitted crossing, and billing of the NATS servers.
var foreign = map[string]string{
	"audit": "spiffe://billing.fusionems.local/billing=/trust/billing.fusionems.local.crt",
	"billing": "spiffe://fusionems.local/audit=/trust/fusionems.local.crt,spiffe://fusionems.local/gateway=/trust/fusionems.local.crt," +
		"spiffe://fusionems.local/nats=/trust/fusionems.local.crt",
	"gateway": "spiffe://billing.fusionems.local/billing=/trust/billing.fusionems.local.crt",
}

func TestServicesAreToldOfTheOtherEndOfTheirCrossings(t *testing.T) {
	seen := 0
	for _, chart := range []string{"fusionems", "fusionems-billing"} {
		for _, o := range objects(t, render.Helm3, request(t, chart, "prod")) {
			if o.GetKind() != "Deployment" {
				continue
			}
			seen++
			name, env, mounted := o.GetName(), environmentOf(t, o), trustOf(t, o)
			if env["FLEET_TLS_FEDERATED"] != foreign[name] {
				t.Errorf("%s is told of %q, not of %q", name, env["FLEET_TLS_FEDERATED"], foreign[name])
			}
			if want := map[bool]string{true: "billing.fusionems.local", false: "fusionems.local"}[name == "billing"]; env["FLEET_TRUST_DOMAIN"] != want {
				t.Errorf("%s lives in %q, not in %s", name, env["FLEET_TRUST_DOMAIN"], want)
			}
			for _, entry := range strings.Split(env["FLEET_TLS_FEDERATED"]+",=/trust/ca.crt", ",") {
				if _, file, ok := strings.Cut(entry, "="); ok && !mounted[file] {
					t.Errorf("%s: %s is not mounted", name, file)
				}
			}
			if len(mounted) > 3 {
				t.Errorf("%s gets more of the trust bundle than it reads: %v", name, mounted)
			}
		}
	}
	if seen != 8 {
		t.Errorf("%d services were looked at", seen)
	}
}

func environmentOf(t *testing.T, o *unstructured.Unstructured) map[string]string {
	t.Helper()
	containers, _, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
	if err != nil || len(containers) != 1 {
		t.Fatalf("%s: %d containers, %v", o.GetName(), len(containers), err)
	}
	out := map[string]string{}
	list, _ := containers[0].(map[string]any)["env"].([]any)
	for _, e := range list {
		v, _ := e.(map[string]any)
		out[v["name"].(string)], _ = v["value"].(string)
	}
	return out
}

// trustOf is the set of files that the trust bundle becomes in a pod.
func trustOf(t *testing.T, o *unstructured.Unstructured) map[string]bool {
	t.Helper()
	volumes, _, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "volumes")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, v := range volumes {
		items, _, _ := unstructured.NestedSlice(v.(map[string]any), "configMap", "items")
		for _, i := range items {
			path, _ := i.(map[string]any)["path"].(string)
			out["/trust/"+path] = true
		}
	}
	return out
}
