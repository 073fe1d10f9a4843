package chart

import "github.com/fusionems/quantum/services/clinical/internal/nemsis"

// The tables below bring the facts of a NEMSIS 3.4 chart to the terms of 3.5,
// so that no reader of facts needs to know both. Source: the transformation
// EMSDataSet 3.4.0.200910CP2 to 3.5.0.191130CP1 that the NEMSIS TAC published
// on 6 November 2020, and GeneralFilters340 of its case definitions.

// disposition34 is what one code of eDisposition.12 says in 3.5. An empty code
// is the not value Not Applicable.
type disposition34 struct{ unit, care, crew, transport, reason string }

const notApplicable = "7701001"

var dispositions34 = map[string]disposition34{
	"4212001": {"4227007", "", "4229009", "4230013", ""},
	"4212003": {"4227007", "", "4229009", "4230013", ""},
	"4212005": {"4227007", "", "4229009", "4230013", ""},
	"4212007": {"4227005", "", "4229011", "4230013", ""},
	"4212009": {"4227007", "", "4229011", "4230013", ""},
	"4212011": {"4227009", "", "4229011", "4230013", ""},
	"4212013": {"4227001", "4228005", "4229009", "4230001", ""},
	"4212015": {"4227001", "4228005", "4229011", "4230013", ""},
	"4212017": {"4227001", "4228001", "4229001", "4230001", ""},
	"4212019": {"4227001", "4228001", "4229001", "4230013", ""},
	"4212021": {"4227001", "4228005", "4229011", "4230013", "4231005"},
	"4212023": {"4227001", "4228007", "4229013", "4230001", ""},
	"4212025": {"4227001", "4228007", "4229013", "4230013", ""},
	"4212027": {"4227001", "4228001", "4229001", "4230009", "4231001"},
	"4212029": {"4227001", "4228001", "4229001", "4230013", "4231005"},
	"4212031": {"4227001", "4228001", "4229003", "4230005", ""},
	"4212033": {"4227001", "4228001", "4229001", "4230001", ""},
	"4212035": {"4227001", "4228001", "4229001", "4230013", "4231007"},
	"4212037": {"4227001", "4228001", "4229001", "4230013", ""},
	"4212039": {"4227011", "", "4229011", "", ""},
	"4212041": {"4227011", "", "4229009", "", ""},
	"4212043": {"4227011", "", "4229009", "4230011", ""},
}

// Codes that 3.5 replaced, by element.
var (
	crewLevels34       = map[string]string{"9925013": "9925003", "9925015": "9925005", "9925017": "9925002", "9925019": "9925007"}
	caregiverRoles34   = map[string]string{"9905009": "9905005", "9905011": "9905002", "9905013": "9905007", "9905015": "9905003", "9905023": "9905045"}
	doseUnits34        = map[string]string{"3706011": "3706035"}
	strokeScales34     = map[string]string{"3330003": "3330004"}
	destinationTypes34 = map[string]string{"4221011": "4221029"}
	signatures34       = map[string]string{"4515029": "4515019"}
)

// translate34 does nothing to a chart of 3.5.
func (f *Facts) translate34(report nemsis.Report) {
	old, ok := report.Legacy("eDisposition.12")
	if !ok {
		return
	}
	d := &f.Disposition
	d.Incident34 = Code{State: NotValue, Code: old.NV}
	if old.Value != "" {
		d.Incident34 = Value(old.Value)
	}
	if today, ok := dispositions34[old.Value]; ok {
		d.Unit, d.Care = code34(today.unit), code34(today.care)
		d.Crew, d.Transport = code34(today.crew), code34(today.transport)
		if today.reason != "" {
			d.RefusalReasons = append(d.RefusalReasons, Value(today.reason))
		}
	}
	for i := range f.Crew {
		replace(&f.Crew[i].Level, crewLevels34)
	}
	for i := range f.Vitals {
		replace(&f.Vitals[i].StrokeScale, strokeScales34)
	}
	for i := range f.Medications {
		replace(&f.Medications[i].Role, caregiverRoles34)
		replace(&f.Medications[i].DoseUnit, doseUnits34)
	}
	for i := range f.Procedures {
		replace(&f.Procedures[i].Role, caregiverRoles34)
	}
	for i := range f.Signatures {
		replace(&f.Signatures[i].Status, signatures34)
	}
	replace(&d.DestinationType, destinationTypes34)
}

func code34(c string) Code {
	if c == "" {
		return Code{State: NotValue, Code: notApplicable}
	}
	return Value(c)
}

func replace(c *Code, table map[string]string) {
	if today, ok := table[c.Value]; ok && c.HasValue {
		c.Value = today
	}
}
