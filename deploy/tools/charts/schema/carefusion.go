package schema

import (
	"maps"
	"slices"
)

// CareFusion is the values schema of the chart of telehealth.
func CareFusion(g Guardrails) ([]byte, error) {
	own := g.Separation["carefusion"]
	required := object{}
	for key, value := range g.Required {
		required[key] = object{"const": value}
	}
	text, plainText := object{"type": "string", "minLength": 1}, object{"type": "string"}
	root := object{
		"global":      object{"type": "object"},
		"environment": object{"enum": g.Environments},
		"guardrails":  strict(required, keysOf(required)...),
		"trustDomain": object{"const": own.TrustDomain},
		"image": strict(object{
			"registry":    object{"type": "string", "pattern": "^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[a-z0-9._-]+)*$"},
			"digest":      object{"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"},
			"tag":         object{"type": "string", "pattern": "^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$"},
			"pullSecrets": object{"type": "array", "items": name},
		}, "registry"),
		"replicas":     positive,
		"autoscaling":  scaling(text),
		"resources":    strict(object{"requests": quantities, "limits": quantities}),
		"nodeSelector": labels, "tolerations": object{"type": "array", "items": object{"type": "object"}}, "priorityClassName": nameOrNone,
		"settings": settings(),
		"edge":     strict(object{"namespace": object{"const": own.Edge}, "podLabels": someLabels()}, "namespace", "podLabels"),
		"certificates": strict(object{
			"issuer":   strict(object{"create": boolean, "name": name, "kind": object{"const": "Issuer"}}, "name", "kind"),
			"duration": duration, "renewBefore": duration,
		}, "issuer"),
		"trustBundle": strict(object{"configMap": nameOrNone}, "configMap"),
		"dns":         strict(object{"namespace": namespace, "podLabels": someLabels()}, "namespace", "podLabels"),
		"migrations": strict(object{
			"mode":           object{"enum": []string{"hook", "job", "external"}},
			"timeoutSeconds": object{"type": "integer", "minimum": 30},
		}, "mode"),
		"monitoring": strict(object{
			"enabled": boolean, "namespace": ownNamespace(own), "podLabels": someLabels(), "labels": labels,
			"runbooks": object{"type": "string", "pattern": "^https://"},
		}, "enabled"),
		"selfTest": strict(object{"timeoutSeconds": object{"type": "integer", "minimum": 10}}),
	}
	maps.Copy(root, neighbours(own, text, plainText))
	// Helm drops a key that is null, so what templates read is required though values.yaml has all of it.
	optional := []string{"global", "settings", "nodeSelector", "tolerations", "priorityClassName"}
	doc := strict(root, slices.DeleteFunc(keysOf(root), func(key string) bool { return slices.Contains(optional, key) })...)
	doc["$schema"] = "https://json-schema.org/draft-07/schema#"
	doc["title"] = "Values of the chart of carefusion"
	doc["patternProperties"] = object{"^x-": object{}}
	// Only a digest says which image runs; a tag can be moved.
	doc["if"] = object{"properties": object{"environment": object{"const": "prod"}}}
	doc["then"] = object{"properties": object{"image": object{"required": []string{"digest"}, "properties": object{"digest": object{"pattern": digest}}}}}
	doc["else"] = object{"properties": object{"image": object{"anyOf": []object{
		{"required": []string{"digest"}, "properties": object{"digest": object{"pattern": digest}}},
		{"required": []string{"tag"}, "properties": object{"tag": object{"minLength": 1}}},
	}}}}
	return encode(doc)
}

// neighbours are what the service talks to: stores that must be named, and those that it can do without.
func neighbours(own Separation, text, plainText object) object {
	return object{
		"postgres": ownStore(own),
		"oidc": with(with(with(ownStore(own),
			"issuer", httpsAddress, "issuer"),
			"audience", text, "audience"), "caKey", plainText),
		"page": strict(object{
			"publicUrl": object{"type": "string", "pattern": "^(https://[^/@ ]+)?$"}, "clientId": text, "clientSecret": boolean,
		}),
		"nats": strict(object{
			"url": orNone(tlsServers), "credentials": boolean, "caKey": plainText, "port": port, "peers": ownPeers(own, 0),
		}),
		"mail": strict(object{"from": object{"type": "string", "pattern": "^([^@ ]+@[^@ ]+)?$"}, "caKey": plainText, "port": port, "peers": ownPeers(own, 0)}),
		"otlp": strict(object{"endpoint": orNone(httpsAddress), "port": port, "peers": ownPeers(own, 0)}),
		"livekit": strict(object{
			"apiUrl": orNone(httpsAddress), "url": object{"type": "string", "pattern": "^(wss://.+)?$"},
			"proxy": boolean, "hooks": boolean, "turn": boolean, "caKey": plainText, "port": port, "peers": ownPeers(own, 0),
			"iceServers": object{"type": "array", "items": object{"type": "string", "pattern": "^(stun|stuns|turn|turns):[A-Za-z0-9.-]+"}},
		}),
		"vault": with(with(with(with(with(ownStore(own),
			"provider", object{"enum": []string{"injector", "externalSecrets"}}, "provider"),
			"mount", object{"const": own.Secrets}, "mount"),
			"address", httpsAddress, "address"),
			"authMount", object{"const": own.VaultAuth}, "authMount"),
			"secretStore", name),
	}
}

// plainSettings are what an operator may set beside what the chart sets itself.
var plainSettings = []string{"ACR", "CHECK_IN_LEAD", "RATE_PER_ADDRESS", "RATE_PER_SUBJECT", "REMINDER_LEAD", "ROOM_TOKEN_TTL", "SHUTDOWN_TIMEOUT", "TRACE_RATIO"}

func settings() object {
	out := object{}
	for _, s := range plainSettings {
		out[s] = object{"type": []string{"string", "number", "boolean"}}
	}
	return strict(out)
}

func scaling(text object) object {
	return strict(object{
		"enabled": boolean, "minReplicas": positive, "maxReplicas": positive,
		"targetCPUUtilizationPercentage": object{"type": "integer", "minimum": 10, "maximum": 100},
		"keda": strict(object{
			"enabled": boolean,
			"schedules": object{"type": "array", "items": strict(object{"timezone": text, "start": text, "end": text, "replicas": positive},
				"timezone", "start", "end", "replicas")},
		}),
	})
}

// ownNamespace is one beside the release's that is telehealth's too, told by its name.
func ownNamespace(own Separation) object {
	return object{"type": "string", "pattern": "^" + own.Namespace + "-[a-z0-9]([a-z0-9-]*[a-z0-9])?$"}
}

// ownPeers are pods in namespaces of telehealth's own, or networks outside of the cluster.
func ownPeers(own Separation, atLeast int) object {
	return object{"type": "array", "minItems": atLeast, "items": object{"oneOf": []object{
		strict(object{"cidr": cidr}, "cidr"),
		strict(object{"namespace": ownNamespace(own), "podLabels": someLabels()}, "namespace", "podLabels"),
	}}}
}

func ownStore(own Separation) object {
	return strict(object{"port": port, "peers": ownPeers(own, 1)}, "port", "peers")
}

func someLabels() object {
	return object{"type": "object", "minProperties": 1, "additionalProperties": object{"type": "string"}}
}
