package edge

import (
	"math"
	"net/http"
	"time"

	"github.com/fusionems/quantum/gateway/internal/decide"
	"github.com/fusionems/quantum/gateway/internal/problem"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/limit"
)

func (e *Edge) decide(x *exchange, r *http.Request) *problem.Problem {
	route := x.handler.route
	req := decide.Request{Method: route.Method, Principal: &x.principal, Authority: x.session.Authority, Now: x.record.Time}
	state := e.Modules.Current()
	switch {
	case state != nil:
		req.Disabled, req.Revision = state.Off(x.principal.AgencyID), state.Revision
	case route.Rule.GetModule() != "":
		p := problem.New(http.StatusServiceUnavailable, ReasonRegistryUnknown, "which modules are on is not known yet; try again")
		p.RetryAfter = retryLater
		return p
	}
	d, err := e.Policy.Decide(r.Context(), req)
	if err != nil {
		e.Log.ErrorContext(r.Context(), "the policy could not decide", "rpc", route.Method, "error", err)
		return problem.New(http.StatusInternalServerError, problem.ReasonInternal, "an internal error; the instance names it in the log")
	}
	if d.Allowed {
		x.record.Role, x.record.Scope = d.Role, d.Scope
		return nil
	}
	return e.denied(x, d.Reason)
}

func (e *Edge) denied(x *exchange, reason string) *problem.Problem {
	switch reason {
	case authz.ReasonStepUp, authz.ReasonSecondFactor:
		// RFC 9470; the status is that of the services' own check.
		x.Header().Set("WWW-Authenticate", challenge+`, error="insufficient_user_authentication", acr_values="2", max_age="900"`)
	case authz.ReasonPolicyVersion:
		e.Metrics.AIWithoutPolicy.Inc()
		return problem.FromReason(errs.New(errs.Precondition, reason, details[reason]))
	}
	return problem.FromReason(errs.New(errs.Denied, reason, details[reason]))
}

// details say what would be right.
var details = map[string]string{
	authz.ReasonMethodUnknown:     "no such method",
	authz.ReasonActorNotAllowed:   "this kind of caller may not call the method",
	authz.ReasonPolicyVersion:     "an AI agent acts only under a policy version",
	authz.ReasonSecondFactor:      "sign in with a second factor",
	authz.ReasonStepUp:            "confirm with your second factor again; the last one is older than 15 minutes",
	authz.ReasonScopeMissing:      "none of your roles permits this call",
	authz.ReasonCrossAgencyDenied: "this call works on one agency only; name it in " + headerAgency,
	authz.ReasonAccessReason:      "name one agency in " + headerAgency + ", or say in " + headerReason + " why you work across agencies",
	authz.ReasonAgencyRequired:    "your token names no agency; name one in " + headerAgency + " if your role may",
	"MODULE_DISABLED":             "this module is switched off for the agency",
}

func (e *Edge) limit(x *exchange, r *http.Request) *problem.Problem {
	wait, err := e.Limits.Take(r.Context(), e.subject(x))
	switch {
	case wait > 0:
		return rateLimited(wait)
	case err == nil:
		return nil
	case x.handler.route.Writes():
		e.Metrics.LimiterClosed.Inc()
		p := problem.New(http.StatusServiceUnavailable, ReasonLimiterAway, "requests cannot be counted now, and without that nothing is changed; try again")
		p.RetryAfter = retryLater
		return p
	default:
		e.Metrics.LimiterOpen.Inc()
		return nil
	}
}

func (e *Edge) subject(x *exchange) limit.Subject {
	return limit.Subject{Tenant: x.principal.AgencyID, Identity: x.principal.Subject, Address: x.record.Address}
}

func rateLimited(wait time.Duration) *problem.Problem {
	p := problem.New(http.StatusTooManyRequests, ReasonRateLimited, "too many requests; Retry-After says in how many seconds to go on")
	p.RetryAfter = max(1, int(math.Ceil(wait.Seconds())))
	return p
}
