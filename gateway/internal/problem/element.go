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
