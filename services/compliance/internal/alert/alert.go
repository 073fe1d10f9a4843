package alert

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/compliance/internal/record"
)

// Kind of date, a code of the contract.
type Kind int16

// Kinds.
const (
	Expiration   Kind = 1
	Revalidation Kind = 2
	Verification Kind = 3
)

// State of an alert, a code of the contract.
type State int16

// States.
const (
	Open         State = 1
	Acknowledged State = 2
	Snoozed      State = 3
	Resolved     State = 4
)

// Reasons of refusals.
const (
	ReasonNotFound = "ALERT_NOT_FOUND"
	ReasonState    = "ALERT_STATE_INVALID"
	ReasonSnooze   = "SNOOZE_INVALID"
)

// Alert is one date of one record that comes near: a cycle, which ends when the date moves on.
type Alert struct {
	AgencyID      int64
	ID            uuid.UUID
	Workspace     string
	MetadataID    uuid.UUID
	Kind          Kind
	DueDate       time.Time
	ThresholdDays int32
	State         State
	SnoozeUntil   *time.Time
	SnoozeReason  string
	Actor         string
	CreateTime    time.Time
	UpdateTime    time.Time
}

// Name is the resource name of an alert.
func Name(workspace string, id uuid.UUID) string {
	return workspace + "/expiration-alerts/" + id.String()
}

// NotFound is the answer for an alert that is not there or not the caller's to see.
func NotFound() error { return errs.New(errs.NotFound, ReasonNotFound, "no such alert") }

// AlreadyResolved is the answer to work on an alert that is over.
func AlreadyResolved() error {
	return errs.New(errs.Precondition, ReasonState, "the alert is resolved: the date has moved on, or the record was retired")
}

// Date is a date that an alert would be about.
type Date struct {
	MetadataID uuid.UUID
	Kind       Kind
	Due        time.Time
}

// Key names the cycle as the store compares it.
func (d Date) Key() string {
	return fmt.Sprintf("%s %d %s", d.MetadataID, d.Kind, d.Due.Format(time.DateOnly))
}

// DatesOf are the dates of one record in force. main is its expiry or revalidation; nil dates are unknown and alert nobody:
// they are warnings on the record.
func DatesOf(id uuid.UUID, kind Kind, main, lastVerified *time.Time, rules record.AlertRules) []Date {
	var list []Date
	if main != nil {
		list = append(list, Date{id, kind, *main})
	}
	if lastVerified != nil {
		list = append(list, Date{id, Verification, lastVerified.AddDate(0, 0, rules.VerificationMaxAgeDays)})
	}
	return list
}

// Threshold is the smallest one that a date has reached on a day; false while it is farther away than all. A date that has
// passed stays at the smallest.
func Threshold(due, today time.Time, rules record.AlertRules) (int, bool) {
	left := int(due.Sub(today).Hours()) / 24
	at, reached := 0, false
	for _, days := range rules.DaysBefore { // falling
		if left <= days {
			at, reached = days, true
		}
	}
	return at, reached
}

// CheckSnooze refuses a rest that is over already or would sleep through the date.
func (a Alert) CheckSnooze(until, today time.Time) error {
	if until.Before(today) || !until.Before(a.DueDate) {
		return errs.New(errs.Invalid, ReasonSnooze, "an alert rests until a day before its date at most",
			errs.WithFields(errs.Field{Field: "untilDate", Rule: "snooze.before_due", Message: "today or later, and before the date of the alert"}))
	}
	return nil
}
