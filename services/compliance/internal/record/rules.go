package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// Keys of the governance policies that the workspaces are judged by.
const (
	RulesKey      = "compliance.registrations"
	AlertRulesKey = "compliance.alerts"
)

// Rules date the status of a record.
type Rules struct {
	// ExpiringWithinDays is how many days before its date a record counts as expiring.
	ExpiringWithinDays int `json:"expiringWithinDays"`
}

// ParseRules reads the governance document and refuses one that makes no sense.
func ParseRules(document []byte) (Rules, error) {
	r, err := decode[Rules](document)
	if err == nil && (r.ExpiringWithinDays < 1 || r.ExpiringWithinDays > 365) {
		err = errors.New("expiringWithinDays must be 1 to 365")
	}
	return r, err
}

// AlertRules say when somebody is told, and for how long a verification and a grant may last.
type AlertRules struct {
	// DaysBefore are the thresholds, falling; 0 is the day itself.
	DaysBefore             []int `json:"daysBefore"`
	VerificationMaxAgeDays int   `json:"verificationMaxAgeDays"`
	MaxGrantDays           int   `json:"maxGrantDays"`
}

// ParseAlertRules reads the governance document and refuses one that makes no sense.
func ParseAlertRules(document []byte) (AlertRules, error) {
	r, err := decode[AlertRules](document)
	if err != nil {
		return r, err
	}
	last := 366
	for _, d := range r.DaysBefore {
		if d < 0 || d >= last {
			return r, errors.New("daysBefore must fall, from 365 at most to 0 at least")
		}
		last = d
	}
	switch {
	case len(r.DaysBefore) == 0:
		return r, errors.New("daysBefore must name a day")
	case r.VerificationMaxAgeDays < 1 || r.VerificationMaxAgeDays > 3650:
		return r, errors.New("verificationMaxAgeDays must be 1 to 3650")
	case r.MaxGrantDays < 1 || r.MaxGrantDays > 365:
		return r, errors.New("maxGrantDays must be 1 to 365")
	}
	return r, nil
}

// decode reads one JSON object and refuses a field that it does not know: a rule that nobody applies is worse than none.
func decode[T any](document []byte) (v T, err error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return v, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return v, errors.New("more than one document")
	}
	return v, nil
}
