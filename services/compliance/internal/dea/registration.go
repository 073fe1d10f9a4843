package dea

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fusionems/quantum/services/compliance/internal/record"
)

// Workspace is the name of this workspace.
const Workspace = "dea"

// Registration is what an agency tracks of one DEA registration: references and dates, never a credential.
type Registration struct {
	record.Head
	RegistrantName string
	Number         string
	Schedules      []string
	Activity       Activity
	State          string
	Stationhouse   string
	// Dates are midnight UTC. Issue and expiry are both nil until the registration is granted.
	IssueDate      *time.Time
	ExpirationDate *time.Time
	RenewalDueDate *time.Time
}

// Activity is a business activity, a code of the contract; 0 is unknown.
type Activity int16

// Schedules is the closed list of 21 CFR 1308, N standing for the non-narcotic part of a schedule.
func Schedules() []string { return []string{"II", "IIN", "III", "IIIN", "IV", "V"} }

// Common implements record.Record.
func (r Registration) Common() record.Head { return r.Head }

// WithCommon implements record.Record.
func (r Registration) WithCommon(h record.Head) Registration {
	r.Head = h
	return r
}

// Normalize drops what means nothing: space around text, case of codes, order of schedules.
func (r Registration) Normalize() Registration {
	r.RegistrantName, r.Stationhouse = strings.TrimSpace(r.RegistrantName), strings.TrimSpace(r.Stationhouse)
	r.Number = strings.ToUpper(strings.TrimSpace(r.Number))
	r.State = strings.ToUpper(strings.TrimSpace(r.State))
	r.Schedules = slices.Compact(slices.Sorted(slices.Values(r.Schedules)))
	return r
}

var numberForm = regexp.MustCompile(`^[A-Z][A-Z9][0-9]{7}$`)

const maxText = 200

// Validate names every violated rule.
func (r Registration) Validate(today time.Time) error {
	var c record.Check
	c.Require(r.RegistrantName != "" && len(r.RegistrantName) <= maxText, "registrantName", "text.length", "1 to 200 characters")
	c.Require(len(r.Stationhouse) <= maxText, "stationhouse", "text.length", "at most 200 characters")
	if !numberForm.MatchString(r.Number) {
		c.Require(false, "deaRegistrationNumber", "dea.format", "two letters (the second may be 9) and seven digits")
	} else {
		c.Require(CheckDigitHolds(r.Number), "deaRegistrationNumber", "dea.check_digit", "the last digit must follow from the six before it")
	}
	c.Require(len(r.Schedules) > 0, "authorizedSchedules", "schedules.present", "at least one schedule")
	for _, s := range r.Schedules {
		c.Require(slices.Contains(Schedules(), s), "authorizedSchedules", "schedules.closed_list", "any of "+strings.Join(Schedules(), ", "))
	}
	c.Require(record.IsState(r.State), "registeredState", "state.usps", "the two letters of a state, the district or a territory")
	c.Require((r.IssueDate == nil) == (r.ExpirationDate == nil), "expirationDate", "dates.complete",
		"give the dates of issue and expiry, or neither while the registration is pending")
	c.Require(record.Ordered(r.IssueDate, r.ExpirationDate), "expirationDate", "dates.order", "the day of issue or later")
	c.Require(record.Ordered(r.RenewalDueDate, r.ExpirationDate) && (r.RenewalDueDate == nil || r.ExpirationDate != nil),
		"renewalDueDate", "dates.order", "the day of expiry or earlier")
	c.Verified(r.Head, today)
	return c.Err()
}

// StatusOn is where the registration stands on the day of now, in UTC. It holds through its last day.
func (r Registration) StatusOn(now time.Time, rules record.Rules) record.Status {
	today := record.Today(now)
	switch {
	case r.RetireTime != nil:
		return record.Retired
	case r.IssueDate == nil || r.ExpirationDate == nil || r.IssueDate.After(today):
		return record.Pending
	case r.ExpirationDate.Before(today):
		return record.Expired
	case !r.ExpirationDate.After(today.AddDate(0, 0, rules.ExpiringWithinDays)):
		return record.Expiring
	default:
		return record.Active
	}
}

// registrants are the first letters that the DEA gives: practitioners and hospitals, mid-level practitioners, distributors.
const registrants = "ABCDEFGHJKLMPRSTUX"

// Judge fills in status and warnings.
func (r Registration) Judge(now time.Time, rules record.Rules, alerts record.AlertRules) Registration {
	r.Status = r.StatusOn(now, rules)
	r.Warnings = record.VerificationWarnings(r.Head, record.Today(now), alerts)
	warn := func(code, field, message string) {
		r.Warnings = append(r.Warnings, record.Warning{Code: code, Field: field, Message: message})
	}
	if len(r.Number) == 9 && r.RegistrantName != "" {
		if !strings.Contains(registrants, r.Number[:1]) {
			warn("REGISTRANT_TYPE_UNKNOWN", "deaRegistrationNumber", "the first letter is none that the DEA is known to give")
		}
		if second := r.Number[1]; second != '9' && second != strings.ToUpper(r.RegistrantName)[0] {
			warn("NUMBER_NAME_DIFFER", "deaRegistrationNumber", "the second letter is usually the first of the registrant's last or business name")
		}
	}
	if r.State == "" {
		warn("STATE_UNKNOWN", "registeredState", "add the state of the registered location")
	}
	return r
}

// Fields implements record.Record.
func (r Registration) Fields() []record.Field {
	return []record.Field{
		{Name: "registrantName", Value: r.RegistrantName, FreeText: true},
		{Name: "deaRegistrationNumber", Value: r.Number, Identifier: true},
		{Name: "authorizedSchedules", Value: strings.Join(r.Schedules, ",")},
		{Name: "businessActivity", Value: strconv.Itoa(int(r.Activity))},
		{Name: "registeredState", Value: r.State},
		{Name: "stationhouse", Value: r.Stationhouse, FreeText: true},
		{Name: "issueDate", Value: record.DateText(r.IssueDate)},
		{Name: "expirationDate", Value: record.DateText(r.ExpirationDate)},
		{Name: "renewalDueDate", Value: record.DateText(r.RenewalDueDate)},
		{Name: "lastVerifiedDate", Value: record.DateText(r.LastVerifiedDate)},
		{Name: "verificationSource", Value: strconv.Itoa(int(r.Source))},
	}
}

// Take implements record.Record.
func (r Registration) Take(field string, from Registration) Registration {
	switch field {
	case "registrantName":
		r.RegistrantName = from.RegistrantName
	case "deaRegistrationNumber":
		r.Number = from.Number
	case "authorizedSchedules":
		r.Schedules = from.Schedules
	case "businessActivity":
		r.Activity = from.Activity
	case "registeredState":
		r.State = from.State
	case "stationhouse":
		r.Stationhouse = from.Stationhouse
	case "issueDate":
		r.IssueDate = from.IssueDate
	case "expirationDate":
		r.ExpirationDate = from.ExpirationDate
	case "renewalDueDate":
		r.RenewalDueDate = from.RenewalDueDate
	case "lastVerifiedDate":
		r.LastVerifiedDate = from.LastVerifiedDate
	case "verificationSource":
		r.Source = from.Source
	}
	return r
}
