package issuer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// RoleScopes reads the generated role table and answers the union of the scopes of some roles. A role that is not in the
// table grants nothing.
func RoleScopes(table []byte) (func(roles []string) []string, error) {
	var doc struct {
		Roles []struct {
			Name   string   `json:"name"`
			Scopes []string `json:"scopes"`
		} `json:"roles"`
	}
	if err := json.Unmarshal(table, &doc); err != nil {
		return nil, fmt.Errorf("role table: %w", err)
	}
	if len(doc.Roles) == 0 {
		return nil, errors.New("role table: no roles")
	}
	scopes := map[string][]string{}
	for _, r := range doc.Roles {
		scopes[r.Name] = r.Scopes
	}
	return func(roles []string) []string {
		var union []string
		for _, r := range roles {
			union = append(union, scopes[r]...)
		}
		slices.Sort(union)
		return slices.Compact(union)
	}, nil
}
