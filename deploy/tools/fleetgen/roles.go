package main

import (
	"bytes"
	"fmt"
	"os"

	"gopkg.in/yaml.v3"
)

type roleTable struct {
	AIAllowedScopes []string `yaml:"ai_allowed_scopes" json:"ai_allowed_scopes"`
	Roles           []role   `yaml:"roles" json:"roles"`
}

type role struct {
	Name          string   `yaml:"name" json:"name"`
	Title         string   `yaml:"title" json:"title"`
	DatabaseGroup string   `yaml:"database_group" json:"database_group"`
	CrossAgency   bool     `yaml:"cross_agency" json:"cross_agency,omitempty"`
	Machine       bool     `yaml:"machine" json:"machine,omitempty"`
	Scopes        []string `yaml:"scopes" json:"scopes"`
}

func readRoles(path string) (roleTable, error) {
	var t roleTable
	raw, err := os.ReadFile(path)
	if err != nil {
		return t, err
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&t); err != nil {
		return t, fmt.Errorf("%s: %w", path, err)
	}
	seen := map[string]bool{}
	for _, r := range t.Roles {
		if seen[r.Name] {
			return t, fmt.Errorf("%s: role %q is listed twice", path, r.Name)
		}
		seen[r.Name] = true
		if r.DatabaseGroup == "" || len(r.Scopes) == 0 {
			return t, fmt.Errorf("%s: role %q needs a database_group and scopes", path, r.Name)
		}
	}
	return t, nil
}

// checkScopes refuses a method that no role could ever call: a misspelt scope would
// otherwise look like a permission.
func checkScopes(t roleTable, methods map[string]methodRule) error {
	granted := map[string]bool{}
	for _, r := range t.Roles {
		for _, s := range r.Scopes {
			granted[s] = true
		}
	}
	for name, m := range methods {
		for _, s := range m.Scopes {
			if !granted[s] {
				return fmt.Errorf("%s asks for scope %q, which no role has", name, s)
			}
		}
	}
	for _, s := range t.AIAllowedScopes {
		if !granted[s] {
			return fmt.Errorf("ai_allowed_scopes names %q, which no role has", s)
		}
	}
	return nil
}
