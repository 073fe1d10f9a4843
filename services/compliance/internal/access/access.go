package access

import (
	"slices"

	"github.com/fusionems/quantum/pkg/errs"
)

// Reasons of a decision.
const (
	ByRole       = "ROLE"
	ByGrant      = "DEA_GRANT"
	ByBilling    = "BILLING_ENABLED"
	ScopeMissing = "SCOPE_MISSING"
	RoleMissing  = "ROLE_MISSING"
	NotEnabled   = "DEA_NOT_ENABLED"
	GrantMissing = "DEA_GRANT_REQUIRED"
	BillingOff   = "BILLING_DISABLED"
)

// Administrator is the role with conditions.
const Administrator = "agency_administrator"

// Person is somebody with roles and scopes.
type Person struct{ Roles, Scopes []string }

// Facts are the conditions of one agency and person; the zero value holds for nobody's agency.
type Facts struct{ DeaEnabled, DeaGranted, BillingOn bool }

// Verdict is whether the workspace is visible, and why.
type Verdict struct {
	Visible bool
	Reason  string
}

// Dea decides for the DEA workspace. Roles that carry the scope without condition come first: roles are a union.
func Dea(p Person, f Facts) Verdict {
	standing := p.has(p.Scopes, "dea:view", "dea:edit")
	if standing && p.has(p.Roles, "founder", "compliance_officer", "controlled_substance_officer") {
		return Verdict{true, ByRole}
	}
	granted := p.has(p.Scopes, "dea:view:granted")
	switch {
	case !standing && !granted:
		return Verdict{false, ScopeMissing}
	case !granted || !p.has(p.Roles, Administrator):
		return Verdict{false, RoleMissing}
	case !f.DeaEnabled:
		return Verdict{false, NotEnabled}
	case !f.DeaGranted:
		return Verdict{false, GrantMissing}
	default:
		return Verdict{true, ByGrant}
	}
}

// Cms decides for the CMS workspace.
func Cms(p Person, f Facts) Verdict {
	if !p.has(p.Scopes, "cms:view", "cms:edit") {
		return Verdict{false, ScopeMissing}
	}
	if p.has(p.Roles, "founder", "compliance_officer", "billing_administrator", "billing_operations", "billing_staff") {
		return Verdict{true, ByRole}
	}
	switch {
	case !p.has(p.Roles, Administrator):
		return Verdict{false, RoleMissing}
	case !f.BillingOn:
		return Verdict{false, BillingOff}
	default:
		return Verdict{true, ByBilling}
	}
}

func (Person) has(list []string, wanted ...string) bool {
	return slices.ContainsFunc(wanted, func(s string) bool { return slices.Contains(list, s) })
}

// Refusal is the error of a call that an invisible workspace does not answer; nil when it is visible. Without the flag of the
// agency no grant holds, so the answer names the grant for both and says in its detail which is missing.
func (v Verdict) Refusal() error {
	if v.Visible {
		return nil
	}
	switch v.Reason {
	case NotEnabled:
		return errs.New(errs.Denied, GrantMissing, "the DEA workspace is not enabled for administrators of this agency",
			errs.WithMeta("condition", NotEnabled))
	case GrantMissing:
		return errs.New(errs.Denied, GrantMissing, "you need a grant for the DEA workspace; a compliance officer can give one")
	case BillingOff:
		return errs.New(errs.Denied, BillingOff, "the CMS workspace is open to administrators only while billing is enabled")
	default:
		return errs.New(errs.Denied, v.Reason, "none of your roles opens this workspace")
	}
}
