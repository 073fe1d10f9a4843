package signin

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fusionems/quantum/gateway/internal/access"
	"github.com/fusionems/quantum/gateway/internal/authn"
	"github.com/fusionems/quantum/gateway/internal/evidence"
	"github.com/fusionems/quantum/gateway/internal/session"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/limit"
)

type limiter interface {
	Take(ctx context.Context, s limit.Subject) (wait time.Duration, err error)
	TakeFailure(ctx context.Context, address string) (wait time.Duration, err error)
}

type recorder interface {
	Refused(f evidence.Refusal)
	Done(d evidence.Deed)
}

type verifier interface {
	Authenticate(ctx context.Context, token string) (*authn.Session, error)
}

// Deps is what signing in works with; all are required.
type Deps struct {
	// Origin of the portal, e.g. https://ems.example.
	Origin   string
	Provider *Provider
	Sessions *session.Manager
	Tokens   verifier
	Limits   limiter
	Evidence recorder
	Access   *access.Log
	Metrics  *access.Metrics
	Log      *slog.Logger
	Now      func() time.Time
	// AddressOf is the address that a request counts for.
	AddressOf func(*http.Request) string
}

// Handler serves what is below /auth/.
type Handler struct {
	Deps
	host string
	mux  *http.ServeMux
}

// Root is what the paths of a Handler begin with.
const Root = "/auth/"

// New makes a handler.
func New(d Deps) (*Handler, error) {
	origin, err := url.Parse(d.Origin)
	if err != nil || origin.Scheme != "https" || origin.Host == "" {
		return nil, errors.New("signin: the origin is not https://host")
	}
	h := &Handler{Deps: d, host: origin.Host, mux: http.NewServeMux()}
	h.route(http.MethodGet, "/auth/login", h.login)
	h.route(http.MethodGet, "/auth/step-up", h.stepUp)
	h.route(http.MethodGet, callbackPath, h.callback)
	h.route(http.MethodPost, "/auth/logout", h.logout)
	h.mux.HandleFunc("GET "+scriptPath, serveScript)
	return h, nil
}

// Actions as the audit log names them: they belong to the sessions, though no RPC is behind them.
const (
	actionSignIn  = "fleet.gateway.v1.SessionService/SignIn"
	actionSignOut = "fleet.gateway.v1.SessionService/SignOut"
	actionStepUp  = "fleet.gateway.v1.SessionService/StepUp"
)

// Reasons that a refused sign-in ends with; the portal's page of that name says them in words.
const (
	ReasonState       = "SIGN_IN_STATE_INVALID"
	ReasonDenied      = "SIGN_IN_DENIED"
	ReasonFailed      = "SIGN_IN_FAILED"
	ReasonOneFactor   = "SECOND_FACTOR_REQUIRED"
	ReasonOtherPerson = "OTHER_PERSON"
	ReasonIssuerAway  = "ISSUER_UNAVAILABLE"
	ReasonStoreAway   = "SESSIONS_UNAVAILABLE"
	ReasonRateLimited = "RATE_LIMITED"
	ReasonEnded       = "SESSION_ENDED"
	ReasonUnknown     = "SESSION_UNKNOWN"
	ReasonIdle        = "SESSION_IDLE"
	ReasonExpired     = "SESSION_EXPIRED"
	ReasonCSRF        = "CSRF_INVALID"
	ReasonSignedOut   = "SIGNED_OUT"
)

// wordOf is a reason as the portal's address of signed-out people has it, e.g. "idle" or "sign-in-denied".
func wordOf(reason string) string {
	return strings.TrimPrefix(strings.ToLower(strings.ReplaceAll(reason, "_", "-")), "session-")
}

// signedOut is the portal's page that says a reason in words.
func signedOut(reason string) string { return signedOutPath + "?reason=" + wordOf(reason) }

// Serves says whether a path is the handler's.
func (h *Handler) Serves(r *http.Request) bool {
	_, pattern := h.mux.Handler(r)
	return pattern != ""
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answerHeaders(w.Header())
	h.mux.ServeHTTP(w, r)
}

// login begins a sign-in.
func (h *Handler) login(x *exchange) {
	query := x.r.URL.Query()
	if x.r.Host != h.host && query.Get("origin") == "" {
		// The cookies are of one host: under another name of the gateway nothing would come back. Once is enough: a proxy that
		// does not pass the name on would send the browser round for ever.
		x.redirect(h.Origin + "/auth/login?" + url.Values{"return": {query.Get("return")}, "origin": {"1"}}.Encode())
		return
	}
	to, err := h.begin(x.ctx, x.w, x.r, returnPath(query.Get("return")), "")
	if err != nil {
		x.refuse(h.reasonOf(x.ctx, err))
		return
	}
	x.redirect(to)
}

// stepUp begins to confirm the second factor anew, in a window beside the portal's.
func (h *Handler) stepUp(x *exchange) {
	x.inWindow = true
	l, err := h.Sessions.Authenticate(x.ctx, x.r, x.record.Address)
	if err != nil {
		x.refuse(h.reasonOf(x.ctx, err))
		return
	}
	x.person(l.Token.Principal)
	to, err := h.begin(x.ctx, x.w, x.r, "/", l.Ref)
	if err != nil {
		x.refuse(h.reasonOf(x.ctx, err))
		return
	}
	x.redirect(to)
}

// reasonOf says why something did not work. Whom it says is what can be told: the cause is for the log.
func (h *Handler) reasonOf(ctx context.Context, err error) string {
	switch {
	case errors.Is(err, session.ErrUnavailable):
		return ReasonStoreAway
	case errors.Is(err, session.ErrIssuerAway), errors.Is(err, ErrAway), errors.Is(err, authn.ErrIssuerAway):
		return ReasonIssuerAway
	case errors.Is(err, session.ErrIdle):
		return ReasonIdle
	case errors.Is(err, session.ErrExpired):
		return ReasonExpired
	case errors.Is(err, session.ErrEnded):
		return ReasonEnded
	case errors.Is(err, session.ErrUnknown):
		return ReasonUnknown
	case errors.Is(err, errOneFactor), errors.Is(err, errNotAnew):
		return ReasonOneFactor
	case errors.Is(err, session.ErrCSRF):
		return ReasonCSRF
	}
	if !errors.Is(err, session.ErrRefused) && !errors.Is(err, authn.ErrInvalid) {
		h.Log.ErrorContext(ctx, "a sign-in failed", "error", err)
	}
	return ReasonFailed
}

// nobody is who a refused sign-in names.
func nobody() identity.Principal {
	return identity.Principal{Subject: "anonymous", Actor: identity.Human}
}
