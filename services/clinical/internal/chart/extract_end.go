package chart

import (
	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

func (d *Disposition) read(section nemsis.Element) {
	for e := range section.Descendants() {
		switch e.ID() {
		case structure.EDisposition02:
			d.DestinationCode = code(e)
		case structure.EDisposition05:
			d.DestinationState = code(e)
		case structure.EDisposition11:
			d.PatientsTransported = whole(e)
		case structure.EDisposition27:
			d.Unit = code(e)
		case structure.EDisposition28:
			d.Care = code(e)
		case structure.EDisposition29:
			d.Crew = code(e)
		case structure.EDisposition30:
			d.Transport = code(e)
		case structure.EDisposition31:
			add(&d.RefusalReasons, e)
		case structure.EDisposition14:
			add(&d.PatientPositions, e)
		case structure.EDisposition16:
			d.TransportMethod = code(e)
		case structure.EDisposition17:
			d.TransportMode = code(e)
		case structure.EDisposition18:
			add(&d.ModeDescriptors, e)
		case structure.EDisposition19:
			d.FinalAcuity = code(e)
		case structure.EDisposition20:
			add(&d.DestinationReasons, e)
		case structure.EDisposition21:
			d.DestinationType = code(e)
		case structure.EDisposition22:
			d.HospitalUnit = code(e)
		case structure.EDisposition23:
			add(&d.HospitalCapability, e)
		case structure.EDispositionHospitalTeamActivationGroup:
			d.TeamActivations = append(d.TeamActivations, TeamActivation{
				Team: code(e.First(structure.EDisposition24)),
				Time: when(e.First(structure.EDisposition25)),
			})
		case structure.EDisposition26:
			add(&d.Instructions, e)
		case structure.EDisposition32:
			d.LevelOfCare = code(e)
		}
	}
}

func (o *Outcome) read(section nemsis.Element) {
	for e := range section.Children() {
		switch e.ID() {
		case structure.EOutcome01:
			o.EmergencyDepartment = code(e)
		case structure.EOutcome02:
			o.Hospital = code(e)
		case structure.EOutcome21:
			o.InjurySeverityScore = whole(e)
		}
	}
}

func (p *Payment) read(section nemsis.Element) {
	for e := range section.Descendants() {
		switch e.ID() {
		case structure.EPayment01:
			p.PrimaryMethod = code(e)
		case structure.EPayment02:
			p.PCS = code(e)
		case structure.EPayment03:
			p.PCSDate = when(e)
		case structure.EPayment04:
			add(&p.PCSReasons, e)
		case structure.EPayment05:
			p.PCSSigner = code(e)
		case structure.EPayment08:
			p.ResidesInArea = code(e)
		case structure.EPaymentInsuranceGroup:
			p.Insurances = append(p.Insurances, readInsurance(e))
		case structure.EPayment40:
			p.Urgency = code(e)
		case structure.EPayment41:
			add(&p.PatientAssessment, e)
		case structure.EPayment42:
			add(&p.SpecialtyProviders, e)
		case structure.EPayment44:
			add(&p.TransportReasons, e)
		case structure.EPayment45:
			p.RoundTrip = e.Value() != ""
		case structure.EPayment46:
			p.StretcherPurpose = e.Value() != ""
		case structure.EPayment47:
			add(&p.Conditions, e)
		case structure.EPayment48:
			p.ClosestFacility = miles(e)
		case structure.EPayment49:
			p.ALSAssessment = code(e)
		case structure.EPayment50:
			p.ServiceLevel = code(e)
		case structure.EPayment51:
			add(&p.ConditionCodes, e)
		case structure.EPayment52:
			add(&p.TransportIndicators, e)
		case structure.EPayment53:
			p.Authorized = e.Value() != ""
		case structure.EPayment54:
			p.PriorAuthPayer = e.Value() != ""
		case structure.EPayment57:
			p.PayerType = code(e)
		}
	}
}

func readInsurance(group nemsis.Element) (i Insurance) {
	for e := range group.Children() {
		switch e.ID() {
		case structure.EPayment09, structure.EPayment10:
			i.HasCompany = i.HasCompany || e.Value() != ""
		case structure.EPayment11:
			i.Priority = code(e)
		case structure.EPayment17:
			i.HasGroup = e.Value() != ""
		case structure.EPayment18:
			i.HasPolicy = e.Value() != ""
		case structure.EPayment22:
			i.Relationship = code(e)
		}
	}
	return i
}

func (f *Facts) readOther(section nemsis.Element) {
	for e := range section.Descendants() {
		switch e.ID() {
		case structure.EOther01:
			f.Review.Requested = code(e)
		case structure.EOther02:
			add(&f.Review.Registries, e)
		case structure.EOther05:
			add(&f.Review.Exposures, e)
		case structure.EOtherSignatureGroup:
			f.Signatures = append(f.Signatures, readSignature(e))
		}
	}
}

func readSignature(group nemsis.Element) (s Signature) {
	for e := range group.Children() {
		switch e.ID() {
		case structure.EOther12:
			s.Type = code(e)
		case structure.EOther13:
			add(&s.Reasons, e)
		case structure.EOther14:
			s.Representative = code(e)
		case structure.EOther15:
			s.Status = code(e)
		case structure.EOther19:
			s.Time = when(e)
		}
	}
	return s
}
