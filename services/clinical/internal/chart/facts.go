package chart

import "time"

// Code is a NEMSIS, ICD-10-CM, RxNorm or SNOMED CT code as it stands in the chart.
type Code = Fact[string]

// Time is a date and time with its offset from UTC as recorded.
type Time = Fact[time.Time]

// Facts are the facts of one patient care report. Comments name the element.
type Facts struct {
	Key           Key
	NEMSISVersion string

	Response    Response
	Dispatch    Dispatch
	Crew        []CrewMember
	Times       Times
	Patient     Patient
	Scene       Scene
	Situation   Situation
	Injury      Injury
	Arrest      Arrest
	Vitals      []VitalSet
	Protocols   []Protocol
	Medications []Medication
	Procedures  []Procedure
	Airway      Airway
	Disposition Disposition
	Outcome     Outcome
	Payment     Payment
	Signatures  []Signature
	Review      Review

	// NarrativeLength is the number of characters of eNarrative.01.
	NarrativeLength Fact[int]

	Intervals Intervals
	Derived   Derived
}

// Key identifies a patient care report: the agency and eRecord.01 are the key
// of a chart, the UUID goes along with it.
type Key struct {
	AgencyUniqueID string // dAgency.01
	AgencyNumber   string // dAgency.02
	AgencyState    string // dAgency.04, ANSI state code
	PCRNumber      string // eRecord.01
	UUID           string // PatientCareReport/@UUID; empty in 3.4
}

// Response is eResponse.
type Response struct {
	AgencyNumber        Code                 // .01
	IncidentNumber      Code                 // .03
	ResponseNumber      Code                 // .04
	ServiceType         Code                 // .05
	StandbyPurpose      Code                 // .06
	Capability          Code                 // .07
	DispatchDelays      []Code               // .08
	ResponseDelays      []Code               // .09
	SceneDelays         []Code               // .10
	TransportDelays     []Code               // .11
	TurnaroundDelays    []Code               // .12
	VehicleNumber       Code                 // .13
	CallSign            Code                 // .14
	OdometerBegin       Fact[HundredthMiles] // .19
	OdometerScene       Fact[HundredthMiles] // .20
	OdometerDestination Fact[HundredthMiles] // .21
	OdometerEnd         Fact[HundredthMiles] // .22
	Mode                Code                 // .23
	ModeDescriptors     []Code               // .24
}

// HundredthMiles counts hundredths of a mile, the precision of an odometer
// reading in NEMSIS, so that differences are exact.
type HundredthMiles int64

// Dispatch is eDispatch.
type Dispatch struct {
	Complaint Code // .01
	EMD       Code // .02
	Priority  Code // .05
}

// CrewMember is one eCrew.CrewGroup.
type CrewMember struct {
	ID    Code   // .01
	Level Code   // .02
	Roles []Code // .03
}

// Times is eTimes.
type Times struct {
	PSAPCall             Time // .01
	DispatchNotified     Time // .02
	UnitNotified         Time // .03
	DispatchAcknowledged Time // .04
	EnRoute              Time // .05
	ArrivedScene         Time // .06
	ArrivedPatient       Time // .07
	TransferOfCare       Time // .08
	LeftScene            Time // .09
	ArrivedLandingArea   Time // .10
	ArrivedDestination   Time // .11
	DestinationTransfer  Time // .12
	BackInService        Time // .13
	Canceled             Time // .14
	BackHome             Time // .15
	CallCompleted        Time // .16
	ArrivedStaging       Time // .17
}

// Patient is what is kept of ePatient and eExam. There is no birth date here.
type Patient struct {
	Age      Fact[int]     // ePatient.15
	AgeUnits Code          // ePatient.16
	Sex      Code          // ePatient.25
	Gender   Code          // ePatient.13, deprecated in 3.5.1, the only one before
	Weight   Fact[float64] // eExam.01, kilograms
	Tape     Code          // eExam.02, length based tape
	// Barriers and AlcoholDrug bear on the capacity to refuse.
	Barriers    []Code // eHistory.01
	AlcoholDrug []Code // eHistory.17
}

// Scene is what is kept of eScene. The ZIP code sets the price of a transport
// and is for billing only.
type Scene struct {
	PatientCount Code // .06
	MCI          Code // .07
	MCITriage    Code // .08
	LocationType Code // .09
	FacilityCode Code // .10
	State        Code // .18
	PickupZIP    Code // .19
	County       Code // .21
}

// Situation is eSituation.
type Situation struct {
	SymptomOnset         Time   // .01
	PossibleInjury       Code   // .02
	PrimarySymptom       Code   // .09
	OtherSymptoms        []Code // .10
	PrimaryImpression    Code   // .11
	SecondaryImpressions []Code // .12
	InitialAcuity        Code   // .13
	LastKnownWell        Time   // .18
	TransferReason       Code   // .20
}

// Injury is eInjury.
type Injury struct {
	Causes       []Code    // .01
	Mechanisms   []Code    // .02
	HighRisk     []Code    // .03
	ModerateRisk []Code    // .04
	FallHeight   Fact[int] // .09, feet
}

// Arrest is eArrest.
type Arrest struct {
	CardiacArrest      Code   // .01
	Etiology           Code   // .02
	Resuscitation      []Code // .03
	WitnessedBy        []Code // .04
	AEDPrior           Code   // .07
	CPRTypes           []Code // .09
	FirstRhythm        Code   // .11
	ROSC               []Code // .12
	ArrestTime         Time   // .14
	DiscontinuedTime   Time   // .15
	DiscontinuedReason Code   // .16
	DestinationRhythm  []Code // .17
	EndOfEvent         Code   // .18
	InitialCPRTime     Time   // .19
	FirstCPRBy         Code   // .20
	FirstAEDBy         Code   // .21
	FirstShockBy       Code   // .22
}

// VitalSet is one eVitals.VitalGroup.
type VitalSet struct {
	Time            Time          // .01
	PriorToArrival  Code          // .02, yes or no
	Rhythms         []Code        // .03
	ECGType         Code          // .04
	ECGMethods      []Code        // .05
	SystolicBP      Fact[int]     // .06
	DiastolicBP     Code          // .07, a number or P for palpated
	HeartRate       Fact[int]     // .10
	SpO2            Fact[int]     // .12
	RespiratoryRate Fact[int]     // .14
	ETCO2           Fact[float64] // .16
	ETCO2Unit       string        // .16/@ETCO2Type
	Glucose         Code          // .18, a number, High or Low
	GCSEye          Code          // .19
	GCSVerbal       Code          // .20
	GCSMotor        Code          // .21
	GCSQualifiers   []Code        // .22
	GCSTotal        Fact[int]     // .23
	Temperature     Fact[float64] // .24, Celsius
	AVPU            Code          // .26
	Pain            Fact[int]     // .27
	StrokeResult    Code          // .29
	StrokeScale     Code          // .30
	StrokeScore     Fact[int]     // .34
	Reperfusion     Code          // .31
}

// Protocol is one eProtocols.ProtocolGroup.
type Protocol struct {
	Protocol    Code // .01
	AgeCategory Code // .02
}

// Medication is one eMedications.MedicationGroup. When Drug is a pertinent
// negative the drug was not given: see Given.
type Medication struct {
	Time           Time          // .01
	PriorToArrival Code          // .02
	Drug           Code          // .03, RxNorm, or SNOMED CT for blood products
	CodeType       string        // .03/@CodeType
	Route          Code          // .04
	Dose           Fact[float64] // .05
	DoseUnit       Code          // .06
	Response       Code          // .07
	Complications  []Code        // .08
	CrewID         Code          // .09
	Role           Code          // .10
	Authorization  Code          // .11
	ByOtherUnit    Code          // .13
}

// Procedure is one eProcedures.ProcedureGroup.
type Procedure struct {
	Time           Time      // .01
	PriorToArrival Code      // .02
	Procedure      Code      // .03, SNOMED CT
	Attempts       Fact[int] // .05
	Successful     Code      // .06
	Complications  []Code    // .07
	Response       Code      // .08
	CrewID         Code      // .09
	Role           Code      // .10
	Authorization  Code      // .11
	AirwayMethods  []Code    // .14
	ByOtherUnit    Code      // .15
}

// Airway is eAirway.
type Airway struct {
	Indications   []Code               // .01
	Confirmations []AirwayConfirmation // .ConfirmationGroup
	DecisionTime  Time                 // .10
	AbandonedTime Time                 // .11
}

// AirwayConfirmation is one eAirway.ConfirmationGroup.
type AirwayConfirmation struct {
	Time          Time   // .02
	Device        Code   // .03
	Methods       []Code // .04
	CrewID        Code   // .07
	Complications []Code // .08
}

// Disposition is eDisposition.
type Disposition struct {
	DestinationCode     Code      // .02
	DestinationState    Code      // .05
	PatientsTransported Fact[int] // .11
	Incident34          Code      // .12, NEMSIS 3.4 only
	Unit                Code      // .27
	Care                Code      // .28
	Crew                Code      // .29
	Transport           Code      // .30
	RefusalReasons      []Code    // .31
	PatientPositions    []Code    // .14
	TransportMethod     Code      // .16
	TransportMode       Code      // .17
	ModeDescriptors     []Code    // .18
	FinalAcuity         Code      // .19
	DestinationReasons  []Code    // .20
	DestinationType     Code      // .21
	HospitalUnit        Code      // .22
	HospitalCapability  []Code    // .23
	TeamActivations     []TeamActivation
	Instructions        []Code // .26
	LevelOfCare         Code   // .32
}

// TeamActivation is one eDisposition.HospitalTeamActivationGroup.
type TeamActivation struct {
	Team Code // .24
	Time Time // .25
}

// Outcome is what is kept of eOutcome.
type Outcome struct {
	EmergencyDepartment Code      // .01
	Hospital            Code      // .02
	InjurySeverityScore Fact[int] // .21
}

// Payment is what a claim needs of ePayment: codes, dates, yes and no.
type Payment struct {
	PrimaryMethod       Code                 // .01
	PCS                 Code                 // .02, yes or no
	PCSDate             Time                 // .03
	PCSReasons          []Code               // .04
	PCSSigner           Code                 // .05, kind of provider
	ResidesInArea       Code                 // .08
	Insurances          []Insurance          // .InsuranceGroup
	Urgency             Code                 // .40
	PatientAssessment   []Code               // .41
	SpecialtyProviders  []Code               // .42
	TransportReasons    []Code               // .44
	RoundTrip           bool                 // .45 has text
	StretcherPurpose    bool                 // .46 has text
	Conditions          []Code               // .47
	ClosestFacility     Fact[HundredthMiles] // .48
	ALSAssessment       Code                 // .49
	ServiceLevel        Code                 // .50
	ConditionCodes      []Code               // .51
	TransportIndicators []Code               // .52
	Authorized          bool                 // .53 has a number
	PriorAuthPayer      bool                 // .54 has a name
	PayerType           Code                 // .57
}

// Insurance is one ePayment.InsuranceGroup without whom it insures.
type Insurance struct {
	HasCompany   bool // .09 or .10
	Priority     Code // .11
	HasGroup     bool // .17
	HasPolicy    bool // .18
	Relationship Code // .22
}

// Signature is one eOther.SignatureGroup without the name and the image.
type Signature struct {
	Type           Code   // .12
	Reasons        []Code // .13
	Representative Code   // .14
	Status         Code   // .15
	Time           Time   // .19
}

// Review is what the crew flagged in eOther.
type Review struct {
	Requested  Code   // .01
	Registries []Code // .02
	Exposures  []Code // .05, one per crew member
}

// GCS is the total Glasgow coma score: as recorded, or else the sum of its
// three parts when all of them are.
func (v *VitalSet) GCS() (int, bool) {
	if total, ok := v.GCSTotal.Get(); ok {
		return total, true
	}
	sum := 0
	for _, part := range []Code{v.GCSEye, v.GCSVerbal, v.GCSMotor} {
		code, ok := part.Get()
		if !ok || len(code) != 1 || code < "1" || code > "6" {
			return 0, false
		}
		sum += int(code[0] - '0')
	}
	return sum, true
}
