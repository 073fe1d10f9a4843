package edge

import (
	"net/http"
	"time"

	"github.com/fusionems/quantum/gateway/internal/evidence"
	"github.com/fusionems/quantum/gateway/internal/problem"
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
	if x.call != nil {
		h.edge.Refusals.Keep(x.call)
	}
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
	ReasonTwoCredentials  = "TWO_CREDENTIALS"
	ReasonCSRF            = "CSRF_INVALID"
	ReasonSessionMissing  = "SESSION_MISSING"
	ReasonSessionUnknown  = "SESSION_UNKNOWN"
	ReasonSessionEnded    = "SESSION_ENDED"
	ReasonSessionExpired  = "SESSION_EXPIRED"
	ReasonSessionIdle     = "SESSION_IDLE"
	ReasonSessionsAway    = "SESSIONS_UNAVAILABLE"
)

const (
	retryLater = 1
	bearer     = "Bearer "
	challenge  = `Bearer realm="fusionems"`
)

// account counts a refusal, so that guessing is limited too, and records it as evidence. Beyond the limit it becomes a 429,
// of which the audit log needs no copy each.
func (e *Edge) account(x *exchange, r *http.Request, stage string, p *problem.Problem) *problem.Problem {
	var wait time.Duration
	switch {
	case stage == stageAuthentication && (p.Reason == ReasonTokenInvalid || x.guessed):
		wait, _ = e.Limits.TakeFailure(r.Context(), x.record.Address)
	case stage == stageAuthentication && p.Reason == ReasonCSRF:
		wait, _ = e.Limits.Take(r.Context(), e.subject(x))
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
