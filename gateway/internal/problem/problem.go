package problem

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/rpc"
)

// ContentType of a problem document.
const ContentType = "application/problem+json"

// typePrefix makes the type of a problem from its reason.
const typePrefix = "urn:fusionems:problem:"

// Problem is what went wrong, as a client sees it.
type Problem struct {
	Status int
	Reason string
	Detail string
	Fields []errs.Field
	// RetryAfter in seconds; 0 sends no header.
	RetryAfter int
}

// document is the JSON form.
type document struct {
	Type     string  `json:"type"`
	Title    string  `json:"title"`
	Status   int     `json:"status"`
	Detail   string  `json:"detail,omitempty"`
	Reason   string  `json:"reason"`
	Instance string  `json:"instance,omitempty"`
	Errors   []field `json:"errors,omitempty"`
}

type field struct {
	Field   string `json:"field"`
	Rule    string `json:"rule"`
	Message string `json:"message"`
	Element string `json:"element,omitempty"`
	Line    int    `json:"line,omitempty"`
}

// New makes a problem.
func New(status int, reason, detail string) *Problem {
	return &Problem{Status: status, Reason: reason, Detail: detail}
}

// With names violated rules.
func (p *Problem) With(fields ...errs.Field) *Problem {
	p.Fields = append(p.Fields, fields...)
	return p
}

// Error makes a problem an error.
func (p *Problem) Error() string { return p.Reason + ": " + p.Detail }

// Write sends the problem; requestID is its instance.
func (p *Problem) Write(w http.ResponseWriter, requestID string) {
	h := w.Header()
	h["Content-Type"] = []string{ContentType}
	h.Del("Content-Length")
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	doc := document{
		Type: typePrefix + p.Reason, Title: http.StatusText(p.Status), Status: p.Status,
		Detail: p.Detail, Reason: p.Reason, Instance: requestID,
	}
	for _, f := range p.Fields {
		doc.Errors = append(doc.Errors, field{Field: f.Field, Rule: f.Rule, Message: f.Message, Element: elementOf(f), Line: f.Line})
	}
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	// A struct of strings and numbers always encodes; what cannot be written any more, nobody reads.
	_ = enc.Encode(doc)
	w.WriteHeader(p.Status)
	_, _ = w.Write(body.Bytes())
}

// Unauthenticated is not in the list: a service that does not believe the gateway is no fault of the client.
var statusByCode = map[codes.Code]int{
	codes.InvalidArgument: http.StatusBadRequest, codes.NotFound: http.StatusNotFound, codes.AlreadyExists: http.StatusConflict,
	codes.Aborted: http.StatusConflict, codes.FailedPrecondition: http.StatusConflict, codes.PermissionDenied: http.StatusForbidden,
	codes.ResourceExhausted: http.StatusTooManyRequests,
	codes.OutOfRange:        http.StatusRequestEntityTooLarge, codes.Unavailable: http.StatusServiceUnavailable,
	codes.DeadlineExceeded: http.StatusGatewayTimeout,
}

// Reasons of problems that no service names.
const (
	ReasonInternal    = "INTERNAL"
	ReasonUnavailable = "SERVICE_UNAVAILABLE"
	ReasonTimeout     = "DEADLINE_EXCEEDED"
	ReasonInvalid     = "REQUEST_INVALID"
	ReasonCanceled    = "CLIENT_CLOSED_REQUEST"
	ReasonRoute       = "ROUTE_UNKNOWN"
)

// retryLater is what a client is told to wait when a service is away.
const retryLater = 2

// statusClientClosed is nginx's status for a client that went away; nobody reads the answer, the access record keeps it.
const statusClientClosed = 499

// FromStatus turns the error of a call into a problem. Only a status that carries a reason of the fleet may speak for itself.
func FromStatus(err error) *Problem {
	s := status.Convert(err)
	e := rpc.FromStatus(err)
	if e != nil && len(s.Details()) > 0 {
		return fromReason(s, e)
	}
	switch s.Code() {
	case codes.Unavailable:
		p := New(http.StatusServiceUnavailable, ReasonUnavailable, "the service that answers this call is not there; try again")
		p.RetryAfter = retryLater
		return p
	case codes.DeadlineExceeded:
		return New(http.StatusGatewayTimeout, ReasonTimeout, "the call took too long; try again")
	case codes.Canceled:
		return New(statusClientClosed, ReasonCanceled, "the request was given up")
	case codes.InvalidArgument:
		return New(http.StatusBadRequest, ReasonInvalid, "a parameter of the request has the wrong form")
	default:
		return internal()
	}
}

var statusByKind = map[errs.Kind]int{
	errs.Invalid: http.StatusBadRequest, errs.NotFound: http.StatusNotFound, errs.AlreadyExists: http.StatusConflict,
	errs.Conflict: http.StatusConflict, errs.Precondition: http.StatusConflict, errs.Denied: http.StatusForbidden,
	errs.Exhausted: http.StatusTooManyRequests, errs.TooLarge: http.StatusRequestEntityTooLarge,
	errs.Unavailable: http.StatusServiceUnavailable,
}

// FromError turns the error of a call into a problem: one of the gateway's own services, or the status of another.
func FromError(err error) *Problem {
	e, own := errs.As(err)
	if !own {
		return FromStatus(err)
	}
	code, ok := statusByKind[e.Kind]
	if !ok {
		return internal()
	}
	p := New(code, e.Reason, e.Message)
	for _, f := range e.Fields {
		f.Field = jsonPath(f)
		p.Fields = append(p.Fields, f)
	}
	if code == http.StatusServiceUnavailable {
		p.RetryAfter = retryLater
	}
	return p
}

func fromReason(s *status.Status, e *errs.Error) *Problem {
	code, ok := statusByCode[s.Code()]
	if !ok {
		return internal()
	}
	if e.Reason == ReasonTimeout {
		code = http.StatusGatewayTimeout
	}
	p := New(code, e.Reason, e.Message)
	for _, f := range e.Fields {
		f.Field = jsonPath(f)
		p.Fields = append(p.Fields, f)
	}
	if code == http.StatusServiceUnavailable {
		p.RetryAfter = retryLater
	}
	return p
}

func internal() *Problem {
	return New(http.StatusInternalServerError, ReasonInternal, "an internal error; the instance names it in the log")
}

// FromReason is a refusal of the gateway itself.
func FromReason(err *errs.Error) *Problem {
	code := http.StatusForbidden
	if err.Kind == errs.Precondition {
		code = http.StatusConflict
	}
	return New(code, err.Reason, err.Message)
}
