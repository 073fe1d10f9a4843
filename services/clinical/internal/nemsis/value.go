package nemsis

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// value judges the text of an element that holds a value and keeps it.
func (p *pass) value(top *frame, decl *structure.Element) error {
	text := p.text.String()
	n := &p.doc.nodes[top.node]
	if top.nil {
		if p.report != nil {
			p.report.value(text)
		}
		if text != "" {
			return p.violate(top.id, RuleNil, int(n.offset), decl.Name+` has xsi:nil="true" and must be empty`)
		}
		p.stateFindings(n, decl)
		return nil
	}
	typ := structure.TypeOf(decl.Type)
	if typ.Base.Collapses() {
		text = collapse(text)
	}
	// The value is kept even so: in a 3.4 document a code of an older list is
	// but a finding.
	n.value = text
	if p.report != nil {
		p.report.value(text)
	}
	if f := p.reader.judge(decl.Type, text); f.rule != "" {
		return p.violate(top.id, f.rule, int(n.offset), decl.Name+" "+f.want)
	}
	p.stateFindings(n, decl)
	if top.id == structure.EMedications03 {
		p.drugFindings(n, Element{p.doc, top.node}.Attr("CodeType"))
	}
	return nil
}

// collapse drops white space at the ends and joins it inside, as the schema
// types other than strings ask.
func collapse(s string) string {
	if !strings.ContainsAny(s, " \t\n\r") {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r == ' ' || r == '\t' || r == '\n' || r == '\r'
	}), " ")
}

// fault is the rule a value breaks and what would be right, worded to follow
// the name of the element. The zero fault is none.
type fault struct{ rule, want string }

// judge tells whether a value is of a type.
func (r *Reader) judge(id structure.TypeID, v string) fault {
	t := structure.TypeOf(id)
	switch t.Base {
	case structure.Union:
		for _, m := range t.Members {
			if r.judge(m, v).rule == "" {
				return fault{}
			}
		}
		return fault{RuleEnumeration, "must be " + unionCodes(t)}
	case structure.String:
		return r.judgeString(t, v)
	case structure.Integer, structure.PositiveInteger, structure.Decimal:
		return r.judgeNumber(t, &r.limits[id], v)
	case structure.DateTime, structure.Date:
		return r.judgeDate(t, &r.limits[id], v)
	case structure.Base64:
		if !validBase64(v) {
			return fault{RuleDataType, "must be base64"}
		}
	}
	return fault{}
}

func (r *Reader) judgeString(t *structure.Type, v string) fault {
	if len(t.Codes) > 0 {
		if _, ok := t.Code(v); !ok {
			return fault{RuleEnumeration, "must be " + codes(t.Codes, t.Name)}
		}
		return fault{}
	}
	if t.Length != structure.Unset || t.MinLength != structure.Unset || t.MaxLength != structure.Unset {
		if f := judgeLength(t, utf8.RuneCountInString(v)); f.rule != "" {
			return f
		}
	}
	return r.judgePattern(t, v)
}

func judgeLength(t *structure.Type, n int) fault {
	switch {
	case t.Length != structure.Unset && n != t.Length:
		return fault{RuleLength, fmt.Sprintf("must have %d characters", t.Length)}
	case t.MinLength != structure.Unset && n < t.MinLength:
		return fault{RuleLength, fmt.Sprintf("must have at least %d character(s)", t.MinLength)}
	case t.MaxLength != structure.Unset && n > t.MaxLength:
		return fault{RuleLength, fmt.Sprintf("must have at most %d characters", t.MaxLength)}
	}
	return fault{}
}

func (r *Reader) judgePattern(t *structure.Type, v string) fault {
	if t.Pattern == structure.Unset || r.patterns[t.Pattern].MatchString(v) {
		return fault{}
	}
	p := structure.Patterns()[t.Pattern]
	return fault{RulePattern, "must match " + p[len("^(?:"):len(p)-len(")$")]}
}

func (r *Reader) judgeNumber(t *structure.Type, l *limits, v string) fault {
	n, ok := parseNumber(v)
	if !ok || t.Base != structure.Decimal && n.point {
		if t.Base == structure.Decimal {
			return fault{RuleDataType, "must be a decimal number"}
		}
		return fault{RuleDataType, "must be a whole number"}
	}
	if l.low != "" && n.less(l.lowNumber) || l.high != "" && l.highNumber.less(n) {
		return fault{RuleRange, "must be " + rangeText(l.low, l.high)}
	}
	if t.FractionDigits != structure.Unset && len(n.frac) > t.FractionDigits {
		return fault{RuleDigits, fmt.Sprintf("must have at most %d digit(s) after the point", t.FractionDigits)}
	}
	if t.TotalDigits != structure.Unset && n.digits() > t.TotalDigits {
		return fault{RuleDigits, fmt.Sprintf("must have at most %d digits", t.TotalDigits)}
	}
	return r.judgePattern(t, v)
}

func (r *Reader) judgeDate(t *structure.Type, l *limits, v string) fault {
	parse, want := parseDateTime, "must be a date and time with its offset, as 2026-03-01T14:05:09-06:00"
	if t.Base == structure.Date {
		parse, want = parseDate, "must be a date, as 1975-03-01"
	}
	at, ok := parse(v)
	if !ok {
		return fault{RuleDataType, want}
	}
	if l.low != "" && at.Before(l.lowTime) || l.high != "" && at.After(l.highTime) {
		return fault{RuleRange, "must be " + rangeText(l.low, l.high)}
	}
	if f := r.judgePattern(t, v); f.rule != "" {
		return fault{f.rule, want}
	}
	return fault{}
}

func rangeText(low, high string) string {
	switch {
	case high == "":
		return low + " or more"
	case low == "":
		return high + " or less"
	}
	return "from " + low + " to " + high
}

// codes words a code list; a long one is named rather than listed.
func codes(list []structure.Code, name string) string {
	if len(list) > 12 {
		return fmt.Sprintf("one of the %d codes of the list %s", len(list), name)
	}
	var b strings.Builder
	for i, c := range list {
		switch {
		case i > 0 && i == len(list)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(c.Value)
		if c.Label != "" {
			b.WriteString(" (" + c.Label + ")")
		}
	}
	return b.String()
}

func unionCodes(t *structure.Type) string {
	var list []structure.Code
	for _, m := range t.Members {
		list = append(list, structure.TypeOf(m).Codes...)
	}
	return codes(list, t.Name)
}
