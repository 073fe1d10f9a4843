package problem

import (
	"strings"

	"github.com/fusionems/quantum/pkg/errs"
)

// elementOf names the NEMSIS element of a violation: the last step of its path, without its position.
func elementOf(f errs.Field) string {
	if !strings.HasPrefix(f.Rule, "nemsis.") {
		return ""
	}
	last := f.Field[strings.LastIndexByte(f.Field, '/')+1:]
	last, _, _ = strings.Cut(last, "[")
	return last
}

// jsonPath writes a field path as JSON names it: services name fields as their proto does. A path into a document stays.
func jsonPath(f errs.Field) string {
	if strings.HasPrefix(f.Rule, "nemsis.") || strings.HasPrefix(f.Field, "/") || !strings.Contains(f.Field, "_") {
		return f.Field
	}
	var b strings.Builder
	upper := false
	for _, c := range f.Field {
		switch {
		case c == '_':
			upper = true
		case upper && 'a' <= c && c <= 'z':
			b.WriteRune(c - 'a' + 'A')
			upper = false
		default:
			b.WriteRune(c)
			upper = false
		}
	}
	return b.String()
}
