package edge

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fusionems/quantum/gateway/internal/authn"
	"github.com/fusionems/quantum/gateway/internal/problem"
	"github.com/fusionems/quantum/gateway/internal/session"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/identity"
)

func (e *Edge) authenticate(x *exchange, r *http.Request) *problem.Problem {
	if len(r.Header["Cookie"]) > 0 && session.Present(r) {
		return e.authenticateBrowser(x, r)
	}
	token, p := tokenOf(r)
	if p != nil {
		x.Header().Set("WWW-Authenticate", challenge)
		return p
	}
	s, err := e.Tokens.Authenticate(r.Context(), token)
	switch {
	case err == nil:
		x.identify(s)
		return nil
	case errors.Is(err, authn.ErrIssuerAway):
		return issuerAway()
	default:
		x.Header().Set("WWW-Authenticate", challenge+`, error="invalid_token"`)
		return problem.New(http.StatusUnauthorized, ReasonTokenInvalid, "the access token is not valid, or not any more; sign in again")
	}
}

// identify puts the caller into the exchange and its record.
func (x *exchange) identify(s *authn.Session) {
	x.session, x.principal = s, s.Principal
	x.record.Identity, x.record.AgencyID, x.record.Actor = nameOf(s), s.Principal.AgencyID, string(s.Principal.Actor)
	if len(s.Principal.Roles) > 0 {
		x.record.Role = s.Principal.Roles[0]
	}
}

func issuerAway() *problem.Problem {
	p := problem.New(http.StatusServiceUnavailable, ReasonIssuerAway, "tokens cannot be verified now; try again")
	p.RetryAfter = retryLater
	return p
}

// authenticateBrowser takes the session of a browser in place of a token.
func (e *Edge) authenticateBrowser(x *exchange, r *http.Request) *problem.Problem {
	if len(r.Header["Authorization"]) > 0 {
		return problem.New(http.StatusBadRequest, ReasonTwoCredentials, "send a session cookie or an access token, not both")
	}
	live, err := e.Sessions.Authenticate(identity.WithRequestID(r.Context(), x.record.RequestID), r, x.record.Address)
	if live != nil {
		x.browser = live
		x.identify(live.Token)
	}
	if err == nil {
		return nil
	}
	x.guessed = errors.Is(err, session.ErrUnknown)
	if p := sessionProblem(err); p != nil {
		return p
	}
	e.Log.ErrorContext(r.Context(), "a session could not be read", "request_id", x.record.RequestID, "error", err)
	return problem.New(http.StatusInternalServerError, problem.ReasonInternal, "an internal error; the instance names it in the log")
}

// sessionProblem says why a session does not let a request pass; nil for what nobody expects.
func sessionProblem(err error) *problem.Problem {
	switch {
	case errors.Is(err, session.ErrCSRF):
		return problem.New(http.StatusForbidden, ReasonCSRF, "the request does not prove that the portal made it; reload the page")
	case errors.Is(err, session.ErrIdle):
		return problem.New(http.StatusUnauthorized, ReasonSessionIdle, "the session ended because nothing was done in it for too long; sign in again")
	case errors.Is(err, session.ErrExpired):
		return problem.New(http.StatusUnauthorized, ReasonSessionExpired, "the session reached its greatest age; sign in again")
	case errors.Is(err, session.ErrUnknown):
		// Not "ended": a browser that was left open for days must not tell its person that somebody ended the session.
		return problem.New(http.StatusUnauthorized, ReasonSessionUnknown, "no session is known by this cookie, or not any more; sign in again")
	case errors.Is(err, session.ErrEnded):
		return problem.New(http.StatusUnauthorized, ReasonSessionEnded, "the session has ended; sign in again")
	case errors.Is(err, session.ErrIssuerAway):
		return issuerAway()
	case errors.Is(err, session.ErrUnavailable):
		p := problem.New(http.StatusServiceUnavailable, ReasonSessionsAway, "sessions cannot be looked up now; try again")
		p.RetryAfter = retryLater
		return p
	}
	return nil
}

func tokenOf(r *http.Request) (string, *problem.Problem) {
	values := r.Header["Authorization"]
	if len(values) == 0 && len(r.Header["Sec-Fetch-Site"]) > 0 {
		// Only a browser says where a request comes from, and a browser signs in.
		return "", problem.New(http.StatusUnauthorized, ReasonSessionMissing, "sign in")
	}
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
