package isolation_test

import "testing"

// faults are what somebody could do to the manifests, and the rule that must notice.
type fault struct {
	name, rule string
	seed       func(t *testing.T, fleet, billing, telehealth objects)
}

var faults = []fault{
	{"a policy for everybody", "default deny", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "NetworkPolicy", "qa"), "spec")["ingress"] = []any{map[string]any{}}
	}},
	{"egress to everywhere", "default deny", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "NetworkPolicy", "qa"), "spec")["egress"] = []any{map[string]any{}}
	}},
	{"the whole internet as a network", "default deny", func(t *testing.T, fleet, _, _ objects) {
		spec := at(t, fleet.find(t, "NetworkPolicy", "audit"), "spec")
		spec["egress"] = append(spec["egress"].([]any), map[string]any{"to": []any{map[string]any{"ipBlock": map[string]any{"cidr": "0.0.0.0/0"}}}})
	}},
	{"no default deny", "default deny", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "NetworkPolicy", "default-deny"), "spec")["podSelector"] = map[string]any{"matchLabels": map[string]any{"none": "none"}}
		at(t, fleet.find(t, "NetworkPolicy", "reporting"), "spec")["podSelector"] = map[string]any{"matchLabels": map[string]any{"none": "none"}}
		at(t, fleet.find(t, "NetworkPolicy", "dns"), "spec")["podSelector"] = map[string]any{"matchLabels": map[string]any{"none": "none"}}
	}},
	{"billing reaches clinical", "crossing", func(t *testing.T, fleet, billing, _ objects) {
		open := map[string]any{"namespaceSelector": map[string]any{}}
		in := at(t, fleet.find(t, "NetworkPolicy", "clinical"), "spec")
		in["ingress"] = append(in["ingress"].([]any), map[string]any{"from": []any{open}, "ports": []any{map[string]any{"port": int64(8443)}}})
		out := at(t, billing.find(t, "NetworkPolicy", "billing"), "spec")
		out["egress"] = append(out["egress"].([]any), map[string]any{"to": []any{open}, "ports": []any{map[string]any{"port": int64(8443)}}})
	}},
	{"DNS refused", "needs", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "NetworkPolicy", "dns"), "spec")["egress"] = []any{}
	}},
	{"the migration has no policy", "needs", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "NetworkPolicy", "migrate"), "spec")["podSelector"] = map[string]any{"matchLabels": map[string]any{"none": "none"}}
	}},
	{"the pod's label is another", "needs", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "Deployment", "clinical"), "spec", "template", "metadata", "labels")["app.kubernetes.io/name"] = "charts"
	}},
	{"the node's network", "not on the node", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "Deployment", "gateway"), "spec", "template", "spec")["hostNetwork"] = true
	}},
	{"a folder of the node", "not on the node", func(t *testing.T, fleet, _, _ objects) {
		spec := at(t, fleet.find(t, "Deployment", "gateway"), "spec", "template", "spec")
		spec["volumes"] = append(spec["volumes"].([]any), map[string]any{"name": "x", "hostPath": map[string]any{"path": "/"}})
	}},
	{"root may be", "restricted", func(t *testing.T, fleet, _, _ objects) {
		delete(at(t, fleet.find(t, "Job", "migrate"), "spec", "template", "spec", "securityContext"), "runAsNonRoot")
	}},
	{"a writable root", "container audit", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "Deployment", "audit"), "spec", "template", "spec", "containers", 0, "securityContext")["readOnlyRootFilesystem"] = false
	}},
	{"a plain probe", "container qa", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "Deployment", "qa"), "spec", "template", "spec", "containers", 0, "livenessProbe", "httpGet")["scheme"] = "HTTP"
	}},
	{"a secret as a variable", "container qa", func(t *testing.T, fleet, _, _ objects) {
		c := at(t, fleet.find(t, "Deployment", "qa"), "spec", "template", "spec", "containers", 0)
		c["env"] = append(c["env"].([]any), map[string]any{"name": "FLEET_KEK", "value": "c2VjcmV0"})
	}},
	{"a secret by reference", "container qa", func(t *testing.T, fleet, _, _ objects) {
		c := at(t, fleet.find(t, "Deployment", "qa"), "spec", "template", "spec", "containers", 0)
		c["env"] = append(c["env"].([]any), map[string]any{"name": "X", "valueFrom": map[string]any{"secretKeyRef": map[string]any{"name": "s", "key": "k"}}})
	}},
	{"all of a Secret", "container qa", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "Deployment", "qa"), "spec", "template", "spec", "containers", 0)["envFrom"] = []any{map[string]any{"secretRef": map[string]any{"name": "s"}}}
	}},
	{"a token of the apiserver", "no token of the apiserver", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "Deployment", "qa"), "spec", "template", "spec")["automountServiceAccountToken"] = true
	}},
	{"the default account", "own account", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "Deployment", "qa"), "spec", "template", "spec")["serviceAccountName"] = "default"
	}},
	{"a load balancer inside", "private network", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "Service", "clinical"), "spec")["type"] = "LoadBalancer"
	}},
	{"a name of elsewhere", "private network", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "Service", "clinical"), "spec")["type"] = "ExternalName"
	}},
	{"an issuer of the cluster", "own issuer", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "Certificate", "qa"), "spec", "issuerRef")["kind"] = "ClusterIssuer"
	}},
	{"another namespace", "own namespace", func(t *testing.T, fleet, _, _ objects) {
		at(t, fleet.find(t, "ServiceAccount", "qa"), "metadata")["namespace"] = "billing"
	}},
	{"an object of the cluster", "namespaced objects only", func(t *testing.T, fleet, _, _ objects) {
		fleet.find(t, "ServiceAccount", "qa")["kind"] = "ClusterRole"
	}},
	{"a Secret in the manifest", "no secret in a manifest", func(t *testing.T, fleet, _, _ objects) {
		fleet.find(t, "ServiceAccount", "qa")["kind"] = "Secret"
	}},
	{"the vault of another", "nothing shared", func(t *testing.T, _, billing, _ objects) {
		at(t, billing.find(t, "Deployment", "billing"), "spec", "template", "metadata", "annotations")["vault.hashicorp.com/agent-inject-secret-database-url"] = "fusionems-vault/data/prod/qa/database-url"
	}},
	{"the trust domain of another", "nothing shared", func(t *testing.T, _, billing, _ objects) {
		at(t, billing.find(t, "Certificate", "billing"), "spec")["uris"] = []any{"spiffe://fusionems.local/billing"}
	}},
	{"the database of another", "nothing shared", func(t *testing.T, _, billing, _ objects) {
		spec := at(t, billing.find(t, "NetworkPolicy", "billing"), "spec")
		spec["egress"] = append(spec["egress"].([]any), map[string]any{"to": []any{map[string]any{"ipBlock": map[string]any{"cidr": "10.20.0.0/28"}}}, "ports": []any{map[string]any{"port": int64(5432)}}})
	}},
	{"a network that holds the database of another", "nothing shared", func(t *testing.T, _, billing, _ objects) {
		spec := at(t, billing.find(t, "NetworkPolicy", "billing"), "spec")
		spec["egress"] = append(spec["egress"].([]any), map[string]any{"to": []any{map[string]any{"ipBlock": map[string]any{"cidr": "10.20.0.0/27"}}}, "ports": []any{map[string]any{"port": int64(5432)}}})
	}},
	{"the image of another", "nothing shared", func(t *testing.T, _, billing, _ objects) {
		at(t, billing.find(t, "Deployment", "billing"), "spec", "template", "spec", "containers", 0)["image"] = "registry.example.org/ems/fusionems/qa:x"
	}},
	{"no memory limit", "container reporting", func(t *testing.T, fleet, _, _ objects) {
		delete(at(t, fleet.find(t, "Deployment", "reporting"), "spec", "template", "spec", "containers", 0, "resources"), "limits")
	}},
}
