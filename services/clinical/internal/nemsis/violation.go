package nemsis

import (
	"fmt"
	"strings"
)

// Level tells an error, which refuses the document, from a warning, which goes
// along with an accepted one.
type Level uint8

// Levels.
const (
	Error Level = iota
	Warning
)

// String is the word used in answers.
func (l Level) String() string { return [...]string{"error", "warning"}[l] }

// Violation is one fault of a document. It names the place and the rule and
// says what would be right; it never holds a value of the document.
type Violation struct {
	Level   Level
	Element string // NEMSIS name, "eTimes.03"; empty when the fault is of the XML
	Path    string // "/EMSDataSet/Header[1]/PatientCareReport[2]/eTimes/eTimes.03"
	Line    int    // 1 for the first line
	Rule    string // stable, "nemsis.xsd.pattern": see doc.go
	Message string
}

// Invalid is the error of a document that is refused.
type Invalid struct {
	Violations []Violation
	// Truncated is set when there were more violations than are listed.
	Truncated bool
}

// Error names the first violation and counts the rest.
func (e *Invalid) Error() string {
	var b strings.Builder
	b.WriteString("NEMSIS document refused")
	if len(e.Violations) > 0 {
		v := e.Violations[0]
		fmt.Fprintf(&b, ": line %d: %s: %s", v.Line, v.Rule, v.Message)
		if n := len(e.Violations) - 1; n > 0 {
			fmt.Fprintf(&b, " (and %d more)", n)
		}
	}
	return b.String()
}

// TooLarge tells whether the document was refused for its size alone.
func (e *Invalid) TooLarge() bool {
	return len(e.Violations) == 1 && e.Violations[0].Rule == RuleSize
}
