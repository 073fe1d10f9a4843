package edge

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fusionems/quantum/gateway/internal/authn"
	"github.com/fusionems/quantum/gateway/internal/decide"
	"github.com/fusionems/quantum/gateway/internal/evidence"
	"github.com/fusionems/quantum/gateway/internal/limit"
	"github.com/fusionems/quantum/gateway/internal/problem"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/errs"
)

// stage is one step of the chain; the first that returns a problem ends it.
type stage struct {
	name string
	run  func(*exchange, *http.Request) *problem.Problem
}

// Names of the stages, in their order. No byte of a body is read before the last of them has passed.
const (
	stageAuthentication = "authentication"
	stageAgency         = "agency"
	stagePolicy         = "policy"
	stageLimit          = "limit"
	stageRequest        = "request"
	stagePrincipal      = "principal"
)

func (e *Edge) chain() []stage {
	return []stage{
		{stageAuthentication, e.authenticate},
		{stageAgency, e.agencyContext},
		{stagePolicy, e.decide},
		{stageLimit, e.limit},
		{stageRequest, e.checkRequest},
		{stagePrincipal, e.sign},
	}
}

// Stages are the names of the chain in order.
func (e *Edge) Stages() []string {
	names := make([]string, len(e.stages))
	for i, s := range e.stages {
		names[i] = s.name
	}
	return names
}

// serve runs the chain and then the call.
func (h *handler) serve(w http.ResponseWriter, r *http.Request, params map[string]string) {
	x, ok := w.(*exchange)
	if !ok {
		h.answerProbe(w, r)
		return
	}
	x.handler, x.params = h, params
	x.record.Endpoint, x.record.RPC = h.route.Template, h.route.Method
	for i := range h.edge.stages {
		if p := h.edge.stages[i].run(x, r); p != nil {
			x.fail(h.edge.account(x, r, h.edge.stages[i].name, p))
			return
		}
	}
	ctx, cancel := h.edge.callContext(x, r)
	defer cancel()
	h.next(x, h.edge.forwarded(x, r).WithContext(ctx), params)
}

// Reasons of refusals that the policy does not know.
const (
	ReasonTokenMissing    = "TOKEN_MISSING"
	ReasonTokenInvalid    = "TOKEN_INVALID"
	ReasonIssuerAway      = "ISSUER_UNAVAILABLE"
	ReasonAgencyMismatch  = "AGENCY_MISMATCH"
	ReasonAgencyInvalid   = "AGENCY_ID_INVALID"
	ReasonAccessInvalid   = "ACCESS_REASON_INVALID"
	ReasonRegistryUnknown = "MODULE_REGISTRY_UNAVAILABLE"
	ReasonRateLimited     = "RATE_LIMITED"
	ReasonLimiterAway     = "LIMITER_UNAVAILABLE"
)

const (
	retryLater = 1
	bearer     = "Bearer "
	challenge  = `Bearer realm="fusionems"`
)

func (e *Edge) authenticate(x *exchange, r *http.Request) *problem.Problem {
	token, p := tokenOf(r)
	if p != nil {
		x.Header().Set("WWW-Authenticate", challenge)
		return p
	}
	s, err := e.Tokens.Authenticate(r.Context(), token)
	switch {
	case err == nil:
		x.session, x.principal = s, s.Principal
		x.record.Identity, x.record.AgencyID, x.record.Actor = nameOf(s), s.Principal.AgencyID, string(s.Principal.Actor)
		if len(s.Principal.Roles) > 0 {
			x.record.Role = s.Principal.Roles[0]
		}
		return nil
	case errors.Is(err, authn.ErrIssuerAway):
		p := problem.New(http.StatusServiceUnavailable, ReasonIssuerAway, "tokens cannot be verified now; try again")
		p.RetryAfter = retryLater
		return p
	default:
		x.Header().Set("WWW-Authenticate", challenge+`, error="invalid_token"`)
		return problem.New(http.StatusUnauthorized, ReasonTokenInvalid, "the access token is not valid, or not any more; sign in again")
	}
}

func tokenOf(r *http.Request) (string, *problem.Problem) {
	values := r.Header["Authorization"]
	if len(values) != 1 || len(values[0]) <= len(bearer) || !strings.EqualFold(values[0][:len(bearer)], bearer) {
		return "", problem.New(http.StatusUnauthorized, ReasonTokenMissing, "send one header Authorization: Bearer <access token>")
	}
	return values[0][len(bearer):], nil
}

// nameOf is who the record names: the login, or the subject of a token without one.
func nameOf(s *authn.Session) string {
	if s.Principal.Name != "" {
		return s.Principal.Name
	}
	return s.Principal.Subject
}

// agencyContext decides which tenant the request works on. It comes from the token; only a role that may cross agencies may
// name another one, or none and a reason.
func (e *Edge) agencyContext(x *exchange, r *http.Request) *problem.Problem {
	agency, p := agencyOf(r)
	if p != nil {
		return p
	}
	reason, p := reasonOf(r)
	if p != nil {
		return p
	}
	if agency == 0 && reason == "" {
		return nil
	}
	if !e.mayCross(x.principal.Roles) {
		if agency != 0 && agency != x.principal.AgencyID {
			return problem.New(http.StatusForbidden, ReasonAgencyMismatch, headerAgency+" is not the agency of your token")
		}
		if reason != "" {
			return problem.New(http.StatusForbidden, authz.ReasonCrossAgencyDenied, headerReason+" is for roles that work across agencies")
		}
		return nil
	}
	x.principal.AccessReason = reason
	if agency != 0 {
		x.principal.AgencyID = agency
	} else if x.principal.AgencyID == 0 {
		x.principal.CrossAgency = true
	}
	x.record.AgencyID, x.record.Crossing = x.principal.AgencyID, x.principal.CrossAgency
	return nil
}

func (e *Edge) mayCross(roles []string) bool {
	for _, r := range roles {
		if e.crossing[r] {
			return true
		}
	}
	return false
}

func agencyOf(r *http.Request) (int64, *problem.Problem) {
	values := r.Header[headerAgency]
	if len(values) == 0 {
		return 0, nil
	}
	n, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil || n <= 0 || len(values) > 1 {
		return 0, problem.New(http.StatusBadRequest, ReasonAgencyInvalid, headerAgency+" must be one positive whole number")
	}
	return n, nil
}

const maxReason = 500

// reasonOf is the reason as it goes into the audit log: short, printable, and not blank.
func reasonOf(r *http.Request) (string, *problem.Problem) {
	values := r.Header[headerReason]
	if len(values) == 0 {
		return "", nil
	}
	reason := strings.TrimSpace(values[0])
	ok := len(values) == 1 && reason != "" && len(reason) <= maxReason && utf8.ValidString(reason)
	for _, c := range reason {
		ok = ok && unicode.IsPrint(c)
	}
	if !ok {
		return "", problem.New(http.StatusBadRequest, ReasonAccessInvalid, fmt.Sprintf("%s must be one printable text of at most %d bytes", headerReason, maxReason))
	}
	return reason, nil
}

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

// account counts a refusal, so that guessing is limited too, and records it as evidence. Beyond the limit it becomes a 429,
// of which the audit log needs no copy each.
func (e *Edge) account(x *exchange, r *http.Request, stage string, p *problem.Problem) *problem.Problem {
	var wait time.Duration
	switch {
	case stage == stageAuthentication && p.Reason == ReasonTokenInvalid:
		wait, _ = e.Limits.TakeFailure(r.Context(), x.record.Address)
	case (stage == stageAgency || stage == stagePolicy) && p.Status < http.StatusInternalServerError:
		wait, _ = e.Limits.Take(r.Context(), e.subject(x))
	default:
		return p
	}
	if wait > 0 {
		x.Header().Del("WWW-Authenticate")
		return rateLimited(wait)
	}
	if p.Status != http.StatusBadRequest {
		e.Refusals.Refused(evidence.Refusal{
			Action: x.handler.route.Action(), Reason: p.Reason, RequestID: x.record.RequestID, Trace: x.traceContext(), Principal: principalFor(x),
		})
	}
	return p
}
