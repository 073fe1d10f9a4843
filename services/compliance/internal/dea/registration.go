package dea

import (
	"time"

	"github.com/google/uuid"
)

// Registration is what an agency tracks of one DEA registration: references and dates, never a credential.
type Registration struct {
	AgencyID       int64
	ID             uuid.UUID
	RegistrantName string
	Number         string
	Schedules      []string
	// Dates are midnight UTC; both nil until the registration is granted.
	IssueDate      *time.Time
	ExpirationDate *time.Time
	RetireTime     *time.Time
	CreateTime     time.Time
	UpdateTime     time.Time
}

// Status of a registration.
type Status string

// Statuses. Expiring is active, with few days left.
const (
	Active   Status = "active"
	Expiring Status = "expiring"
	Expired  Status = "expired"
	Pending  Status = "pending"
	Retired  Status = "retired"
)

// Position is where a registration stands in the list, soonest expiry first.
type Position struct {
	ExpirationDate *time.Time
	ID             uuid.UUID
}

// StatusOn is where the registration stands on the day of now, in UTC. It holds through its last day.
func (r Registration) StatusOn(now time.Time, rules Rules) Status {
	today := now.UTC().Truncate(24 * time.Hour)
	switch {
	case r.RetireTime != nil:
		return Retired
	case r.IssueDate == nil || r.ExpirationDate == nil || r.IssueDate.After(today):
		return Pending
	case r.ExpirationDate.Before(today):
		return Expired
	case !r.ExpirationDate.After(today.AddDate(0, 0, rules.ExpiringWithinDays)):
		return Expiring
	default:
		return Active
	}
}
