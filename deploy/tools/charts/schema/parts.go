package schema

import (
	"maps"
	"slices"
)

const digest = "^sha256:[0-9a-f]{64}$"

// Parts that several values have.
var (
	boolean  = object{"type": "boolean"}
	positive = object{"type": "integer", "minimum": 1}
	port     = object{"type": "integer", "minimum": 1, "maximum": 65535}
	name     = object{"type": "string", "pattern": "^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$"}
	duration = object{"type": "string", "pattern": "^([0-9]+h)?([0-9]+m)?$", "minLength": 2}
	labels   = object{"type": "object", "additionalProperties": object{"type": "string"}}
	// namespace is the name of one, which is a label of DNS and no domain.
	namespace  = object{"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"}
	nameOrNone = object{"type": "string", "pattern": "^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)?$"}
	quantities = object{"type": "object", "additionalProperties": object{
		"type": []string{"string", "number"}, "pattern": "^[0-9]+([.][0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$",
	}}
	// cidr leaves out prefixes shorter than 8: two halves of the internet are the whole.
	cidr = network("[89]", "[89]")
	// publicCidr may be one of those: browsers come from anywhere, though not without being named.
	publicCidr = network("[1-9]", "[1-9]")
	peers      = peersOf(cidr)
	// tlsServers and httpsAddress hold no name and no password: values are no place for a secret.
	tlsServers   = object{"type": "string", "pattern": "^tls://[^/@, ]+(,tls://[^/@, ]+)*$"}
	httpsAddress = object{"type": "string", "pattern": "^https://[^/@ ]+"}
)

func network(short4, short6 string) object {
	return object{"type": "string", "pattern": "^(([0-9]{1,3}[.]){3}[0-9]{1,3}/(" + short4 + "|[12][0-9]|3[0-2])|[0-9a-fA-F:]*:[0-9a-fA-F:]*/(" + short6 + "|[1-9][0-9]|1[01][0-9]|12[0-8]))$"}
}

func peersOf(cidr object) object {
	return object{"type": "array", "items": object{"oneOf": []object{
		strict(object{"cidr": cidr}, "cidr"),
		strict(object{"namespace": namespace, "podLabels": someLabels()}, "namespace", "podLabels"),
	}}}
}

// orNone is a text that may be empty.
func orNone(o object) object {
	pattern, _ := o["pattern"].(string)
	return object{"type": "string", "anyOf": []object{{"maxLength": 0}, {"pattern": pattern}}}
}

// strict is an object that has these properties and no others.
func strict(properties object, required ...string) object {
	out := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		out["required"] = slices.Sorted(slices.Values(required))
	}
	return out
}

// target is something outside the release that may be used; store is one that must be named.
func target() object { return strict(object{"port": port, "peers": peers}, "port") }

func store() object {
	needed := maps.Clone(peers)
	needed["minItems"] = 1
	return strict(object{"port": port, "peers": needed}, "port", "peers")
}

// with adds a property to an object.
func with(o object, property string, schema object, required ...string) object {
	properties, _ := o["properties"].(object)
	properties = maps.Clone(properties)
	properties[property] = schema
	have, _ := o["required"].([]string)
	return strict(properties, append(slices.Clone(have), required...)...)
}

func keysOf(o object) []string { return slices.Sorted(maps.Keys(o)) }
