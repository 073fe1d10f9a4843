package nemsis

import (
	"time"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// The findings below are warnings the schema cannot express. They follow the
// national rules of NEMSIS on empty elements and on the order of times.

func (p *pass) nilFindings(n *node, decl *structure.Element) {
	switch {
	case n.nv == "" && n.pn == "":
		p.note(n, RuleNilWithout, decl.Name+" is empty without saying why; add a not value (NV) or a pertinent negative (PN)")
	case n.nv != "" && n.pn != "":
		p.note(n, RuleContradiction, decl.Name+" has both a not value and a pertinent negative; keep one")
	}
}

func (p *pass) valueFindings(n *node, decl *structure.Element) {
	switch {
	case n.value == "" && n.nv == "" && n.pn == "":
		p.note(n, RuleEmptyValue, decl.Name+` is empty; give a value, or xsi:nil="true" with a not value, or leave it out`)
	case n.value != "" && n.nv != "":
		p.note(n, RuleContradiction, decl.Name+" has both a value and a not value; keep one")
	}
}

func (p *pass) note(n *node, rule, message string) {
	if len(p.violations) > 0 {
		return // a refused document has no findings
	}
	p.finding(Violation{Element: structure.Of(n.id).Name, Path: p.path(),
		Line: p.scan.Line(int(n.offset)), Rule: rule, Message: message})
}

// timeline lists the times of a call that follow one another.
var timeline = [...]structure.ID{
	structure.ETimes01, structure.ETimes02, structure.ETimes03, structure.ETimes05, structure.ETimes06,
	structure.ETimes07, structure.ETimes09, structure.ETimes11, structure.ETimes12, structure.ETimes13,
}

// finish adds the findings that need the whole document.
func (p *pass) finish() {
	if len(p.violations) > 0 {
		return
	}
	if p.legacy {
		p.finding(Violation{Rule: RuleVersion, Line: 1,
			Message: "NEMSIS 3.4: judged by what it has in common with 3.5.1; differences are listed as findings"})
	}
	for _, h := range p.doc.Headers {
		for _, r := range h.Reports {
			p.timeOrder(r)
		}
	}
}

func (p *pass) timeOrder(r Report) {
	times := r.First(structure.ETimes)
	var last time.Time
	var lastName string
	for _, id := range timeline {
		e := times.First(id)
		if e.Value() == "" {
			continue
		}
		t, ok := parseDateTime(e.Value())
		if !ok {
			continue
		}
		if !last.IsZero() && t.Before(last) {
			p.finding(Violation{Element: e.Name(), Path: "/EMSDataSet/Header/PatientCareReport/eTimes/" + e.Name(),
				Line: e.Line(), Rule: RuleTimeOrder, Message: e.Name() + " should not be earlier than " + lastName})
			continue
		}
		last, lastName = t, e.Name()
	}
}
