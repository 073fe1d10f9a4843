package registry

import (
	"crypto/sha256"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fusionems/quantum/pkg/errs"
)

// Agency is a tenant.
type Agency struct {
	ID          int64
	DisplayName string
	// StateUniqueID is NEMSIS dAgency.01, Number dAgency.02, StateCode dAgency.04.
	StateUniqueID string
	Number        string
	StateCode     string
	TimeZone      string
	State         State
	CreateTime    time.Time
}

// State of an agency.
type State string

// Active agencies may use the fleet.
const Active State = "active"

// Reasons of refusals.
const (
	ReasonNotFound      = "AGENCY_NOT_FOUND"
	ReasonExists        = "AGENCY_EXISTS"
	ReasonInvalid       = "AGENCY_INVALID"
	ReasonRequestReused = "REQUEST_ID_REUSED"
)

// Name is the resource name of an agency.
func Name(id int64) string { return "agencies/" + strconv.FormatInt(id, 10) }

// NotFound is the answer for an agency that is not there, or not the caller's to see: nobody can tell which.
func NotFound() error { return errs.New(errs.NotFound, ReasonNotFound, "no such agency") }

const (
	maxName = 200
	// NEMSIS limits dAgency.01 to 50 and dAgency.02 to 15 characters; the wider limit serves both.
	maxIdentifier = 50
)

// stateCode is an ANSI (FIPS 5-2) state code as NEMSIS dAgency.04 writes it.
var stateCode = regexp.MustCompile(`^[0-9]{2}$`)

// normalize drops white space around values: it is never part of an identifier.
func (a Agency) normalize() Agency {
	a.DisplayName = strings.TrimSpace(a.DisplayName)
	a.StateUniqueID = strings.TrimSpace(a.StateUniqueID)
	a.Number = strings.TrimSpace(a.Number)
	a.StateCode = strings.TrimSpace(a.StateCode)
	a.TimeZone = strings.TrimSpace(a.TimeZone)
	return a
}

// validate names every violated rule at once.
func (a Agency) validate() error {
	var bad []errs.Field
	add := func(ok bool, field, rule, message string) {
		if !ok {
			bad = append(bad, errs.Field{Field: field, Rule: rule, Message: message})
		}
	}
	add(isText(a.DisplayName, maxName), "agency.displayName", "text", "1 to 200 characters, none of them a control character")
	add(isText(a.StateUniqueID, maxIdentifier), "agency.stateUniqueId", "nemsis.dAgency.01", "1 to 50 characters, as issued by the state")
	add(isText(a.Number, maxIdentifier), "agency.agencyNumber", "nemsis.dAgency.02", "1 to 50 characters, as issued by the state")
	add(stateCode.MatchString(a.StateCode), "agency.stateCode", "nemsis.dAgency.04", `an ANSI state code of two digits, e.g. "55"`)
	add(isZone(a.TimeZone), "agency.timeZone", "iana.tz", `an IANA time zone, e.g. "America/Chicago"`)
	if len(bad) > 0 {
		return errs.New(errs.Invalid, ReasonInvalid, "the agency cannot be registered as it is", errs.WithFields(bad...))
	}
	return nil
}

func isText(s string, most int) bool {
	n := utf8.RuneCountInString(s)
	return n >= 1 && n <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// isZone accepts names of the IANA database only: "" and "Local" mean something to time.LoadLocation, and not that.
func isZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

// digest is what tells a repeated request from another one under the same id.
func (a Agency) digest() []byte {
	h := sha256.New()
	for _, v := range []string{a.DisplayName, a.StateUniqueID, a.Number, a.StateCode, a.TimeZone} {
		h.Write([]byte(strconv.Itoa(len(v)) + ":" + v))
	}
	return h.Sum(nil)
}
