package record

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/errs"
)

// Status of a record, derived when asked for: a stored one would be wrong the day after.
type Status string

// Statuses. Expiring is active, with few days left; inactive is an enrollment that ended.
const (
	Active   Status = "active"
	Expiring Status = "expiring"
	Expired  Status = "expired"
	Pending  Status = "pending"
	Inactive Status = "inactive"
	Retired  Status = "retired"
)

// RetireReason is a code of the contract.
type RetireReason int16

// Source is where a record was verified, a code of the contract; 0 is nowhere.
type Source int16

// Head is what every record has.
type Head struct {
	AgencyID     int64
	ID           uuid.UUID
	Revision     int64
	RetireTime   *time.Time
	RetireReason RetireReason
	CreateTime   time.Time
	UpdateTime   time.Time
	// Dates are midnight UTC.
	LastVerifiedDate *time.Time
	Source           Source

	// Status and Warnings are judged when the record is read.
	Status   Status
	Warnings []Warning
}

// Etag of the record's state.
func (h Head) Etag() string { return "r" + strconv.FormatInt(h.Revision, 10) }

// Warning is something plausible that a person should look at; it never stops a record from being stored.
type Warning struct{ Code, Field, Message string }

// Field is a field of a record as text: for the digest of a request, and for the audit log.
type Field struct {
	Name, Value string
	// Identifier is masked to its last four characters in the audit log.
	Identifier bool
	// FreeText is screened for credentials, and the audit log says only that it changed.
	FreeText bool
	// Document is JSON, screened text by text.
	Document bool
}

// Reasons of refusals.
const (
	ReasonNotFound      = "METADATA_NOT_FOUND"
	ReasonInvalid       = "METADATA_INVALID"
	ReasonExists        = "METADATA_EXISTS"
	ReasonRetired       = "METADATA_RETIRED"
	ReasonEtag          = "ETAG_MISMATCH"
	ReasonRequestReused = "REQUEST_ID_REUSED"
)

// NotFound is the answer for a record that is not there or not the caller's to see.
func NotFound() error { return errs.New(errs.NotFound, ReasonNotFound, "no such record") }

// EtagMismatch is the answer to somebody who saw an older state.
func EtagMismatch() error {
	return errs.New(errs.Conflict, ReasonEtag, "the record has changed since it was read; read it again",
		errs.WithFields(errs.Field{Field: "etag", Rule: "etag.current", Message: "the etag of the record as it is now"}))
}

// Exists is the answer to a second record of the same number.
func Exists(field string) error {
	return errs.New(errs.AlreadyExists, ReasonExists, "a record of this number and state is in force already",
		errs.WithFields(errs.Field{Field: field, Rule: "record.unique", Message: "one record in force for each number, agency and state"}))
}

// Check collects violated rules of a record.
type Check struct{ fields []errs.Field }

// Require adds a violation unless ok.
func (c *Check) Require(ok bool, field, rule, message string) {
	if !ok {
		c.fields = append(c.fields, errs.Field{Field: field, Rule: rule, Message: message})
	}
}

// Verified checks the two halves of a verification, which is made neither in the future nor nowhere.
func (c *Check) Verified(h Head, today time.Time) {
	c.Require((h.LastVerifiedDate == nil) == (h.Source == 0), "verificationSource", "verification.complete",
		"give the day and the source of a verification, or neither")
	c.Require(h.LastVerifiedDate == nil || !h.LastVerifiedDate.After(today), "lastVerifiedDate", "date.past", "today or earlier")
}

// Err is nil when nothing was violated.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return errs.New(errs.Invalid, ReasonInvalid, "the record breaks rules of its fields", errs.WithFields(c.fields...))
}

// Ordered says whether the dates, where known, do not fall.
func Ordered(dates ...*time.Time) bool {
	var last *time.Time
	for _, d := range dates {
		if d == nil {
			continue
		}
		if last != nil && d.Before(*last) {
			return false
		}
		last = d
	}
	return true
}

// Today is the UTC day of a moment.
func Today(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }

// DateText is a date as text, empty when unknown.
func DateText(d *time.Time) string {
	if d == nil {
		return ""
	}
	return d.Format(time.DateOnly)
}

// states are USPS codes of what an EMS agency can be registered in: states, the district and territories.
const states = " AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR VI GU AS MP "

// IsState says whether s is a USPS code.
func IsState(s string) bool { return len(s) == 2 && strings.Contains(states, " "+s+" ") }

// VerificationWarnings are those about the verification of a record.
func VerificationWarnings(h Head, today time.Time, rules AlertRules) []Warning {
	switch {
	case h.LastVerifiedDate == nil:
		return []Warning{{"UNVERIFIED", "lastVerifiedDate", "nobody has looked this record up at its source yet"}}
	case h.LastVerifiedDate.AddDate(0, 0, rules.VerificationMaxAgeDays).Before(today):
		return []Warning{{"VERIFICATION_STALE", "lastVerifiedDate", "the last verification is too old; look the record up again"}}
	default:
		return nil
	}
}
