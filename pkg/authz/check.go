package authz

import (
	"slices"
	"time"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	authzv1 "github.com/fusionems/quantum/proto/gen/go/fleet/authz/v1"
)

// Reasons of refusals. OPA's policy at the gateway uses the same words.
const (
	ReasonMethodUnknown       = "METHOD_UNKNOWN"
	ReasonActorNotAllowed     = "ACTOR_NOT_ALLOWED"
	ReasonCallerNotAllowed    = "CALLER_NOT_ALLOWED"
	ReasonScopeMissing        = "SCOPE_MISSING"
	ReasonAgencyRequired      = "AGENCY_REQUIRED"
	ReasonAccessReason        = "ACCESS_REASON_REQUIRED"
	ReasonSecondFactor        = "SECOND_FACTOR_REQUIRED"
	ReasonStepUp              = "STEP_UP_REQUIRED"
	ReasonPolicyVersion       = "POLICY_VERSION_REQUIRED"
	ReasonCrossAgencyDenied   = "CROSS_AGENCY_NOT_ALLOWED"
	acrSecondFactor           = "2"
	stepUpWindow              = 15 * time.Minute
	roleThatMayCrossAgencies  = "founder"
	descriptionSecondFactor   = "sign in with a second factor"
	descriptionStepUp         = "confirm with your second factor again; the last one is older than 15 minutes"
	descriptionScope          = "none of your roles permits this call"
	descriptionAgencyRequired = "name one agency in X-Agency-Id, or give a reason in X-Access-Reason where the call works across agencies"
)

// Grant is a positive answer: the role and scope under which the call is made.
type Grant struct {
	Role  string
	Scope string
}

// Caller is who is on the other end of the connection.
type Caller struct {
	// Service is the mTLS identity of the peer, e.g. "gateway" or "qa".
	Service   string
	Principal identity.Principal
}

// Authorize says whether the caller may call the method, and under which role.
func (t *Table) Authorize(c Caller, method string, now time.Time) (Grant, error) {
	rule, ok := t.rules[method]
	if !ok {
		return Grant{}, deny(ReasonMethodUnknown, "no such method")
	}
	if c.Principal.Actor == identity.Service {
		return t.authorizeService(c, rule)
	}
	if c.Service != gateway {
		return Grant{}, deny(ReasonCallerNotAllowed, "only the gateway may call on behalf of a user")
	}
	if err := checkActor(c.Principal, rule, now); err != nil {
		return Grant{}, err
	}
	grant, ok := t.grant(c.Principal, rule)
	if !ok {
		return Grant{}, deny(ReasonScopeMissing, descriptionScope)
	}
	return grant, checkTenancy(c.Principal, rule, grant)
}

const gateway = "gateway"

func (t *Table) authorizeService(c Caller, rule *authzv1.Rule) (Grant, error) {
	if c.Service != c.Principal.Subject || !slices.Contains(rule.GetCallers(), c.Service) {
		return Grant{}, deny(ReasonCallerNotAllowed, "this service may not call the method")
	}
	if rule.GetTenancy() == authzv1.Tenancy_TENANCY_AGENCY && c.Principal.AgencyID == 0 {
		return Grant{}, deny(ReasonAgencyRequired, descriptionAgencyRequired)
	}
	return Grant{Role: identity.SystemRole}, nil
}

func checkActor(p identity.Principal, rule *authzv1.Rule, now time.Time) error {
	if !actorAllowed(p.Actor, rule) {
		return deny(ReasonActorNotAllowed, "this kind of caller may not call the method")
	}
	if p.Actor == identity.AI && p.PolicyVersionID == "" {
		return errs.New(errs.Precondition, ReasonPolicyVersion, "an AI agent acts only under a policy version")
	}
	if p.Actor == identity.Human && p.ACR != acrSecondFactor {
		return deny(ReasonSecondFactor, descriptionSecondFactor)
	}
	if rule.GetStepUp() && (p.AuthTime.IsZero() || now.Sub(p.AuthTime) > stepUpWindow) {
		return deny(ReasonStepUp, descriptionStepUp)
	}
	return nil
}

func actorAllowed(kind identity.ActorKind, rule *authzv1.Rule) bool {
	actors := rule.GetActors()
	if len(actors) == 0 {
		return kind == identity.Human
	}
	want := map[identity.ActorKind]authzv1.Actor{
		identity.Human: authzv1.Actor_ACTOR_HUMAN, identity.AI: authzv1.Actor_ACTOR_AI,
		identity.Integration: authzv1.Actor_ACTOR_INTEGRATION,
	}[kind]
	return want != authzv1.Actor_ACTOR_UNSPECIFIED && slices.Contains(actors, want)
}

// grant finds the first scope of the rule that the caller holds through one of their roles. Both must hold: a scope in the
// token that no role of the caller carries is worth nothing, and so is a role whose scope was not granted to the token.
func (t *Table) grant(p identity.Principal, rule *authzv1.Rule) (Grant, bool) {
	if rule.GetAnyAuthenticated() {
		for _, r := range t.roles {
			if p.HasRole(r.Name) {
				return Grant{Role: r.Name}, true
			}
		}
		return Grant{}, false
	}
	for _, scope := range rule.GetScopes() {
		if !p.HasScope(scope) || (p.Actor == identity.AI && !t.ai[scope]) {
			continue
		}
		for _, r := range t.roles {
			if p.HasRole(r.Name) && slices.Contains(r.Scopes, scope) {
				return Grant{Role: r.Name, Scope: scope}, true
			}
		}
	}
	return Grant{}, false
}

func checkTenancy(p identity.Principal, rule *authzv1.Rule, g Grant) error {
	if p.CrossAgency {
		switch {
		case g.Role != roleThatMayCrossAgencies || rule.GetTenancy() == authzv1.Tenancy_TENANCY_AGENCY:
			return deny(ReasonCrossAgencyDenied, "this call works on one agency only")
		case p.AccessReason == "":
			return deny(ReasonAccessReason, "say why in X-Access-Reason")
		}
		return nil
	}
	if p.AgencyID != 0 || rule.GetTenancy() == authzv1.Tenancy_TENANCY_PLATFORM {
		return nil
	}
	if rule.GetTenancy() == authzv1.Tenancy_TENANCY_AGENCY_OR_CROSS && g.Role == roleThatMayCrossAgencies {
		return deny(ReasonAccessReason, descriptionAgencyRequired)
	}
	return deny(ReasonAgencyRequired, descriptionAgencyRequired)
}

func deny(reason, message string) *errs.Error { return errs.New(errs.Denied, reason, message) }
