package isolation_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fusionems/quantum/deploy/tools/charts/isolation"
	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

var update = flag.Bool("update", false, "write testdata/edges.txt anew")

const charts = "../../../../charts"

func delivery(t *testing.T, name, chart, namespace string) isolation.Delivery {
	t.Helper()
	values, err := render.ReadValues(filepath.Join(charts, chart, "ci", "prod-values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	objects, err := render.Objects(render.Helm3, render.Request{Chart: filepath.Join(charts, chart), Namespace: namespace, Values: []map[string]any{values}})
	if err != nil {
		t.Fatal(err)
	}
	return isolation.Delivery{Name: name, Namespace: namespace, Objects: objects}
}

// question is the whole installation of the production example.
func question(t *testing.T) isolation.Question {
	t.Helper()
	return isolation.Question{
		Deliveries: []isolation.Delivery{delivery(t, "fusionems", "fusionems", "fusionems"), delivery(t, "billing", "fusionems-billing", "billing")},
		Outside: []isolation.Outside{
			{Name: "dns", Namespace: "kube-system", Labels: map[string]string{"k8s-app": "kube-dns"}, Port: 53},
			{Name: "prometheus", Namespace: "monitoring", Labels: map[string]string{"app.kubernetes.io/name": "prometheus"}, Port: 9090},
			{Name: "balancer", IP: "203.0.113.9", Port: 443},
			{Name: "postgres", IP: "10.20.0.4", Port: 5432},
			{Name: "postgres-billing", IP: "10.21.0.4", Port: 5432},
			{Name: "nats", IP: "10.20.1.4", Port: 4222},
			{Name: "vault", IP: "10.20.5.4", Port: 8200},
			{Name: "stranger", Namespace: "default", Labels: map[string]string{"app.kubernetes.io/name": "gateway"}, Port: 8443},
		},
		Crossings: []string{"fusionems/gateway -> billing/billing 8443/TCP", "billing/billing -> fusionems/audit 8443/TCP"},
		// The two trust each other with messages and traces, and the same operator keeps their vaults on one server.
		Permitted: map[string][]string{"fusionems+billing": {
			"network outside: 10.20.1.0/28", "network outside: 10.20.4.0/28", "network outside: 10.20.5.0/28", "service account: migrate",
		}},
		Needs: []string{
			"fusionems/gateway -> dns 53/UDP", "fusionems/migrate -> dns 53/UDP", "billing/migrate -> dns 53/UDP",
			"fusionems/migrate -> postgres 5432/TCP", "billing/migrate -> postgres-billing 5432/TCP", "fusionems/migrate -> vault 8200/TCP",
			"fusionems/qa -> fusionems/clinical 8443/TCP", "fusionems/qa -> nats 4222/TCP", "billing/billing -> postgres-billing 5432/TCP",
			"balancer -> fusionems/gateway 8443/TCP", "prometheus -> fusionems/audit 9443/TCP",
		},
		OpenToUsers: "gateway",
	}
}

func TestTheFleetIsIsolated(t *testing.T) {
	proof, err := isolation.Prove(question(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range proof.Findings {
		t.Error(f)
	}
	if proof.Questions < 2000 {
		t.Errorf("only %d questions were asked", proof.Questions)
	}
	got := strings.Join(proof.Edges, "\n") + "\n"
	golden := filepath.Join("testdata", "edges.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(want) != got {
		t.Errorf("the allowed connections are not those of %s; look at each that is new, and run with -update (%v)\n%s", golden, err, difference(string(want), got))
	}
	t.Logf("%d questions, %d allowed connections", proof.Questions, len(proof.Edges))
}

func difference(want, got string) string {
	var out []string
	for _, line := range strings.Split(got, "\n") {
		if !strings.Contains(want, line+"\n") {
			out = append(out, "+ "+line)
		}
	}
	for _, line := range strings.Split(want, "\n") {
		if !strings.Contains(got, line+"\n") {
			out = append(out, "- "+line)
		}
	}
	return strings.Join(out, "\n")
}

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

// faults are what somebody could do to the manifests, and the rule that must notice.
var faults = []struct {
	name, rule string
	seed       func(t *testing.T, fleet, billing objects)
}{
	{"a policy for everybody", "default deny", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "NetworkPolicy", "qa"), "spec")["ingress"] = []any{map[string]any{}}
	}},
	{"egress to everywhere", "default deny", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "NetworkPolicy", "qa"), "spec")["egress"] = []any{map[string]any{}}
	}},
	{"the whole internet as a network", "default deny", func(t *testing.T, fleet, _ objects) {
		spec := at(t, fleet.find(t, "NetworkPolicy", "audit"), "spec")
		spec["egress"] = append(spec["egress"].([]any), map[string]any{"to": []any{map[string]any{"ipBlock": map[string]any{"cidr": "0.0.0.0/0"}}}})
	}},
	{"no default deny", "default deny", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "NetworkPolicy", "default-deny"), "spec")["podSelector"] = map[string]any{"matchLabels": map[string]any{"none": "none"}}
		at(t, fleet.find(t, "NetworkPolicy", "reporting"), "spec")["podSelector"] = map[string]any{"matchLabels": map[string]any{"none": "none"}}
		at(t, fleet.find(t, "NetworkPolicy", "dns"), "spec")["podSelector"] = map[string]any{"matchLabels": map[string]any{"none": "none"}}
	}},
	{"billing reaches clinical", "crossing", func(t *testing.T, fleet, billing objects) {
		open := map[string]any{"namespaceSelector": map[string]any{}}
		in := at(t, fleet.find(t, "NetworkPolicy", "clinical"), "spec")
		in["ingress"] = append(in["ingress"].([]any), map[string]any{"from": []any{open}, "ports": []any{map[string]any{"port": int64(8443)}}})
		out := at(t, billing.find(t, "NetworkPolicy", "billing"), "spec")
		out["egress"] = append(out["egress"].([]any), map[string]any{"to": []any{open}, "ports": []any{map[string]any{"port": int64(8443)}}})
	}},
	{"DNS refused", "needs", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "NetworkPolicy", "dns"), "spec")["egress"] = []any{}
	}},
	{"the migration has no policy", "needs", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "NetworkPolicy", "migrate"), "spec")["podSelector"] = map[string]any{"matchLabels": map[string]any{"none": "none"}}
	}},
	{"the pod's label is another", "needs", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "Deployment", "clinical"), "spec", "template", "metadata", "labels")["app.kubernetes.io/name"] = "charts"
	}},
	{"the node's network", "not on the node", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "Deployment", "gateway"), "spec", "template", "spec")["hostNetwork"] = true
	}},
	{"a folder of the node", "not on the node", func(t *testing.T, fleet, _ objects) {
		spec := at(t, fleet.find(t, "Deployment", "gateway"), "spec", "template", "spec")
		spec["volumes"] = append(spec["volumes"].([]any), map[string]any{"name": "x", "hostPath": map[string]any{"path": "/"}})
	}},
	{"root may be", "restricted", func(t *testing.T, fleet, _ objects) {
		delete(at(t, fleet.find(t, "Job", "migrate"), "spec", "template", "spec", "securityContext"), "runAsNonRoot")
	}},
	{"a writable root", "container audit", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "Deployment", "audit"), "spec", "template", "spec", "containers", 0, "securityContext")["readOnlyRootFilesystem"] = false
	}},
	{"a plain probe", "container qa", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "Deployment", "qa"), "spec", "template", "spec", "containers", 0, "livenessProbe", "httpGet")["scheme"] = "HTTP"
	}},
	{"a secret as a variable", "container qa", func(t *testing.T, fleet, _ objects) {
		c := at(t, fleet.find(t, "Deployment", "qa"), "spec", "template", "spec", "containers", 0)
		c["env"] = append(c["env"].([]any), map[string]any{"name": "FLEET_KEK", "value": "c2VjcmV0"})
	}},
	{"a secret by reference", "container qa", func(t *testing.T, fleet, _ objects) {
		c := at(t, fleet.find(t, "Deployment", "qa"), "spec", "template", "spec", "containers", 0)
		c["env"] = append(c["env"].([]any), map[string]any{"name": "X", "valueFrom": map[string]any{"secretKeyRef": map[string]any{"name": "s", "key": "k"}}})
	}},
	{"all of a Secret", "container qa", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "Deployment", "qa"), "spec", "template", "spec", "containers", 0)["envFrom"] = []any{map[string]any{"secretRef": map[string]any{"name": "s"}}}
	}},
	{"a token of the apiserver", "no token of the apiserver", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "Deployment", "qa"), "spec", "template", "spec")["automountServiceAccountToken"] = true
	}},
	{"the default account", "own account", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "Deployment", "qa"), "spec", "template", "spec")["serviceAccountName"] = "default"
	}},
	{"a load balancer inside", "private network", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "Service", "clinical"), "spec")["type"] = "LoadBalancer"
	}},
	{"a name of elsewhere", "private network", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "Service", "clinical"), "spec")["type"] = "ExternalName"
	}},
	{"an issuer of the cluster", "own issuer", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "Certificate", "qa"), "spec", "issuerRef")["kind"] = "ClusterIssuer"
	}},
	{"another namespace", "own namespace", func(t *testing.T, fleet, _ objects) {
		at(t, fleet.find(t, "ServiceAccount", "qa"), "metadata")["namespace"] = "billing"
	}},
	{"an object of the cluster", "namespaced objects only", func(t *testing.T, fleet, _ objects) {
		fleet.find(t, "ServiceAccount", "qa")["kind"] = "ClusterRole"
	}},
	{"a Secret in the manifest", "no secret in a manifest", func(t *testing.T, fleet, _ objects) {
		fleet.find(t, "ServiceAccount", "qa")["kind"] = "Secret"
	}},
	{"the vault of another", "nothing shared", func(t *testing.T, _, billing objects) {
		at(t, billing.find(t, "Deployment", "billing"), "spec", "template", "metadata", "annotations")["vault.hashicorp.com/agent-inject-secret-database-url"] = "fusionems-vault/data/prod/qa/database-url"
	}},
	{"the trust domain of another", "nothing shared", func(t *testing.T, _, billing objects) {
		at(t, billing.find(t, "Certificate", "billing"), "spec")["uris"] = []any{"spiffe://fusionems.local/billing"}
	}},
	{"the database of another", "nothing shared", func(t *testing.T, _, billing objects) {
		spec := at(t, billing.find(t, "NetworkPolicy", "billing"), "spec")
		spec["egress"] = append(spec["egress"].([]any), map[string]any{"to": []any{map[string]any{"ipBlock": map[string]any{"cidr": "10.20.0.0/28"}}}, "ports": []any{map[string]any{"port": int64(5432)}}})
	}},
	{"a network that holds the database of another", "nothing shared", func(t *testing.T, _, billing objects) {
		spec := at(t, billing.find(t, "NetworkPolicy", "billing"), "spec")
		spec["egress"] = append(spec["egress"].([]any), map[string]any{"to": []any{map[string]any{"ipBlock": map[string]any{"cidr": "10.20.0.0/27"}}}, "ports": []any{map[string]any{"port": int64(5432)}}})
	}},
	{"the image of another", "nothing shared", func(t *testing.T, _, billing objects) {
		at(t, billing.find(t, "Deployment", "billing"), "spec", "template", "spec", "containers", 0)["image"] = "registry.example.org/ems/fusionems/qa:x"
	}},
	{"no memory limit", "container reporting", func(t *testing.T, fleet, _ objects) {
		delete(at(t, fleet.find(t, "Deployment", "reporting"), "spec", "template", "spec", "containers", 0, "resources"), "limits")
	}},
}

func TestEachSeededFaultIsFound(t *testing.T) {
	if len(faults) < 20 {
		t.Fatalf("%d faults", len(faults))
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			q := question(t)
			f.seed(t, q.Deliveries[0].Objects, q.Deliveries[1].Objects)
			proof, err := isolation.Prove(q)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range proof.Findings {
				if found.Rule == f.rule {
					return
				}
			}
			t.Fatalf("nobody noticed; found %v", proof.Findings)
		})
	}
}
