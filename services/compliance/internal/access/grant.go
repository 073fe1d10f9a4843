package access

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/errs"
)

// Reasons of refused grants.
const (
	ReasonGrantInvalid  = "GRANT_INVALID"
	ReasonGrantNotFound = "GRANT_NOT_FOUND"
)

// Flag is whether administrators of an agency may be granted the DEA workspace.
type Flag struct {
	Enabled bool
	// Time is when it was last set; nil when never.
	Time *time.Time
}

// Grant lets one administrator view the DEA workspace until it expires.
type Grant struct {
	AgencyID   int64
	ID         uuid.UUID
	Subject    string
	Reason     string
	Grantor    string
	CreateTime time.Time
	ExpireTime time.Time
	RevokeTime *time.Time
}

// Live says whether the grant holds at a moment.
func (g Grant) Live(now time.Time) bool { return g.RevokeTime == nil && now.Before(g.ExpireTime) }

// GrantNotFound is the answer for a grant that is not there or not the caller's to see.
func GrantNotFound() error { return errs.New(errs.NotFound, ReasonGrantNotFound, "no such grant") }

// Validate refuses a grant that has ended already, lasts longer than the policy lets it, or is given to oneself.
func (g Grant) Validate(now time.Time, maxDays int) error {
	var fields []errs.Field
	require := func(ok bool, field, rule, message string) {
		if !ok {
			fields = append(fields, errs.Field{Field: field, Rule: rule, Message: message})
		}
	}
	require(g.Subject != g.Grantor, "subject", "grant.other", "somebody else than the one who grants")
	require(strings.TrimSpace(g.Reason) != "", "reason", "text.present", "why the grant is needed")
	require(g.ExpireTime.After(now), "expireTime", "grant.future", "a time to come")
	require(!g.ExpireTime.After(now.AddDate(0, 0, maxDays)), "expireTime", "grant.max_days", "at most "+strconv.Itoa(maxDays)+" days from now")
	if len(fields) == 0 {
		return nil
	}
	return errs.New(errs.Invalid, ReasonGrantInvalid, "the grant breaks rules of its fields", errs.WithFields(fields...))
}
