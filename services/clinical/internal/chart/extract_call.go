package chart

import (
	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

func (r *Response) read(section nemsis.Element) {
	for e := range section.Descendants() {
		switch e.ID() {
		case structure.EResponse01:
			r.AgencyNumber = code(e)
		case structure.EResponse03:
			r.IncidentNumber = code(e)
		case structure.EResponse04:
			r.ResponseNumber = code(e)
		case structure.EResponse05:
			r.ServiceType = code(e)
		case structure.EResponse06:
			r.StandbyPurpose = code(e)
		case structure.EResponse07:
			r.Capability = code(e)
		case structure.EResponse08:
			add(&r.DispatchDelays, e)
		case structure.EResponse09:
			add(&r.ResponseDelays, e)
		case structure.EResponse10:
			add(&r.SceneDelays, e)
		case structure.EResponse11:
			add(&r.TransportDelays, e)
		case structure.EResponse12:
			add(&r.TurnaroundDelays, e)
		case structure.EResponse13:
			r.VehicleNumber = code(e)
		case structure.EResponse14:
			r.CallSign = code(e)
		case structure.EResponse19:
			r.OdometerBegin = miles(e)
		case structure.EResponse20:
			r.OdometerScene = miles(e)
		case structure.EResponse21:
			r.OdometerDestination = miles(e)
		case structure.EResponse22:
			r.OdometerEnd = miles(e)
		case structure.EResponse23:
			r.Mode = code(e)
		case structure.EResponse24:
			add(&r.ModeDescriptors, e)
		}
	}
}

func (d *Dispatch) read(section nemsis.Element) {
	for e := range section.Children() {
		switch e.ID() {
		case structure.EDispatch01:
			d.Complaint = code(e)
		case structure.EDispatch02:
			d.EMD = code(e)
		case structure.EDispatch05:
			d.Priority = code(e)
		}
	}
}

func (f *Facts) readCrew(section nemsis.Element) {
	for group := range section.Children() {
		var m CrewMember
		for e := range group.Children() {
			switch e.ID() {
			case structure.ECrew01:
				m.ID = code(e)
			case structure.ECrew02:
				m.Level = code(e)
			case structure.ECrew03:
				add(&m.Roles, e)
			}
		}
		f.Crew = append(f.Crew, m)
	}
}

func (t *Times) read(section nemsis.Element) {
	for e := range section.Children() {
		switch e.ID() {
		case structure.ETimes01:
			t.PSAPCall = when(e)
		case structure.ETimes02:
			t.DispatchNotified = when(e)
		case structure.ETimes03:
			t.UnitNotified = when(e)
		case structure.ETimes04:
			t.DispatchAcknowledged = when(e)
		case structure.ETimes05:
			t.EnRoute = when(e)
		case structure.ETimes06:
			t.ArrivedScene = when(e)
		case structure.ETimes07:
			t.ArrivedPatient = when(e)
		case structure.ETimes08:
			t.TransferOfCare = when(e)
		case structure.ETimes09:
			t.LeftScene = when(e)
		case structure.ETimes10:
			t.ArrivedLandingArea = when(e)
		case structure.ETimes11:
			t.ArrivedDestination = when(e)
		case structure.ETimes12:
			t.DestinationTransfer = when(e)
		case structure.ETimes13:
			t.BackInService = when(e)
		case structure.ETimes14:
			t.Canceled = when(e)
		case structure.ETimes15:
			t.BackHome = when(e)
		case structure.ETimes16:
			t.CallCompleted = when(e)
		case structure.ETimes17:
			t.ArrivedStaging = when(e)
		}
	}
}

func (s *Scene) read(section nemsis.Element) {
	for e := range section.Children() {
		switch e.ID() {
		case structure.EScene06:
			s.PatientCount = code(e)
		case structure.EScene07:
			s.MCI = code(e)
		case structure.EScene08:
			s.MCITriage = code(e)
		case structure.EScene09:
			s.LocationType = code(e)
		case structure.EScene10:
			s.FacilityCode = code(e)
		case structure.EScene18:
			s.State = code(e)
		case structure.EScene19:
			s.PickupZIP = code(e)
		case structure.EScene21:
			s.County = code(e)
		}
	}
}
