package isolation

import (
	"slices"
	"strings"
)

// Unexpected compares the allowed connections with a list of those that were looked at, one a line.
func Unexpected(expected string, edges []string) []Finding {
	want := strings.FieldsFunc(expected, func(r rune) bool { return r == '\n' })
	var out []Finding
	for _, e := range edges {
		if !slices.Contains(want, e) {
			out = append(out, Finding{"expected connections", e, "it is allowed and nobody has looked at it"})
		}
	}
	for _, e := range want {
		if !slices.Contains(edges, e) {
			out = append(out, Finding{"expected connections", e, "it is in the list and refused"})
		}
	}
	return out
}
