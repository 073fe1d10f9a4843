package signin

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/gateway/internal/access"
	"github.com/fusionems/quantum/gateway/internal/problem"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/limit"
)

// exchange is one request of a browser that signs in or out.
type exchange struct {
	ctx    context.Context
	w      http.ResponseWriter
	r      *http.Request
	record access.Record
	who    *identity.Principal
	// inWindow says that the answer is read in a window beside the portal's.
	inWindow bool
}

// route serves a path within the limit of the address, and keeps a record of each request. Without the counters nobody signs in.
func (h *Handler) route(method, path string, serve func(*exchange)) {
	series := h.Metrics.Series(method, path)
	h.mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
		id, err := uuid.NewV7()
		if err != nil {
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
			return
		}
		x := &exchange{w: w, r: r, ctx: identity.WithRequestID(r.Context(), id.String())}
		x.record = access.Record{
			Time: h.Now(), Method: method, Endpoint: path, Identity: "anonymous", RequestID: id.String(), Address: h.AddressOf(r),
		}
		w.Header().Set("X-Request-Id", id.String())
		h.limited(x, serve)
		x.record.Duration = h.Now().Sub(x.record.Time)
		series.Observe(x.record.Status, x.record.Duration)
		h.Access.Add(&x.record)
	})
}

func (h *Handler) limited(x *exchange, serve func(*exchange)) {
	x.inWindow = x.record.Endpoint == "/auth/step-up"
	wait, err := h.Limits.Take(x.ctx, limit.Subject{Address: x.record.Address})
	switch {
	case err == nil && wait == 0:
		serve(x)
	case x.r.Method == http.MethodGet && err != nil:
		x.refuse(ReasonStoreAway)
	case x.r.Method == http.MethodGet:
		x.refuse(ReasonRateLimited)
	case err != nil:
		p := problem.New(http.StatusServiceUnavailable, ReasonStoreAway, "requests cannot be counted now; try again")
		p.RetryAfter = retryLater
		x.problem(p)
	default:
		p := problem.New(http.StatusTooManyRequests, ReasonRateLimited, "too many requests; Retry-After says in how many seconds to go on")
		p.RetryAfter = 1 + int(wait/time.Second)
		x.problem(p)
	}
}

// status keeps the status for the record, and sends it but for the default one.
func (x *exchange) status(code int) {
	x.record.Status = code
	if code != http.StatusOK {
		x.w.WriteHeader(code)
	}
}

// person names who the record is about.
func (x *exchange) person(p identity.Principal) {
	if p.ActingRole == "" && len(p.Roles) > 0 {
		p.ActingRole = p.Roles[0]
	}
	x.who = &p
	x.record.Identity, x.record.AgencyID, x.record.Actor, x.record.Role = p.Subject, p.AgencyID, string(p.Actor), p.ActingRole
	if p.Name != "" {
		x.record.Identity = p.Name
	}
}

func (x *exchange) principal() identity.Principal {
	if x.who == nil {
		return nobody()
	}
	return *x.who
}

// redirect sends the browser on. The status makes it a GET whatever it was.
func (x *exchange) redirect(to string) {
	x.w.Header().Set("Location", to)
	x.status(http.StatusSeeOther)
}

// refuse lets the portal say why it did not work.
func (x *exchange) refuse(reason string) {
	x.record.Reason = reason
	if x.inWindow {
		writeWindow(x.w, "step-up-failed", reason)
		x.status(http.StatusOK)
		return
	}
	x.redirect(signedOut(reason))
}

func (x *exchange) problem(p *problem.Problem) {
	x.record.Status, x.record.Reason = p.Status, p.Reason
	p.Write(x.w, x.record.RequestID)
}
