package policy

import _ "embed"

// Module is the Rego policy.
//
//go:embed gateway.rego
var Module []byte

// Data holds the rules per method and role, generated from the method options and roles.yaml.
//
//go:embed data.json
var Data []byte
