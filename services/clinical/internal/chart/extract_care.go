package chart

import (
	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

func (f *Facts) readProtocols(section nemsis.Element) {
	for group := range section.Children() {
		f.Protocols = append(f.Protocols, Protocol{
			Protocol:    code(group.First(structure.EProtocols01)),
			AgeCategory: code(group.First(structure.EProtocols02)),
		})
	}
}

func (f *Facts) readMedications(section nemsis.Element) {
	for group := range section.Children() {
		var m Medication
		for e := range group.Descendants() {
			m.read(e)
		}
		f.Medications = append(f.Medications, m)
	}
}

func (m *Medication) read(e nemsis.Element) {
	switch e.ID() {
	case structure.EMedications01:
		m.Time = when(e)
	case structure.EMedications02:
		m.PriorToArrival = code(e)
	case structure.EMedications03:
		m.Drug, m.CodeType = code(e), e.Attr("CodeType")
	case structure.EMedications04:
		m.Route = code(e)
	case structure.EMedications05:
		m.Dose = decimal(e)
	case structure.EMedications06:
		m.DoseUnit = code(e)
	case structure.EMedications07:
		m.Response = code(e)
	case structure.EMedications08:
		add(&m.Complications, e)
	case structure.EMedications09:
		m.CrewID = code(e)
	case structure.EMedications10:
		m.Role = code(e)
	case structure.EMedications11:
		m.Authorization = code(e)
	case structure.EMedications13:
		m.ByOtherUnit = code(e)
	}
}

// Given tells whether this unit gave the drug: it is named without a pertinent
// negative and was not given before this unit's care. Only what was given may
// be counted, priced or taken from stock.
func (m *Medication) Given() bool {
	_, named := m.Drug.Get()
	return named && !Is(m.PriorToArrival, yes)
}

func (f *Facts) readProcedures(section nemsis.Element) {
	for group := range section.Children() {
		var p Procedure
		for e := range group.Descendants() {
			p.read(e)
		}
		f.Procedures = append(f.Procedures, p)
	}
}

func (p *Procedure) read(e nemsis.Element) {
	switch e.ID() {
	case structure.EProcedures01:
		p.Time = when(e)
	case structure.EProcedures02:
		p.PriorToArrival = code(e)
	case structure.EProcedures03:
		p.Procedure = code(e)
	case structure.EProcedures05:
		p.Attempts = whole(e)
	case structure.EProcedures06:
		p.Successful = code(e)
	case structure.EProcedures07:
		add(&p.Complications, e)
	case structure.EProcedures08:
		p.Response = code(e)
	case structure.EProcedures09:
		p.CrewID = code(e)
	case structure.EProcedures10:
		p.Role = code(e)
	case structure.EProcedures11:
		p.Authorization = code(e)
	case structure.EProcedures14:
		add(&p.AirwayMethods, e)
	case structure.EProcedures15:
		p.ByOtherUnit = code(e)
	}
}

// Performed tells whether this unit performed the procedure.
func (p *Procedure) Performed() bool {
	_, named := p.Procedure.Get()
	return named && !Is(p.PriorToArrival, yes)
}

func (a *Airway) read(section nemsis.Element) {
	for e := range section.Descendants() {
		switch e.ID() {
		case structure.EAirway01:
			add(&a.Indications, e)
		case structure.EAirwayConfirmationGroup:
			a.Confirmations = append(a.Confirmations, readConfirmation(e))
		case structure.EAirway10:
			a.DecisionTime = when(e)
		case structure.EAirway11:
			a.AbandonedTime = when(e)
		}
	}
}

func readConfirmation(group nemsis.Element) (c AirwayConfirmation) {
	for e := range group.Children() {
		switch e.ID() {
		case structure.EAirway02:
			c.Time = when(e)
		case structure.EAirway03:
			c.Device = code(e)
		case structure.EAirway04:
			add(&c.Methods, e)
		case structure.EAirway07:
			c.CrewID = code(e)
		case structure.EAirway08:
			add(&c.Complications, e)
		}
	}
	return c
}
