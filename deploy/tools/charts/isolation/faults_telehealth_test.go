package isolation_test

import "testing"

// open lets a policy of one delivery and one of another talk to each other.
func open(t *testing.T, from objects, fromPolicy string, to objects, toPolicy, fromNamespace, toNamespace string) {
	t.Helper()
	ports := []any{map[string]any{"port": int64(8443)}}
	peer := func(namespace string) []any {
		return []any{map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": namespace}}}}
	}
	egress, ingress := at(t, from.find(t, "NetworkPolicy", fromPolicy), "spec"), at(t, to.find(t, "NetworkPolicy", toPolicy), "spec")
	out, _ := egress["egress"].([]any)
	egress["egress"] = append(out, map[string]any{"to": peer(toNamespace), "ports": ports})
	in, _ := ingress["ingress"].([]any)
	ingress["ingress"] = append(in, map[string]any{"from": peer(fromNamespace), "ports": ports})
}

func egressTo(t *testing.T, o objects, policy, cidr string, port int64) {
	t.Helper()
	spec := at(t, o.find(t, "NetworkPolicy", policy), "spec")
	out, _ := spec["egress"].([]any)
	spec["egress"] = append(out, map[string]any{"to": []any{map[string]any{"ipBlock": map[string]any{"cidr": cidr}}}, "ports": []any{map[string]any{"port": port}}})
}

func podOf(t *testing.T, telehealth objects) map[string]any {
	t.Helper()
	return at(t, telehealth.find(t, "Deployment", "carefusion"), "spec", "template", "spec")
}

var faultsOfTelehealth = []fault{
	{"telehealth reaches the fleet", "apart", func(t *testing.T, fleet, _, telehealth objects) {
		open(t, telehealth, "carefusion", fleet, "clinical", "telehealth", "fusionems")
	}},
	{"the gateway reaches telehealth", "apart", func(t *testing.T, fleet, _, telehealth objects) {
		open(t, fleet, "gateway", telehealth, "carefusion", "fusionems", "telehealth")
	}},
	{"telehealth's migration reaches billing", "apart", func(t *testing.T, _, billing, telehealth objects) {
		open(t, telehealth, "carefusion-migrate", billing, "billing", "telehealth", "billing")
	}},
	{"billing reaches telehealth", "apart", func(t *testing.T, _, billing, telehealth objects) {
		open(t, billing, "billing", telehealth, "carefusion", "billing", "telehealth")
	}},
	{"the database of the fleet", "meeting", func(t *testing.T, _, _, telehealth objects) {
		egressTo(t, telehealth, "carefusion", "10.20.0.4/32", 5432)
	}},
	{"the messages of the fleet", "nothing shared", func(t *testing.T, _, _, telehealth objects) {
		egressTo(t, telehealth, "carefusion", "10.20.1.0/24", 4222)
	}},
	{"the fleet's Prometheus", "meeting", func(t *testing.T, _, _, telehealth objects) {
		spec := at(t, telehealth.find(t, "NetworkPolicy", "carefusion"), "spec")
		spec["ingress"] = append(spec["ingress"].([]any), map[string]any{"from": []any{map[string]any{
			"namespaceSelector": map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": "monitoring"}}}}, "ports": []any{map[string]any{"port": int64(9443)}}})
	}},
	{"the namespace of the fleet's stores", "nothing shared", func(t *testing.T, fleet, _, telehealth objects) {
		for _, o := range []map[string]any{fleet.find(t, "NetworkPolicy", "qa"), telehealth.find(t, "NetworkPolicy", "carefusion")} {
			spec := at(t, o, "spec")
			spec["egress"] = append(spec["egress"].([]any), map[string]any{"to": []any{map[string]any{
				"namespaceSelector": map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": "messaging"}}}}, "ports": []any{map[string]any{"port": int64(4222)}}})
		}
	}},
	{"the vault of the fleet", "nothing shared", func(t *testing.T, _, _, telehealth objects) {
		at(t, telehealth.find(t, "Deployment", "carefusion"), "spec", "template", "metadata", "annotations")["vault.hashicorp.com/agent-inject-secret-data-key"] = "fusionems-vault/data/prod/clinical/kek"
	}},
	{"the sign-in of the fleet", "nothing shared", func(t *testing.T, _, _, telehealth objects) {
		at(t, telehealth.find(t, "Job", "carefusion-migrate"), "spec", "template", "metadata", "annotations")["vault.hashicorp.com/auth-path"] = "auth/kubernetes"
	}},
	{"the vault server of the fleet", "nothing shared", func(t *testing.T, _, _, telehealth objects) {
		at(t, telehealth.find(t, "Pod", "carefusion-selftest"), "metadata", "annotations")["vault.hashicorp.com/service"] = "https://vault.internal.example.org:8200"
	}},
	{"an image of the fleet", "nothing shared", func(t *testing.T, _, _, telehealth objects) {
		at(t, podOf(t, telehealth), "containers", 0)["image"] = "registry.example.org/ems/fusionems/qa@sha256:x"
	}},
	{"an account of the fleet", "nothing shared", func(t *testing.T, _, _, telehealth objects) { podOf(t, telehealth)["serviceAccountName"] = "qa" }},
	{"a trust domain of the fleet", "nothing shared", func(t *testing.T, _, _, telehealth objects) {
		at(t, telehealth.find(t, "Certificate", "carefusion"), "spec")["uris"] = []any{"spiffe://fusionems.local/carefusion"}
	}},
	{"the issuer of the fleet", "nothing shared", func(t *testing.T, _, _, telehealth objects) {
		at(t, telehealth.find(t, "Certificate", "carefusion"), "spec", "issuerRef")["name"] = "fusionems-ca"
	}},
	{"the trust of the fleet", "nothing shared", func(t *testing.T, _, _, telehealth objects) {
		volumes, _ := podOf(t, telehealth)["volumes"].([]any)
		podOf(t, telehealth)["volumes"] = append(volumes, map[string]any{"name": "x", "configMap": map[string]any{"name": "fusionems-trust"}})
	}},
	{"a volume of the fleet", "nothing shared", func(t *testing.T, fleet, _, telehealth objects) {
		claim := map[string]any{"name": "x", "persistentVolumeClaim": map[string]any{"claimName": "reports"}}
		for _, spec := range []map[string]any{podOf(t, telehealth), at(t, fleet.find(t, "Deployment", "reporting"), "spec", "template", "spec")} {
			volumes, _ := spec["volumes"].([]any)
			spec["volumes"] = append(volumes, claim)
		}
	}},
	{"a test pod that may do more", "restricted", func(t *testing.T, _, _, telehealth objects) {
		delete(at(t, telehealth.find(t, "Pod", "carefusion-selftest"), "spec", "securityContext"), "runAsNonRoot")
	}},
	{"a test pod without a policy", "needs", func(t *testing.T, _, _, telehealth objects) {
		at(t, telehealth.find(t, "NetworkPolicy", "carefusion-selftest"), "spec", "podSelector")["matchLabels"] = map[string]any{"none": "none"}
	}},
	{"the realm is not reachable", "needs", func(t *testing.T, _, _, telehealth objects) {
		c := at(t, podOf(t, telehealth), "containers", 0)
		c["env"] = append(c["env"].([]any), map[string]any{"name": "CAREFUSION_ISSUER", "value": "https://id.example.org/realms/carefusion"})
	}},
	{"the migration finds no database", "needs", func(t *testing.T, _, _, telehealth objects) {
		spec := at(t, telehealth.find(t, "NetworkPolicy", "carefusion-migrate"), "spec")
		spec["egress"] = spec["egress"].([]any)[:1]
	}},
	{"a load balancer of telehealth", "private network", func(t *testing.T, _, _, telehealth objects) {
		at(t, telehealth.find(t, "Service", "carefusion"), "spec")["type"] = "LoadBalancer"
	}},
	{"no edge", "needs", func(t *testing.T, _, _, telehealth objects) {
		at(t, telehealth.find(t, "NetworkPolicy", "carefusion"), "spec")["ingress"] = []any{}
	}},
	{"a store of the whole cluster", "own vault", func(t *testing.T, _, _, telehealth objects) {
		o := telehealth.find(t, "PodDisruptionBudget", "carefusion")
		o["kind"], o["spec"] = "ExternalSecret", map[string]any{"secretStoreRef": map[string]any{"kind": "ClusterSecretStore", "name": "all"}}
	}},
	{"rights for an account of the fleet", "own accounts", func(t *testing.T, _, _, telehealth objects) {
		o := telehealth.find(t, "PodDisruptionBudget", "carefusion")
		o["kind"], o["subjects"] = "RoleBinding", []any{map[string]any{"kind": "ServiceAccount", "name": "gateway", "namespace": "fusionems"}}
	}},
}
