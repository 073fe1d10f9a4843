package chart

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// Extract draws the facts from an accepted report. The version is the one of
// its document.
func Extract(agency nemsis.Agency, report nemsis.Report, version string) *Facts {
	f := &Facts{
		Key: Key{
			AgencyUniqueID: agency.UniqueID,
			AgencyNumber:   agency.Number,
			AgencyState:    agency.State,
			PCRNumber:      report.Number,
			UUID:           report.UUID,
		},
		NEMSISVersion: version,
	}
	for section := range report.Children() {
		f.section(section)
	}
	f.translate34(report)
	f.Intervals = intervals(f)
	f.Derived = derive(f)
	return f
}

// section hands a section to its reader; sections without facts are passed over.
func (f *Facts) section(e nemsis.Element) {
	switch e.ID() {
	case structure.EResponse:
		f.Response.read(e)
	case structure.EDispatch:
		f.Dispatch.read(e)
	case structure.ECrew:
		f.readCrew(e)
	case structure.ETimes:
		f.Times.read(e)
	case structure.EPatient:
		f.Patient.read(e)
	case structure.EHistory:
		f.Patient.readHistory(e)
	case structure.EExam:
		f.Patient.readExam(e)
	case structure.EPayment:
		f.Payment.read(e)
	case structure.EScene:
		f.Scene.read(e)
	case structure.ESituation:
		f.Situation.read(e)
	case structure.EInjury:
		f.Injury.read(e)
	case structure.EArrest:
		f.Arrest.read(e)
	case structure.ENarrative:
		f.NarrativeLength = read(e.First(structure.ENarrative01), func(s string) (int, bool) {
			return utf8.RuneCountInString(strings.TrimSpace(s)), true
		})
	case structure.EVitals:
		f.readVitals(e)
	case structure.EProtocols:
		f.readProtocols(e)
	case structure.EMedications:
		f.readMedications(e)
	case structure.EProcedures:
		f.readProcedures(e)
	case structure.EAirway:
		f.Airway.read(e)
	case structure.EDisposition:
		f.Disposition.read(e)
	case structure.EOutcome:
		f.Outcome.read(e)
	case structure.EOther:
		f.readOther(e)
	}
}

// read puts an element into one of the four states. A value that cannot be
// read is like one that was not given: the reader of the document accepted it,
// so this is a 3.4 oddity.
func read[T any](e nemsis.Element, parse func(string) (T, bool)) Fact[T] {
	if !e.Exists() {
		return Fact[T]{}
	}
	f := Fact[T]{State: NotValue, Code: e.NV()}
	if text := e.Value(); text != "" && !e.Nil() {
		if v, ok := parse(text); ok {
			f = Fact[T]{State: Valued, Value: v, HasValue: true}
		}
	}
	if pn := e.PN(); pn != "" {
		f.State, f.Code = PertinentNegative, pn
	}
	return f
}

func code(e nemsis.Element) Code {
	return read(e, func(s string) (string, bool) { return s, true })
}

func when(e nemsis.Element) Time {
	return read(e, func(s string) (time.Time, bool) { return nemsis.ParseDateTime(s) })
}

func whole(e nemsis.Element) Fact[int] {
	return read(e, func(s string) (int, bool) {
		n, err := strconv.Atoi(s)
		return n, err == nil
	})
}

func decimal(e nemsis.Element) Fact[float64] {
	return read(e, func(s string) (float64, bool) {
		n, err := strconv.ParseFloat(s, 64)
		return n, err == nil
	})
}

func miles(e nemsis.Element) Fact[HundredthMiles] { return read(e, parseMiles) }

// parseMiles reads a decimal of at most two digits after the point exactly.
func parseMiles(s string) (HundredthMiles, bool) {
	whole, frac, _ := strings.Cut(s, ".")
	negative := strings.HasPrefix(whole, "-")
	whole = strings.TrimLeft(whole, "+-")
	if len(frac) > 2 {
		frac = frac[:2]
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", 2-len(frac)), 10, 64)
	if err != nil {
		return 0, false
	}
	if negative {
		n = -n
	}
	return HundredthMiles(n), true
}

// add appends a repeat, so that several codes of one element keep their order.
func add(list *[]Code, e nemsis.Element) { *list = append(*list, code(e)) }
