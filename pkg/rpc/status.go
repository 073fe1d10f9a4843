package rpc

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/fusionems/quantum/pkg/errs"
)

// Metadata keys of the fleet. The gateway strips all of them from requests of clients.
const (
	HeaderPrincipal = "x-fleet-principal"
	HeaderAgency    = "x-fleet-agency"
	HeaderRequestID = "x-fleet-request-id"
	// HeaderHTTPCode is set by a handler that wants a success status other than 200.
	HeaderHTTPCode = "x-http-code"
	// HeaderFilename is set by a handler whose answer is a file: the name that it is saved by.
	HeaderFilename = "x-filename"
	// HeaderNotReady carries the reason beside a NOT_SERVING health answer.
	HeaderNotReady = "x-fleet-not-ready"
)

// Created makes the success status of a call 201: something new is stored.
func Created(ctx context.Context) error { return tell(ctx, HeaderHTTPCode, "201") }

// Attachment makes the answer of a call a file with a name.
func Attachment(ctx context.Context, name string) error { return tell(ctx, HeaderFilename, name) }

func tell(ctx context.Context, header, value string) error {
	if grpc.ServerTransportStreamFromContext(ctx) == nil {
		return nil // called in the process, where there is nobody to tell
	}
	return grpc.SetHeader(ctx, metadata.Pairs(header, value))
}

// lineSeparator joins the rule of a violation and the line of the document: BadRequest has no field for the line.
const lineSeparator = "@"

var codesByKind = map[errs.Kind]codes.Code{
	errs.Invalid: codes.InvalidArgument, errs.NotFound: codes.NotFound, errs.AlreadyExists: codes.AlreadyExists,
	errs.Conflict: codes.Aborted, errs.Precondition: codes.FailedPrecondition, errs.Denied: codes.PermissionDenied,
	errs.Unauthenticated: codes.Unauthenticated, errs.Exhausted: codes.ResourceExhausted,
	errs.Unavailable: codes.Unavailable, errs.TooLarge: codes.OutOfRange, errs.Internal: codes.Internal,
}

// toStatus maps an error to what leaves the process (AIP-193). An error that nobody classified becomes a fixed text.
func toStatus(service string, err error) error {
	if err == nil {
		return nil
	}
	e, ok := errs.As(err)
	if !ok {
		if s, isStatus := status.FromError(err); isStatus && s.Code() != codes.Unknown {
			return fromForeignStatus(service, s)
		}
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			e = errs.New(errs.Unavailable, "DEADLINE_EXCEEDED", "the call took too long; try again")
		case errors.Is(err, context.Canceled):
			return status.Error(codes.Canceled, "the caller went away")
		default:
			e = errs.New(errs.Internal, "INTERNAL", "")
		}
	}
	message := e.Message
	if e.Kind == errs.Internal {
		message = "an internal error; the request id names it in the log"
	}
	return withDetails(status.New(codesByKind[e.Kind], message), service, e)
}

func withDetails(s *status.Status, service string, e *errs.Error) error {
	reason := e.Reason
	if e.Kind == errs.Internal {
		reason = "INTERNAL"
	}
	info := &errdetails.ErrorInfo{Reason: reason, Domain: service + ".fleet", Metadata: e.Meta}
	bad := &errdetails.BadRequest{}
	for _, f := range e.Fields {
		rule := f.Rule
		if f.Line > 0 {
			rule += lineSeparator + strconv.Itoa(f.Line)
		}
		bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{
			Field: f.Field, Reason: rule, Description: f.Message,
		})
	}
	var full *status.Status
	var err error
	if len(bad.FieldViolations) > 0 {
		full, err = s.WithDetails(info, bad)
	} else {
		full, err = s.WithDetails(info)
	}
	if err != nil {
		return s.Err()
	}
	return full.Err()
}

// fromForeignStatus hides what another service said, except that it is not there: its words are not for our clients.
func fromForeignStatus(service string, s *status.Status) error {
	switch s.Code() {
	case codes.Unavailable, codes.DeadlineExceeded:
		return toStatus(service, errs.New(errs.Unavailable, "DEPENDENCY_UNAVAILABLE", "a service that this call needs does not answer; try again"))
	case codes.Canceled:
		return s.Err()
	default:
		return toStatus(service, errs.New(errs.Internal, "INTERNAL", ""))
	}
}

// FromStatus reads the error of a call to another service back.
func FromStatus(err error) *errs.Error {
	s, ok := status.FromError(err)
	if err == nil || !ok {
		return nil
	}
	e := errs.New(kindOf(s.Code()), "INTERNAL", s.Message(), errs.WithCause(err))
	for _, d := range s.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			e.Reason, e.Meta = d.GetReason(), d.GetMetadata()
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				e.Fields = append(e.Fields, fieldOf(v))
			}
		}
	}
	return e
}

func fieldOf(v *errdetails.BadRequest_FieldViolation) errs.Field {
	f := errs.Field{Field: v.GetField(), Rule: v.GetReason(), Message: v.GetDescription()}
	for i := len(f.Rule) - 1; i >= 0; i-- {
		if f.Rule[i:i+1] == lineSeparator {
			if n, err := strconv.Atoi(f.Rule[i+1:]); err == nil {
				f.Rule, f.Line = f.Rule[:i], n
			}
			break
		}
	}
	return f
}

func kindOf(c codes.Code) errs.Kind {
	for k, code := range codesByKind {
		if code == c {
			return k
		}
	}
	if c == codes.DeadlineExceeded {
		return errs.Unavailable
	}
	return errs.Internal
}

// panicError is a recovered panic; its stack goes to the log only.
type panicError struct {
	value any
	stack []byte
}

func newPanic(v any) error { return &panicError{v, debug.Stack()} }

func (p *panicError) Error() string { return fmt.Sprintf("panic: %T", p.value) }
