package schema

import (
	"bytes"
	"encoding/json"
	"slices"
)

type object = map[string]any

// Fleet is the values schema of a chart of the fleet. Objects are strict, so that a misspelt value is refused; the root is open for
// "global" and for x- keys, where people who write values files keep their YAML anchors.
func Fleet(g Guardrails, delivery string, services []string) ([]byte, error) {
	own := g.Separation[delivery]
	required := object{}
	for key, value := range g.Required {
		required[key] = object{"const": value}
	}
	service := object{}
	for _, name := range services {
		service[name] = object{"$ref": "#/$defs/service"}
	}
	root := object{
		"global": object{"type": "object"},
		// Helm itself puts the values of a dependency here.
		"fusionems-lib": object{"type": "object"},
		"environment":   object{"enum": g.Environments},
		"guardrails":    strict(required, keysOf(required)...),
		"trustDomain":   object{"const": own.TrustDomain},
		"image": strict(object{
			"registry":    object{"type": "string", "pattern": "^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[a-z0-9._-]+)*$"},
			"pullSecrets": object{"type": "array", "items": name},
		}, "registry"),
		"logLevel": object{"enum": []string{"debug", "info", "warn", "error"}},
		"services": strict(service, services...),
		"postgres": store(),
		"nats":     with(with(store(), "url", tlsServers, "url"), "trustDomain", object{"type": "string", "pattern": "^[a-z0-9._-]+$", "not": object{"enum": g.strangeDomains(delivery)}}),
		"otlp":     with(target(), "endpoint", orNone(httpsAddress)),
		"vault": with(with(with(with(with(store(),
			"provider", object{"enum": []string{"injector", "externalSecrets"}}, "provider"),
			"mount", object{"const": own.Secrets}),
			"address", httpsAddress, "address"),
			"authMount", object{"type": "string", "pattern": "^[A-Za-z0-9/_-]+$", "not": object{"enum": g.foreignSignIns(delivery)}}),
			"secretStore", name),
		"certificates": strict(object{
			"issuer":   strict(object{"name": name, "kind": object{"const": "Issuer"}}, "name", "kind"),
			"duration": duration, "renewBefore": duration,
		}, "issuer"),
		"trustBundle": strict(object{"configMap": name}, "configMap"),
		"dns":         strict(object{"namespace": namespace, "podLabels": someLabels()}, "namespace", "podLabels"),
		"migrations": strict(object{
			"mode":           object{"enum": []string{"hook", "job", "external"}},
			"timeoutSeconds": object{"type": "integer", "minimum": 30},
		}, "mode"),
		"monitoring": strict(object{
			"enabled": boolean, "namespace": namespace, "podLabels": someLabels(), "labels": labels,
			"runbooks": object{"type": "string", "pattern": "^https://"},
		}, "enabled"),
		"extraObjects": object{"type": "array", "items": object{"type": "object"}},
	}
	if slices.Contains(services, "gateway") {
		root["gateway"] = gateway()
		root["redis"] = store()
		root["oidc"] = with(with(with(store(),
			"issuer", httpsAddress, "issuer"),
			"clientId", object{"type": "string", "minLength": 1}, "clientId"),
			"audience", object{"type": "string", "minLength": 1}, "audience")
	}
	// Helm drops a key that is null, so what templates read is required though values.yaml has all of it.
	needed := slices.DeleteFunc(keysOf(root), func(key string) bool {
		return slices.Contains([]string{"global", "fusionems-lib", "extraObjects", "logLevel"}, key)
	})
	doc := strict(root, needed...)
	doc["$schema"] = "https://json-schema.org/draft-07/schema#"
	doc["title"] = "Values of the chart of " + delivery
	doc["patternProperties"] = object{"^x-": object{}}
	doc["$defs"] = object{"service": serviceSchema()}
	// Only a digest says which image runs; a tag can be moved.
	doc["if"] = object{"properties": object{"environment": object{"const": "prod"}}}
	pinned := object{"image": object{"required": []string{"digest"}, "properties": object{"digest": object{"pattern": digest}}}}
	each := object{}
	for _, s := range services {
		each[s] = object{"properties": pinned, "required": []string{"image"}}
	}
	doc["then"] = object{"properties": object{"services": object{"properties": each}}}
	return encode(doc)
}

// ownSettings are the variables that follow from other values, whose checks a setting would go around: who a service is, whom it meets and
// where. The templates have the same expression.
const ownSettings = "^FLEET_(TLS_|TRUST_DOMAIN$|PEERS$|LISTEN_ADDR$|ADMIN_ADDR$|NATS_URL$|OTLP_ENDPOINT$|OIDC_ISSUER$|OIDC_AUDIENCE$|OIDC_CLIENT_ID$|PUBLIC_URL$|EDGE_|TRUSTED_PROXIES$)"

func serviceSchema() object {
	queue := strict(object{
		"enabled": boolean, "monitoringEndpoint": object{"type": "string", "pattern": "^([A-Za-z0-9.-]+:[0-9]+)?$"}, "account": object{"type": "string"}, "lagThreshold": positive,
		"streams": object{"type": "array", "items": strict(object{"stream": object{"type": "string"}, "consumer": object{"type": "string"}}, "stream", "consumer")},
	})
	return strict(object{
		"image": strict(object{
			"tag":    object{"type": "string", "pattern": "^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$"},
			"digest": object{"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"},
		}),
		"replicas": positive,
		"autoscaling": strict(object{
			"enabled": boolean, "minReplicas": positive, "maxReplicas": positive,
			"targetCPUUtilizationPercentage": object{"type": "integer", "minimum": 10, "maximum": 100}, "queue": queue,
		}, "enabled", "queue"),
		"resources": strict(object{"requests": quantities, "limits": quantities}),
		"settings": object{
			"type": "object", "additionalProperties": object{"type": []string{"string", "number", "boolean"}},
			// A secret is a file from Vault; a value of the chart is readable by everybody who reads the release. Who a service is and whom
			// it meets follows from the guardrails.
			"propertyNames": object{"pattern": "^FLEET_[A-Z0-9_]+$", "not": object{
				"pattern": "KEY|SECRET|PASSWORD|TOKEN|DATABASE_URL|REDIS_URL|KEK|" + ownSettings,
			}},
		},
		"nodeSelector": labels, "tolerations": object{"type": "array", "items": object{"type": "object"}}, "priorityClassName": nameOrNone,
	}, "image", "replicas", "autoscaling", "resources")
}

func gateway() object {
	return strict(object{
		"publicUrl":       object{"type": "string", "pattern": "^https://[^/@ ]+$"},
		"edgeCertificate": strict(object{"secretName": name}, "secretName"),
		"service":         strict(object{"type": object{"enum": []string{"ClusterIP", "LoadBalancer"}}, "annotations": labels}, "type"),
		"allowFrom":       peersOf(publicCidr), "trustedProxies": object{"type": "array", "items": cidr},
	}, "publicUrl", "edgeCertificate", "service")
}

// encode writes JSON with sorted keys and a newline at the end, as a file of the repository has it.
func encode(doc object) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(doc)
	return out.Bytes(), err
}
