package signin

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/fusionems/quantum/gateway/internal/evidence"
	"github.com/fusionems/quantum/gateway/internal/problem"
	"github.com/fusionems/quantum/gateway/internal/session"
)

// logout ends the session, tells the issuer, and answers where the browser is to go.
func (h *Handler) logout(x *exchange) {
	l, err := h.Sessions.Authenticate(x.ctx, x.r, x.record.Address)
	switch {
	case errors.Is(err, session.ErrCSRF):
		x.person(l.Token.Principal)
		h.Evidence.Refused(evidence.Refusal{Action: actionSignOut, Reason: ReasonCSRF, RequestID: x.record.RequestID, Principal: x.principal()})
		x.problem(problem.New(http.StatusForbidden, ReasonCSRF, "the request does not prove that the portal made it; reload the page"))
		return
	case errors.Is(err, session.ErrUnavailable), errors.Is(err, session.ErrIssuerAway):
		p := problem.New(http.StatusServiceUnavailable, h.reasonOf(x.ctx, err), "the session cannot be ended now; try again")
		p.RetryAfter = retryLater
		x.problem(p)
		return
	case err != nil:
		// Whoever has no session is signed out already. Another site may ask this as well; then the cookies stay.
		if h.Sessions.SameOrigin(x.r) {
			session.ClearCookies(x.w)
		}
		x.goTo(signedOut(h.reasonOf(x.ctx, err)))
		return
	}
	x.person(l.Token.Principal)
	told, err := h.Sessions.SignOut(x.ctx, l)
	if err != nil {
		p := problem.New(http.StatusServiceUnavailable, ReasonStoreAway, "the session cannot be ended now; try again")
		p.RetryAfter = retryLater
		x.problem(p)
		return
	}
	session.ClearCookies(x.w)
	h.Evidence.Done(evidence.Deed{
		Action: actionSignOut, Resource: "sessions/" + string(l.Ref), RequestID: x.record.RequestID, Principal: x.principal(),
	})
	if told {
		x.goTo(signedOut(ReasonSignedOut))
		return
	}
	x.goTo(h.Provider.endSessionURL())
}

const retryLater = 2

// goTo answers a script where the browser is to go.
func (x *exchange) goTo(location string) {
	x.w.Header().Set("Content-Type", "application/json")
	x.status(http.StatusOK)
	// A client that went away does not read it.
	_ = json.NewEncoder(x.w).Encode(map[string]string{"location": location})
}
