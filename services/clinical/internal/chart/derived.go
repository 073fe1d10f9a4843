package chart

import "time"

// Derived are the conclusions every reader of a chart would draw in the same
// way, drawn once.
type Derived struct {
	// AgeYears is the age in years, a fraction below one year; unknown when age
	// or unit is. Never computed from a birth date.
	AgeYears  *float64
	Pediatric *bool // under 18
	// Emergency: eResponse.05 is one of the 911 services.
	Emergency bool
	// Interfacility: eResponse.05 is a transfer.
	Interfacility bool
	// Transport: this unit carried the patient (eDisposition.30).
	Transport bool
	// Refusal: the patient refused evaluation, care or transport.
	Refusal bool
	// CancelledBeforeArrival: cancelled en route, or cancelled without an
	// arrival on scene.
	CancelledBeforeArrival bool
	// Arrest: eArrest.01 says yes, before or after arrival of EMS.
	Arrest bool
	// LoadedMiles is odometer at destination minus odometer at scene; unknown
	// when one is missing, and invalid (nil with a data quality flag) when negative.
	LoadedMiles *HundredthMiles
}

// IntervalState tells why an interval has no duration.
type IntervalState uint8

const (
	// Unknown: one of the two times has no value.
	Unknown IntervalState = iota
	// Known: Duration is set.
	Known
	// Invalid: the second time is before the first, or more than 24 hours
	// after it. Never clamped, shown as a data quality finding.
	Invalid
	// Excluded: the interval does not apply, because the call was cancelled
	// before arrival on scene.
	Excluded
)

// String is the word used in answers.
func (s IntervalState) String() string {
	return [...]string{"unknown", "known", "invalid", "excluded"}[s]
}

// Interval is the time between two elements.
type Interval struct {
	State    IntervalState
	Duration time.Duration // set when State is Known
}

// Intervals are the intervals of a call, named as in EMS practice. From and to
// are numbers of eTimes.
type Intervals struct {
	CallProcessing Interval // .01 to .03
	Turnout        Interval // .03 to .05
	Travel         Interval // .05 to .06
	Response       Interval // .03 to .06, the response time of triggers and reports
	SystemResponse Interval // .01 to .06
	PatientAccess  Interval // .06 to .07
	Scene          Interval // .06 to .09; without transport and .09, .06 to .13
	PatientScene   Interval // .07 to .09
	Transport      Interval // .09 to .11
	Offload        Interval // .11 to .12
	Turnaround     Interval // .11 to .13
	Task           Interval // .03 to .13, cancelled .03 to .14
	// QualityFlags names the intervals that are Invalid, in the order above.
	QualityFlags []string
}
