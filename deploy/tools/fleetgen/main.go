// Command fleetgen writes what follows from the method options in proto/ and from
// gateway/policy/roles.yaml: OPA's data, the role table of the services, and the
// OpenAPI 3 document that clients are generated from. Run it from the repository root.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "fleetgen:", err)
		os.Exit(1)
	}
}

func generate() error {
	roles, err := readRoles("gateway/policy/roles.yaml")
	if err != nil {
		return err
	}
	methods, err := methodRules()
	if err != nil {
		return err
	}
	if err := checkScopes(roles, methods); err != nil {
		return err
	}
	if err := writeJSON("proto/gen/authz/roles.json", roles); err != nil {
		return err
	}
	if err := writeJSON("gateway/policy/data.json", map[string]any{"fleet": opaData(roles, methods)}); err != nil {
		return err
	}
	return writeOpenAPI3("proto/gen/openapi/fleet.swagger.json", "proto/gen/openapi/fleet.openapi.json")
}

func writeJSON(path string, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
