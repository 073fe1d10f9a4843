package dea

import (
	"errors"

	"github.com/fusionems/quantum/pkg/policy"
)

// PolicyKey is the governance policy that dates the status.
const PolicyKey = "compliance.registrations"

// Rules are the parsed policy.
type Rules struct {
	// ExpiringWithinDays is how many days before its end a registration counts as expiring.
	ExpiringWithinDays int `json:"expiringWithinDays"`
}

// ParseRules reads the governance document and refuses one that makes no sense.
func ParseRules(document []byte) (Rules, error) {
	r, err := policy.Decode[Rules](document)
	if err == nil && (r.ExpiringWithinDays < 1 || r.ExpiringWithinDays > 365) {
		err = errors.New("expiringWithinDays must be 1 to 365")
	}
	return r, err
}
