package nemsis

import (
	"strings"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// judgedVersion is the version of the structure table.
const judgedVersion = "3.5.1"

// versionText finds a version in a schema location, which is the only place
// where a document names it.
const versionText = `[/-](3\.\d{1,2}\.\d{1,3})\b`

// readVersion reads the version from the schema location of the root element.
func (p *pass) readVersion() {
	p.doc.Version = judgedVersion
	if p.legacy {
		p.doc.Version = "3.4.0"
	}
	for _, a := range p.scan.Attrs {
		if a.Space != xsiSpace || a.Local != "schemaLocation" {
			continue
		}
		if m := p.reader.version.FindStringSubmatch(a.Value); m != nil {
			p.doc.Version, p.claimed = m[1], true
			p.legacy = p.legacy || strings.HasPrefix(m[1], "3.4.")
		}
	}
}

// supported tells versions that can be judged: an earlier or later one may mean something else by the same elements.
func supported(version string) bool {
	return strings.HasPrefix(version, "3.4.") || strings.HasPrefix(version, "3.5.")
}

// legacyElements are the elements that 3.5 dropped; the kept ones have facts
// drawn from them. Source: the transformation EMSDataSet 3.4.0.200910CP2 to
// 3.5.0.191130CP1 that the NEMSIS TAC published on 6 November 2020.
var legacyElements = map[string]bool{
	"eState":          false,
	"eResponse.15":    false,
	"eArrest.05":      false,
	"eArrest.06":      false,
	"eArrest.08":      false,
	"eExam.08":        false,
	"eDisposition.12": true, // split into eDisposition.27 to .31
	"eOutcome.06":     false,
	"eOutcome.07":     false,
	"eOutcome.08":     false,
	"eOutcome.14":     false,
	"eOutcome.15":     false,
	"eOutcome.17":     false,
}

// newIn35 are the mandatory elements, and the group around them, that 3.4 did
// not have.
var newIn35 = map[structure.ID]bool{
	structure.EDispositionIncidentDispositionGroup: true,
	structure.EDisposition27:                       true,
}

// LegacyValue is an element of NEMSIS 3.4 that the table does not know.
type LegacyValue struct {
	Name   string
	Value  string
	NV     string
	offset int32
}

// isLegacy begins to keep an element of 3.4, and remembers having seen one.
// Only the element that replaced the dispositions tells 3.4 from a mistake in a
// document that names no version.
func (p *pass) isLegacy(name string) bool {
	keep, known := legacyElements[name]
	if !known {
		return false
	}
	if keep && !p.claimed {
		p.sawLegacy = true
	}
	if !p.legacy || !keep || p.report == nil || p.kept == p.report {
		return p.legacy
	}
	p.kept = p.report // one for each report is all there can be
	v := LegacyValue{Name: name, offset: int32(p.scan.Offset)}
	for _, a := range p.scan.Attrs {
		if a.Space == "" && a.Local == "NV" {
			v.NV = a.Value
		}
	}
	p.doc.legacy = append(p.doc.legacy, v)
	p.old = &p.doc.legacy[len(p.doc.legacy)-1]
	p.text.reset()
	return true
}

// Legacy returns an element of NEMSIS 3.4 that the report holds.
func (r Report) Legacy(name string) (LegacyValue, bool) {
	from := r.doc.nodes[r.i].offset
	to := int32(len(r.doc.src))
	if end := r.doc.nodes[r.i].end; int(end) < len(r.doc.nodes) {
		to = r.doc.nodes[end].offset
	}
	for _, v := range r.doc.legacy {
		if v.Name == name && v.offset > from && v.offset < to {
			return v, true
		}
	}
	return LegacyValue{}, false
}

// level decides whether breaking a rule refuses the document. For 3.4 there is
// no schema here; what the table of 3.5.1 cannot judge is a warning.
func (p *pass) level(rule string, id structure.ID) Level {
	if !p.legacy {
		return Error
	}
	switch id {
	case structure.EMSDataSet, structure.Header, structure.DemographicGroup,
		structure.DAgency01, structure.DAgency02, structure.DAgency04:
		return Error // the frame of a document has not changed
	}
	switch rule {
	case RuleMissingMandatory:
		if newIn35[id] {
			return Warning
		}
		return Error
	case RuleText, RuleDataType, RuleXSIType:
		return Error
	case RulePattern:
		if structure.TypeOf(structure.Of(id).Type).Base == structure.DateTime {
			return Error
		}
	}
	return Warning
}
