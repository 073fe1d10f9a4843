package schema

import (
	"maps"
	"slices"
)

const digest = "^sha256:[0-9a-f]{64}$"

// Parts that several values have.
var (
	boolean    = object{"type": "boolean"}
	positive   = object{"type": "integer", "minimum": 1}
	port       = object{"type": "integer", "minimum": 1, "maximum": 65535}
	name       = object{"type": "string", "pattern": "^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$"}
	duration   = object{"type": "string", "pattern": "^([0-9]+h)?([0-9]+m)?$", "minLength": 2}
	labels     = object{"type": "object", "additionalProperties": object{"type": "string"}}
	quantities = object{"type": "object", "additionalProperties": object{"type": []string{"string", "number"}}}
	// cidr leaves out the prefix length 0, which is everybody.
	cidr  = object{"type": "string", "pattern": "^[0-9a-fA-F:.]+/[1-9][0-9]{0,2}$"}
	peers = object{"type": "array", "items": object{"oneOf": []object{
		strict(object{"cidr": cidr}, "cidr"),
		strict(object{"namespace": name, "podLabels": object{"type": "object", "minProperties": 1, "additionalProperties": object{"type": "string"}}}, "namespace", "podLabels"),
	}}}
)

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
