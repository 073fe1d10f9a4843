package schema

// CareFusionCluster is the values schema of what an administrator installs for telehealth.
func CareFusionCluster(g Guardrails) ([]byte, error) {
	return cluster(g, "carefusion-cluster", object{
		"dnsNamespace":   name,
		"peerNamespaces": object{"type": "array", "items": ownNamespace(g.Separation["carefusion"])},
	}, "dnsNamespace", "peerNamespaces")
}

// FleetCluster is the values schema of what an administrator installs for the fleet.
func FleetCluster(g Guardrails) ([]byte, error) {
	return cluster(g, "fusionems-cluster", object{"vaultAuthMount": object{"type": "string", "pattern": "^[a-z0-9][a-z0-9_/-]*$"}}, "vaultAuthMount")
}

func cluster(g Guardrails, chart string, more object, required ...string) ([]byte, error) {
	more["global"] = object{"type": "object"}
	more["environment"] = object{"enum": g.Environments}
	doc := strict(more, append(required, "environment")...)
	doc["$schema"] = "https://json-schema.org/draft-07/schema#"
	doc["title"] = "Values of the chart of " + chart
	doc["patternProperties"] = object{"^x-": object{}}
	return encode(doc)
}
