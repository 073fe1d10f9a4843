package nemsis

import (
	"fmt"
	"time"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// The findings below are what the schema cannot express. Those named nemSch_…
// are the national Schematron rules of level ERROR, under their own names.

const (
	unableToComplete = "8801023"
	approximate      = "8801029"
)

// timed are the elements whose pertinent negatives say either that the time
// could not be found out or that it is approximate, with the national rules.
var timed = map[structure.ID]struct{ unable, approximate string }{
	structure.ESituation01: {"nemSch_e003", "nemSch_e004"},
	structure.ESituation18: {"nemSch_e188", "nemSch_e191"},
	structure.EArrest14:    {"nemSch_e189", "nemSch_e192"},
	structure.EPatient15:   {"nemSch_e008", "nemSch_e190"},
}

// named are the elements whose pertinent negative stands beside the value: the
// drug that was not given, the procedure not done, the symptom not found.
var named = map[structure.ID]string{
	structure.ESituation10:   "nemSch_e005",
	structure.EMedications03: "nemSch_e006",
	structure.EProcedures03:  "nemSch_e007",
}

// stateFindings judges how value, nil, not value and pertinent negative go
// together on one element.
func (p *pass) stateFindings(n *node, decl *structure.Element) {
	switch {
	case n.id == structure.ECustomResults01, n.pn != "" && free(n.id):
	case n.pn != "":
		p.negativeFindings(n, decl)
	case n.nil && n.nv == "":
		p.note(n, "nemSch_e001", decl.Name+" is empty without saying why; add a not value (NV) or a pertinent negative (PN), or leave it out if it is optional")
	case n.nv != "" && !n.nil:
		p.note(n, "nemSch_e002", decl.Name+" has a not value (NV) and must be empty then")
	case n.value == "" && !n.nil:
		p.note(n, RuleEmptyValue, decl.Name+` is empty; give a value, or xsi:nil="true" with a not value, or leave it out`)
	}
}

// free tells whether the national rules let a pertinent negative stand with a
// value or without: for the findings of an exam and for immunizations.
func free(id structure.ID) bool {
	for id != structure.EMSDataSet && id != structure.EExamAssessmentGroup {
		if id == structure.EHistory10 {
			return true
		}
		id = structure.Of(id).Parent
	}
	return id == structure.EExamAssessmentGroup
}

func (p *pass) negativeFindings(n *node, decl *structure.Element) {
	rule, withValue := "nemSch_e008", false
	if r, ok := named[n.id]; ok {
		rule, withValue = r, true
	} else if r, ok := timed[n.id]; ok {
		switch n.pn {
		case unableToComplete:
			rule = r.unable
		case approximate:
			rule, withValue = r.approximate, true
		}
	}
	switch {
	case withValue && (n.nil || n.nv != ""):
		p.note(n, rule, decl.Name+" with this pertinent negative (PN) needs its value and no not value (NV)")
	case !withValue && (!n.nil || n.nv != ""):
		p.note(n, rule, decl.Name+" with this pertinent negative (PN) must be empty and have no not value (NV)")
	}
}

const (
	codeRxNorm = "9924003"
	codeSNOMED = "9924005"
)

// bloodProducts are the SNOMED CT codes eMedications.03 may hold. Source:
// national Schematron rules of NEMSIS 3.5.1, nemSch_e144.
var bloodProducts = map[string]bool{
	"116762002": true, "116795008": true, "116861002": true, "116865006": true,
	"180208003": true, "33389009": true, "71493000": true,
}

// drugFindings judges the code of a medication.
func (p *pass) drugFindings(n *node, codeType string) {
	rxNorm := len(n.value) >= 2 && len(n.value) <= 7 && isDigits(n.value)
	switch {
	case n.value == "":
	case codeType == codeRxNorm && !rxNorm:
		p.note(n, "nemSch_e143", "eMedications.03 must be an RxNorm code of 2 to 7 digits, as its code type says")
	case codeType == codeSNOMED && !bloodProducts[n.value]:
		p.note(n, "nemSch_e144", "eMedications.03 must be one of the SNOMED CT codes that the data dictionary allows, as its code type says")
	case !rxNorm && !bloodProducts[n.value]:
		p.note(n, "nemSch_e145", "eMedications.03 must be an RxNorm code of 2 to 7 digits or a SNOMED CT code that the data dictionary allows")
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
	for i, h := range p.doc.Headers {
		for j, r := range h.Reports {
			p.timeOrder(r, fmt.Sprintf("/EMSDataSet/Header[%d]/PatientCareReport[%d]/eTimes/", i+1, j+1))
		}
	}
}

// timeOrder compares each time of the call with the last one before it that is
// in order itself.
func (p *pass) timeOrder(r Report, path string) {
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
			p.finding(Violation{Element: e.Name(), Path: path + e.Name(), Line: e.Line(), Rule: RuleTimeOrder,
				Message: e.Name() + " should not be earlier than " + lastName})
			continue
		}
		last, lastName = t, e.Name()
	}
}
