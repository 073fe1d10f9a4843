package db

import (
	"context"
	"strconv"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
)

// setScope sets all three values in every transaction, also the empty ones: whatever a statement might have left on the
// session is overwritten, and an empty agency fails the ::bigint cast of every policy.
const setScope = `SELECT set_config('role',$1,true), set_config('app.current_agency',$2,true), set_config('app.current_subject',$3,true)`

// setScopeReadOnly is the form for a transaction without BEGIN.
const setScopeReadOnly = setScope + `, set_config('transaction_read_only','on',true)`

// Reasons of refusals that this package makes itself.
const (
	ReasonNoPrincipal     = "DATABASE_NO_PRINCIPAL"
	ReasonRoleWithoutData = "DATABASE_ROLE_WITHOUT_GROUP"
	ReasonCrossReadOnly   = "CROSS_AGENCY_READ_ONLY"
	ReasonCrossNotAllowed = "CROSS_AGENCY_NOT_ALLOWED"
)

// scope is what a transaction runs as.
type scope struct {
	role     string // database role
	agency   string // "" = none: policies with the bigint cast raise an error
	agencyID int64
	subject  string
	cross    bool
}

func (d *DB) scopeOf(ctx context.Context) (scope, error) {
	p, ok := identity.From(ctx)
	if !ok {
		return scope{}, errs.New(errs.Internal, ReasonNoPrincipal, "no principal in the context of a transaction")
	}
	if p.CrossAgency {
		return d.crossScope(p)
	}
	acting := p.ActingRole
	if acting == "" && p.Actor == identity.Service {
		acting = identity.SystemRole
	}
	group, ok := d.groups(acting)
	if !ok || group == crossGroup {
		return scope{}, errs.New(errs.Denied, ReasonRoleWithoutData, "the role has no data in this service")
	}
	s := scope{role: d.schema + "_" + group, agencyID: p.AgencyID, subject: p.Subject}
	if p.AgencyID != 0 {
		s.agency = strconv.FormatInt(p.AgencyID, 10)
	}
	return s, nil
}

// crossScope is the loud way across agencies: a human founder who gave a reason, read-only by grants and by transaction.
func (d *DB) crossScope(p identity.Principal) (scope, error) {
	if p.Actor != identity.Human || p.ActingRole != founderRole || p.AccessReason == "" {
		return scope{}, errs.New(errs.Denied, ReasonCrossNotAllowed, "work across agencies needs the founder and a reason")
	}
	return scope{role: d.schema + "_" + crossGroup, subject: p.Subject, cross: true}, nil
}

const (
	founderRole = "founder"
	crossGroup  = "cross"
)
