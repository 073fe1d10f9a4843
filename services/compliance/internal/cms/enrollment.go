package cms

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/fusionems/quantum/services/compliance/internal/record"
)

// Workspace is the name of this workspace.
const Workspace = "cms"

// Enrollment is what an agency tracks of one Medicare enrollment: references and dates, never a credential.
type Enrollment struct {
	record.Head
	SupplierName      string
	NPI               string
	PTAN              string
	State             string
	PECOSEnrollmentID string
	MACIdentifier     string
	// Dates are midnight UTC.
	EffectiveDate       *time.Time
	DeactivationDate    *time.Time
	RevalidationDueDate *time.Time
	Payers              []Participation
}

// Participation is how the agency stands with one payer.
type Participation struct {
	PayerID string              `json:"payerId"`
	Status  ParticipationStatus `json:"status"`
	// Days as YYYY-MM-DD; the last is empty while it goes on.
	EffectiveDate string `json:"effectiveDate"`
	EndDate       string `json:"endDate,omitempty"`
}

// ParticipationStatus is a code of the contract.
type ParticipationStatus int16

// Statuses of a participation.
const (
	Participating    ParticipationStatus = 1
	NonParticipating ParticipationStatus = 2
	ParticipationDue ParticipationStatus = 3
)

// Common implements record.Record.
func (e Enrollment) Common() record.Head { return e.Head }

// WithCommon implements record.Record.
func (e Enrollment) WithCommon(h record.Head) Enrollment {
	e.Head = h
	return e
}

// Normalize drops what means nothing: space around text and case of codes.
func (e Enrollment) Normalize() Enrollment {
	code := func(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }
	e.SupplierName, e.NPI = strings.TrimSpace(e.SupplierName), strings.TrimSpace(e.NPI)
	e.PTAN, e.State, e.PECOSEnrollmentID = code(e.PTAN), code(e.State), code(e.PECOSEnrollmentID)
	e.MACIdentifier = strings.TrimSpace(e.MACIdentifier)
	return e
}

var (
	npiForm   = regexp.MustCompile(`^[12][0-9]{9}$`)
	ptanForm  = regexp.MustCompile(`^([A-Z0-9]{5,10})?$`)
	pecosForm = regexp.MustCompile(`^([IO][0-9]{14})?$`)
	macForm   = regexp.MustCompile(`^([0-9]{5})?$`)
	payerForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,20}$`)
)

const maxText = 200

// Validate names every violated rule.
func (e Enrollment) Validate(today time.Time) error {
	var c record.Check
	c.Require(e.SupplierName != "" && len(e.SupplierName) <= maxText, "supplierName", "text.length", "1 to 200 characters")
	if !npiForm.MatchString(e.NPI) {
		c.Require(false, "npiReference", "npi.format", "ten digits that begin with 1 or 2")
	} else {
		c.Require(NPIHolds(e.NPI), "npiReference", "npi.check_digit", "the last digit must follow from the nine before it (Luhn over 80840)")
	}
	c.Require(ptanForm.MatchString(e.PTAN) && (e.PTAN == "" || strings.ContainsAny(e.PTAN, "0123456789")), "ptanReference", "ptan.format",
		"5 to 10 letters and digits, one digit at least; empty until the contractor gives one")
	c.Require(record.IsState(e.State), "enrollmentState", "state.usps", "the two letters of a state, the district or a territory")
	c.Require(pecosForm.MatchString(e.PECOSEnrollmentID), "pecosEnrollmentId", "pecos.format", "I or O and 14 digits")
	c.Require(macForm.MatchString(e.MACIdentifier), "macIdentifier", "mac.format", "the five digits of the contractor")
	c.Require(record.Ordered(e.EffectiveDate, e.DeactivationDate) && (e.DeactivationDate == nil || e.EffectiveDate != nil),
		"deactivationDate", "dates.order", "the effective date or later")
	c.Require(record.Ordered(e.EffectiveDate, e.RevalidationDueDate), "revalidationDueDate", "dates.order", "the effective date or later")
	e.checkPayers(&c)
	c.Verified(e.Head, today)
	return c.Err()
}

func (e Enrollment) checkPayers(c *record.Check) {
	seen := map[string]bool{}
	for i, p := range e.Payers {
		at := "payerParticipation[" + strconv.Itoa(i) + "]."
		c.Require(payerForm.MatchString(p.PayerID), at+"payerId", "payer.format", "1 to 20 letters, digits, _ or -")
		c.Require(p.Status >= Participating && p.Status <= ParticipationDue, at+"status", "enum.defined", "participating, non-participating or pending")
		c.Require(p.EffectiveDate != "", at+"effectiveDate", "date.present", "the first day")
		c.Require(p.EndDate == "" || p.EndDate >= p.EffectiveDate, at+"endDate", "dates.order", "the first day or later")
		key := p.PayerID + " " + p.EffectiveDate
		c.Require(!seen[key], at+"payerId", "payer.unique", "one entry for each payer and first day")
		seen[key] = true
	}
}

// StatusOn is where the enrollment stands on the day of now, in UTC. It holds through its last day, and an overdue revalidation
// counts as expired: the contractor may deactivate it any day.
func (e Enrollment) StatusOn(now time.Time, rules record.Rules) record.Status {
	today := record.Today(now)
	switch {
	case e.RetireTime != nil:
		return record.Retired
	case e.DeactivationDate != nil && e.DeactivationDate.Before(today):
		return record.Inactive
	case e.EffectiveDate == nil || e.EffectiveDate.After(today):
		return record.Pending
	case e.RevalidationDueDate != nil && e.RevalidationDueDate.Before(today):
		return record.Expired
	case e.RevalidationDueDate != nil && !e.RevalidationDueDate.After(today.AddDate(0, 0, rules.ExpiringWithinDays)):
		return record.Expiring
	default:
		return record.Active
	}
}

// Judge fills in status and warnings.
func (e Enrollment) Judge(now time.Time, rules record.Rules, alerts record.AlertRules) Enrollment {
	e.Status = e.StatusOn(now, rules)
	e.Warnings = record.VerificationWarnings(e.Head, record.Today(now), alerts)
	if e.RevalidationDueDate == nil {
		e.Warnings = append(e.Warnings, record.Warning{
			Code: "REVALIDATION_UNKNOWN", Field: "revalidationDueDate", Message: "look up in PECOS when the enrollment must be revalidated"})
	}
	return e
}

// PayersJSON is the participation as one document.
func (e Enrollment) PayersJSON() string {
	if len(e.Payers) == 0 {
		return "[]"
	}
	// Strings and numbers alone: this always encodes.
	b, _ := json.Marshal(e.Payers)
	return string(b)
}

// Fields implements record.Record.
func (e Enrollment) Fields() []record.Field {
	return []record.Field{
		{Name: "supplierName", Value: e.SupplierName, FreeText: true},
		{Name: "npiReference", Value: e.NPI, Identifier: true},
		{Name: "ptanReference", Value: e.PTAN, Identifier: true},
		{Name: "enrollmentState", Value: e.State},
		{Name: "pecosEnrollmentId", Value: e.PECOSEnrollmentID, Identifier: true},
		{Name: "macIdentifier", Value: e.MACIdentifier},
		{Name: "effectiveDate", Value: record.DateText(e.EffectiveDate)},
		{Name: "deactivationDate", Value: record.DateText(e.DeactivationDate)},
		{Name: "revalidationDueDate", Value: record.DateText(e.RevalidationDueDate)},
		{Name: "payerParticipation", Value: e.PayersJSON(), Document: true},
		{Name: "lastVerifiedDate", Value: record.DateText(e.LastVerifiedDate)},
		{Name: "verificationSource", Value: strconv.Itoa(int(e.Source))},
	}
}

// Take implements record.Record.
func (e Enrollment) Take(field string, from Enrollment) Enrollment {
	switch field {
	case "supplierName":
		e.SupplierName = from.SupplierName
	case "npiReference":
		e.NPI = from.NPI
	case "ptanReference":
		e.PTAN = from.PTAN
	case "enrollmentState":
		e.State = from.State
	case "pecosEnrollmentId":
		e.PECOSEnrollmentID = from.PECOSEnrollmentID
	case "macIdentifier":
		e.MACIdentifier = from.MACIdentifier
	case "effectiveDate":
		e.EffectiveDate = from.EffectiveDate
	case "deactivationDate":
		e.DeactivationDate = from.DeactivationDate
	case "revalidationDueDate":
		e.RevalidationDueDate = from.RevalidationDueDate
	case "payerParticipation":
		e.Payers = from.Payers
	case "lastVerifiedDate":
		e.LastVerifiedDate = from.LastVerifiedDate
	case "verificationSource":
		e.Source = from.Source
	}
	return e
}
