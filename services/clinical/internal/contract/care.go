package contract

import (
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/chart"
)

func crew(list []chart.CrewMember) []*clinicalv1.CrewMember {
	out := make([]*clinicalv1.CrewMember, len(list))
	for i, m := range list {
		out[i] = &clinicalv1.CrewMember{CrewId: code(m.ID), Level: code(m.Level), Roles: codes(m.Roles)}
	}
	return out
}

func vitals(list []chart.VitalSet) []*clinicalv1.VitalSet {
	out := make([]*clinicalv1.VitalSet, len(list))
	for i := range list {
		v := &list[i]
		out[i] = &clinicalv1.VitalSet{
			Time:            when(v.Time),
			PriorToCare:     code(v.PriorToArrival),
			Rhythms:         codes(v.Rhythms),
			Systolic:        whole(v.SystolicBP),
			Diastolic:       code(v.DiastolicBP),
			HeartRate:       whole(v.HeartRate),
			PulseOximetry:   whole(v.SpO2),
			RespiratoryRate: whole(v.RespiratoryRate),
			Etco2:           real(v.ETCO2),
			Glucose:         code(v.Glucose),
			GcsTotal:        whole(v.GCSTotal),
			Avpu:            code(v.AVPU),
			Pain:            whole(v.Pain),
			StrokeResult:    code(v.StrokeResult),
			StrokeType:      code(v.StrokeScale),
		}
	}
	return out
}

func medications(list []chart.Medication) []*clinicalv1.Medication {
	out := make([]*clinicalv1.Medication, len(list))
	for i := range list {
		m := &list[i]
		out[i] = &clinicalv1.Medication{
			Time:        when(m.Time),
			PriorToCare: code(m.PriorToArrival),
			Code:        code(m.Drug),
			Route:       code(m.Route),
			Dose:        real(m.Dose),
			DoseUnit:    code(m.DoseUnit),
			Response:    code(m.Response),
			CrewId:      code(m.CrewID),
			Given:       m.Given(),
		}
	}
	return out
}

func procedures(list []chart.Procedure) []*clinicalv1.Procedure {
	out := make([]*clinicalv1.Procedure, len(list))
	for i := range list {
		p := &list[i]
		out[i] = &clinicalv1.Procedure{
			Time:        when(p.Time),
			PriorToCare: code(p.PriorToArrival),
			Code:        code(p.Procedure),
			Attempts:    whole(p.Attempts),
			Successful:  code(p.Successful),
			CrewId:      code(p.CrewID),
			Performed:   p.Performed(),
		}
	}
	return out
}

func protocols(list []chart.Protocol) []*clinicalv1.Fact {
	out := make([]*clinicalv1.Fact, len(list))
	for i, p := range list {
		out[i] = code(p.Protocol)
	}
	return out
}

func signatures(list []chart.Signature) []*clinicalv1.Signature {
	out := make([]*clinicalv1.Signature, len(list))
	for i, s := range list {
		out[i] = &clinicalv1.Signature{Signer: code(s.Type), Reasons: codes(s.Reasons), Status: code(s.Status), Time: when(s.Time)}
	}
	return out
}
