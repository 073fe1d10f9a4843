package chart

import (
	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

func (p *Patient) read(section nemsis.Element) {
	for e := range section.Descendants() {
		switch e.ID() {
		case structure.EPatient15:
			p.Age = whole(e)
		case structure.EPatient16:
			p.AgeUnits = code(e)
		case structure.EPatient13:
			p.Gender = code(e)
		case structure.EPatient25:
			p.Sex = code(e)
		}
	}
}

func (p *Patient) readHistory(section nemsis.Element) {
	for e := range section.Children() {
		switch e.ID() {
		case structure.EHistory01:
			add(&p.Barriers, e)
		case structure.EHistory17:
			add(&p.AlcoholDrug, e)
		}
	}
}

func (p *Patient) readExam(section nemsis.Element) {
	for e := range section.Children() {
		switch e.ID() {
		case structure.EExam01:
			p.Weight = decimal(e)
		case structure.EExam02:
			p.Tape = code(e)
		}
	}
}

func (s *Situation) read(section nemsis.Element) {
	for e := range section.Children() {
		switch e.ID() {
		case structure.ESituation01:
			s.SymptomOnset = when(e)
		case structure.ESituation02:
			s.PossibleInjury = code(e)
		case structure.ESituation09:
			s.PrimarySymptom = code(e)
		case structure.ESituation10:
			add(&s.OtherSymptoms, e)
		case structure.ESituation11:
			s.PrimaryImpression = code(e)
		case structure.ESituation12:
			add(&s.SecondaryImpressions, e)
		case structure.ESituation13:
			s.InitialAcuity = code(e)
		case structure.ESituation18:
			s.LastKnownWell = when(e)
		case structure.ESituation20:
			s.TransferReason = code(e)
		}
	}
}

func (i *Injury) read(section nemsis.Element) {
	for e := range section.Children() {
		switch e.ID() {
		case structure.EInjury01:
			add(&i.Causes, e)
		case structure.EInjury02:
			add(&i.Mechanisms, e)
		case structure.EInjury03:
			add(&i.HighRisk, e)
		case structure.EInjury04:
			add(&i.ModerateRisk, e)
		case structure.EInjury09:
			i.FallHeight = whole(e)
		}
	}
}

func (a *Arrest) read(section nemsis.Element) {
	for e := range section.Children() {
		switch e.ID() {
		case structure.EArrest01:
			a.CardiacArrest = code(e)
		case structure.EArrest02:
			a.Etiology = code(e)
		case structure.EArrest03:
			add(&a.Resuscitation, e)
		case structure.EArrest04:
			add(&a.WitnessedBy, e)
		case structure.EArrest07:
			a.AEDPrior = code(e)
		case structure.EArrest09:
			add(&a.CPRTypes, e)
		case structure.EArrest11:
			a.FirstRhythm = code(e)
		case structure.EArrest12:
			add(&a.ROSC, e)
		case structure.EArrest14:
			a.ArrestTime = when(e)
		case structure.EArrest15:
			a.DiscontinuedTime = when(e)
		case structure.EArrest16:
			a.DiscontinuedReason = code(e)
		case structure.EArrest17:
			add(&a.DestinationRhythm, e)
		case structure.EArrest18:
			a.EndOfEvent = code(e)
		case structure.EArrest19:
			a.InitialCPRTime = when(e)
		case structure.EArrest20:
			a.FirstCPRBy = code(e)
		case structure.EArrest21:
			a.FirstAEDBy = code(e)
		case structure.EArrest22:
			a.FirstShockBy = code(e)
		}
	}
}

func (f *Facts) readVitals(section nemsis.Element) {
	for group := range section.Children() {
		var v VitalSet
		for e := range group.Descendants() {
			v.read(e)
		}
		f.Vitals = append(f.Vitals, v)
	}
}

func (v *VitalSet) read(e nemsis.Element) {
	switch e.ID() {
	case structure.EVitals01:
		v.Time = when(e)
	case structure.EVitals02:
		v.PriorToArrival = code(e)
	case structure.EVitals03:
		add(&v.Rhythms, e)
	case structure.EVitals04:
		v.ECGType = code(e)
	case structure.EVitals05:
		add(&v.ECGMethods, e)
	case structure.EVitals06:
		v.SystolicBP = whole(e)
	case structure.EVitals07:
		v.DiastolicBP = code(e)
	case structure.EVitals10:
		v.HeartRate = whole(e)
	case structure.EVitals12:
		v.SpO2 = whole(e)
	case structure.EVitals14:
		v.RespiratoryRate = whole(e)
	case structure.EVitals16:
		v.ETCO2, v.ETCO2Unit = decimal(e), e.Attr("ETCO2Type")
	case structure.EVitals18:
		v.Glucose = code(e)
	case structure.EVitals19:
		v.GCSEye = code(e)
	case structure.EVitals20:
		v.GCSVerbal = code(e)
	case structure.EVitals21:
		v.GCSMotor = code(e)
	case structure.EVitals22:
		add(&v.GCSQualifiers, e)
	case structure.EVitals23:
		v.GCSTotal = whole(e)
	case structure.EVitals24:
		v.Temperature = decimal(e)
	case structure.EVitals26:
		v.AVPU = code(e)
	case structure.EVitals27:
		v.Pain = whole(e)
	case structure.EVitals29:
		v.StrokeResult = code(e)
	case structure.EVitals30:
		v.StrokeScale = code(e)
	case structure.EVitals31:
		v.Reperfusion = code(e)
	case structure.EVitals34:
		v.StrokeScore = whole(e)
	}
}
