package claim

import "time"

// Snapshot is what billing knows of a chart. Codes are those of NEMSIS; an empty string is an element without a value.
type Snapshot struct {
	// ServiceDate is the day the unit was notified, at midnight UTC; zero when unknown.
	ServiceDate time.Time
	// ServiceType is eResponse.05, Capability eResponse.07, ResponseMode eResponse.23, DispatchPriority eDispatch.05.
	ServiceType      string
	Capability       string
	ResponseMode     string
	DispatchPriority string
	// DispositionV34 is eDisposition.12 of NEMSIS 3.4.
	DispositionV34 string
	// UnitDisposition is eDisposition.27, CareDisposition .28, TransportDisposition .30, LevelOfCare .32, TransportMethod .16.
	UnitDisposition      string
	CareDisposition      string
	TransportDisposition string
	LevelOfCare          string
	TransportMethod      string
	// SceneLocation is eScene.09 (ICD-10-CM Y92), DestinationType eDisposition.21, PickupZIP eScene.19.
	SceneLocation   string
	DestinationType string
	PickupZIP       string
	// LoadedMilesTenths is nil when unknown.
	LoadedMilesTenths *int32
	// Impressions are eSituation.11 then .12, Symptoms .09 then .10.
	Impressions []string
	Symptoms    []string
	// Medications and Procedures are those that this unit gave and performed.
	Medications []Medication
	Procedures  []string
	Payment     Payment
	// Signed: a billing signature with a signed status exists. SignatureStatuses are eOther.15 of billing signatures.
	Signed              bool
	SignatureStatuses   []string
	Demographics        Demographics
	DiedBeforeTransport bool
	// MultiplePatients: at the scene (eScene.06).
	MultiplePatients bool
}

// Medication is one administration.
type Medication struct {
	Code  string
	Route string
	// Time is zero when unknown.
	Time time.Time
}

// Payment is the payment block (ePayment) in codes.
type Payment struct {
	PrimaryMethod string
	Insurances    []Insurance
	// Certification is ePayment.02, CertificationDate .03 (zero when unknown), CertificationSigner .05.
	Certification       string
	CertificationDate   time.Time
	CertificationSigner string
	// Urgency is ePayment.40, ServiceLevel ePayment.50.
	Urgency      string
	ServiceLevel string
}

// Insurance is one ePayment.InsuranceGroup without identities.
type Insurance struct {
	PayerType           string
	Priority            string
	Relationship        string
	PolicyNumberPresent bool
}

// Demographics says what is present, never what it is.
type Demographics struct {
	Name, BirthDate, Address, Sex bool
}
