package signin

import (
	"errors"

	"github.com/fusionems/quantum/gateway/internal/evidence"
	"github.com/fusionems/quantum/gateway/internal/session"
)

// callback takes the answer of the issuer.
func (h *Handler) callback(x *exchange) {
	query := x.r.URL.Query()
	f, ok, err := h.take(x.ctx, x.r, query.Get("state"))
	switch {
	case err != nil:
		x.refuse(h.reasonOf(x.ctx, err))
		return
	case !ok:
		h.failed(x, actionSignIn, ReasonState)
		return
	}
	action := actionSignIn
	if f.StepUp != "" {
		x.inWindow, action = true, actionStepUp
	}
	switch {
	case !h.Provider.answeredBy(query.Get("iss")):
		h.failed(x, action, ReasonState)
	case query.Get("error") != "":
		h.declined(x, action, query.Get("error"))
	case f.StepUp != "":
		h.elevate(x, f, query.Get("code"))
	default:
		h.signIn(x, f, query.Get("code"))
	}
}

// declined is an answer without a code: the person gave up, or the issuer does not want them.
func (h *Handler) declined(x *exchange, action, code string) {
	if code == "temporarily_unavailable" || code == "server_error" {
		x.refuse(ReasonIssuerAway)
		return
	}
	h.failed(x, action, ReasonDenied)
}

// failed counts and records a sign-in that was refused.
func (h *Handler) failed(x *exchange, action, reason string) {
	if wait, err := h.Limits.TakeFailure(x.ctx, x.record.Address); err == nil && wait > 0 {
		x.refuse(ReasonRateLimited)
		return
	}
	h.Evidence.Refused(evidence.Refusal{Action: action, Reason: reason, RequestID: x.record.RequestID, Principal: x.principal()})
	x.refuse(reason)
}

// grantFailed tells a grant that is not good from an issuer that is away.
func (h *Handler) grantFailed(x *exchange, action string, err error) {
	reason := h.reasonOf(x.ctx, err)
	if reason == ReasonIssuerAway || reason == ReasonStoreAway {
		x.refuse(reason)
		return
	}
	h.failed(x, action, reason)
}

// signIn begins a session with a new id, whatever the browser came with.
func (h *Handler) signIn(x *exchange, f session.Flow, code string) {
	tokens, id, err := h.Provider.exchange(x.ctx, code, f)
	if err != nil {
		h.grantFailed(x, actionSignIn, err)
		return
	}
	token, err := h.Tokens.Authenticate(x.ctx, tokens.Access)
	if err == nil && token.Principal.Subject != id.Subject {
		err = session.ErrRefused
	}
	if err != nil {
		h.grantFailed(x, actionSignIn, err)
		return
	}
	x.person(token.Principal)
	h.replace(x)
	credential, view, err := h.Sessions.Create(x.ctx, session.Start{
		Tokens: tokens, Token: token, UserAgent: x.r.UserAgent(), Address: x.record.Address,
	})
	if err != nil {
		x.refuse(h.reasonOf(x.ctx, err))
		return
	}
	session.SetCookies(x.w, credential)
	h.Evidence.Done(evidence.Deed{
		Action: actionSignIn, Resource: "sessions/" + view.ID, RequestID: x.record.RequestID, Principal: x.principal(),
	})
	x.redirect(f.Return)
}

// replace ends the session that the browser still has: a browser has one.
func (h *Handler) replace(x *exchange) {
	l, err := h.Sessions.Authenticate(x.ctx, x.r, x.record.Address)
	if err != nil {
		return
	}
	if err := h.Sessions.Replace(x.ctx, l); err != nil {
		h.Log.WarnContext(x.ctx, "the session that a browser had before was not ended", "session", string(l.Ref), "error", err)
	}
}

// elevate gives a session the tokens of the second factor confirmed anew.
func (h *Handler) elevate(x *exchange, f session.Flow, code string) {
	l, err := h.Sessions.Authenticate(x.ctx, x.r, x.record.Address)
	if err == nil && l.Ref != f.StepUp {
		err = session.ErrEnded
	}
	if err != nil {
		x.refuse(h.reasonOf(x.ctx, err))
		return
	}
	x.person(l.Token.Principal)
	tokens, id, err := h.Provider.exchange(x.ctx, code, f)
	if err != nil {
		h.grantFailed(x, actionStepUp, err)
		return
	}
	token, err := h.Tokens.Authenticate(x.ctx, tokens.Access)
	if err == nil && token.Principal.Subject != id.Subject {
		err = session.ErrRefused
	}
	if err != nil {
		h.grantFailed(x, actionStepUp, err)
		return
	}
	err = h.Sessions.Elevate(x.ctx, l, tokens, token)
	switch {
	case errors.Is(err, session.ErrEnded) && token.Principal.Subject != l.Token.Principal.Subject:
		h.failed(x, actionStepUp, ReasonOtherPerson)
	case err != nil:
		x.refuse(h.reasonOf(x.ctx, err))
	default:
		h.Evidence.Done(evidence.Deed{
			Action: actionStepUp, Resource: "sessions/" + string(l.Ref), RequestID: x.record.RequestID, Principal: x.principal(),
		})
		writeWindow(x.w, "step-up-done", "")
		x.status(200)
	}
}
