package claim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// PolicyKey is the key of the governance document that Rules are read from.
const PolicyKey = "billing.level-of-service"

// Rules are the governance document billing.level-of-service. Each part names its source.
type Rules struct {
	Emergency struct {
		Urgency struct {
			Immediate    []string `json:"immediate"`
			NonImmediate []string `json:"nonImmediate"`
		} `json:"urgency"`
		ResponseModes      []string `json:"responseModes"`
		ServiceTypes       []string `json:"serviceTypes"`
		DispatchPriorities []string `json:"dispatchPriorities"`
		Source             string   `json:"source"`
	} `json:"emergency"`
	Transport struct {
		ThisUnit       []string `json:"thisUnit"`
		ThisUnitV34    []string `json:"thisUnitV34"`
		DiedOnSceneV34 []string `json:"diedOnSceneV34"`
		Source         string   `json:"source"`
	} `json:"transport"`
	// NoBill is tried from top to bottom.
	NoBill []struct {
		Code                    string   `json:"code"`
		Element                 string   `json:"element"`
		Codes                   []string `json:"codes"`
		UnlessTransported       bool     `json:"unlessTransported"`
		UnlessDiedBeforeLoading bool     `json:"unlessDiedBeforeLoading"`
		Explanation             string   `json:"explanation"`
	} `json:"noBill"`
	Levels struct {
		BLSNonEmergency  Service `json:"blsNonEmergency"`
		BLSEmergency     Service `json:"blsEmergency"`
		ALS1NonEmergency Service `json:"als1NonEmergency"`
		ALS1Emergency    Service `json:"als1Emergency"`
		ALS2             Service `json:"als2"`
		SpecialtyCare    Service `json:"specialtyCare"`
		FixedWing        Service `json:"fixedWing"`
		RotorWing        Service `json:"rotorWing"`
	} `json:"levels"`
	DocumentedLevels map[string]string `json:"documentedLevels"`
	Air              struct {
		Methods      map[string]string `json:"methods"`
		Capabilities map[string]string `json:"capabilities"`
		Source       string            `json:"source"`
	} `json:"air"`
	SpecialtyCare struct {
		ServiceTypes []string `json:"serviceTypes"`
		LevelsOfCare []struct {
			LevelOfCare string `json:"levelOfCare"`
			Capability  string `json:"capability"`
		} `json:"levelsOfCare"`
		Source string `json:"source"`
	} `json:"specialtyCare"`
	ALS2 struct {
		Procedures  []CodeSet `json:"procedures"`
		Medications struct {
			Rule       string   `json:"rule"`
			Minimum    int      `json:"minimum"`
			Routes     []string `json:"routes"`
			NotCounted []string `json:"notCounted"`
			Period
			Source string `json:"source"`
		} `json:"medications"`
	} `json:"als2"`
	ALS1 struct {
		LevelsOfCare     []string `json:"levelsOfCare"`
		Procedures       []string `json:"procedures"`
		MedicationRoutes []string `json:"medicationRoutes"`
		Source           string   `json:"source"`
	} `json:"als1"`
	Death struct {
		Modifier string `json:"modifier"`
		Source   string `json:"source"`
	} `json:"death"`
	Mileage struct {
		HCPCS struct {
			Ground    string `json:"ground"`
			FixedWing string `json:"fixedWing"`
			RotorWing string `json:"rotorWing"`
		} `json:"hcpcs"`
		TenthsUpToMiles int32  `json:"tenthsUpToMiles"`
		Source          string `json:"source"`
	} `json:"mileage"`
	Modifiers struct {
		// Origins maps prefixes of Y92; the longest that fits decides.
		Origins               map[string]string `json:"origins"`
		OriginsOfServiceTypes map[string]string `json:"originsOfServiceTypes"`
		Destinations          map[string]string `json:"destinations"`
		MultiplePatients      string            `json:"multiplePatients"`
		Source                string            `json:"source"`
	} `json:"modifiers"`
	Certification Certification `json:"certification"`
	Signature     struct {
		Unable []string `json:"unable"`
		Source string   `json:"source"`
	} `json:"signature"`
	Diagnoses struct {
		Maximum int    `json:"maximum"`
		Source  string `json:"source"`
	} `json:"diagnoses"`
	Payers struct {
		Priorities []struct {
			Code string `json:"code"`
			Name string `json:"name"`
		} `json:"priorities"`
		FilingIndicators []string          `json:"filingIndicators"`
		OfPaymentMethods map[string]string `json:"ofPaymentMethods"`
		WithoutInsurance []string          `json:"withoutInsurance"`
		Source           string            `json:"source"`
	} `json:"payers"`
}

// Service is a HCPCS code with its name.
type Service struct {
	HCPCS string `json:"hcpcs"`
	Name  string `json:"name"`
}

// CodeSet is one procedure in the definition of ALS2, with the time in which it counts.
type CodeSet struct {
	Rule        string   `json:"rule"`
	Name        string   `json:"name"`
	Procedures  []string `json:"procedures"`
	Medications []string `json:"medications"`
	Period
	Source string `json:"source"`
}

// Period is when a rule applies, days of service included on both sides; an empty end is open.
type Period struct {
	EffectiveFrom Day `json:"effectiveFrom"`
	EffectiveTo   Day `json:"effectiveTo"`
}

// Contains tells whether a service of that day falls into the period. A claim without a day is a draft in any case; rules
// that are not withdrawn are shown on it.
func (p Period) Contains(day time.Time) bool {
	if day.IsZero() {
		return p.EffectiveTo.IsZero()
	}
	return !day.Before(p.EffectiveFrom.Time) && (p.EffectiveTo.IsZero() || !day.After(p.EffectiveTo.Time))
}

// Certification are the rules of the physician certification statement (PCS).
type Certification struct {
	Present []string `json:"present"`
	Exempt  struct {
		ServiceTypes []string `json:"serviceTypes"`
		Origins      []string `json:"origins"`
	} `json:"exempt"`
	Repetitive    CertificationWindow `json:"repetitive"`
	NonRepetitive CertificationWindow `json:"nonRepetitive"`
	Source        string              `json:"source"`
}

// CertificationWindow says who may sign and when, relative to the day of service.
type CertificationWindow struct {
	DestinationTypes []string `json:"destinationTypes"`
	Signers          []string `json:"signers"`
	// DaysBefore is how old the statement may be; nil sets no limit.
	DaysBefore *int `json:"daysBefore"`
	HoursAfter int  `json:"hoursAfter"`
}

// Day is a date written YYYY-MM-DD.
type Day struct{ time.Time }

// UnmarshalJSON reads the date.
func (d *Day) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return errors.New("a date must be written YYYY-MM-DD")
	}
	d.Time = t
	return nil
}

// ParseRules reads the governance document strictly and refuses one that could not be judged by.
func ParseRules(document []byte) (*Rules, error) {
	r := new(Rules)
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("%s: %w", PolicyKey, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: more than one JSON value", PolicyKey)
	}
	if err := r.validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", PolicyKey, err)
	}
	return r, nil
}
