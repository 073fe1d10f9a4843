package fault

import (
	"errors"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Domain names the service in error details.
const Domain = "carefusion"

// Error is what a client may know of a failure.
type Error struct {
	Code    codes.Code
	Reason  string
	Message string
	Fields  []Field
}

// Field says what is wrong with one field and what would be right.
type Field struct{ Field, Rule, Message string }

func (e *Error) Error() string { return e.Reason + ": " + e.Message }

// GRPCStatus lets gRPC answer the error as it is.
func (e *Error) GRPCStatus() *status.Status {
	st := status.New(e.Code, e.Message)
	info := &errdetails.ErrorInfo{Reason: e.Reason, Domain: Domain}
	bad := &errdetails.BadRequest{}
	for _, f := range e.Fields {
		bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{Field: f.Field, Reason: f.Rule, Description: f.Message})
	}
	with, err := st.WithDetails(info)
	if len(bad.FieldViolations) > 0 {
		with, err = st.WithDetails(info, bad)
	}
	if err != nil {
		return st
	}
	return with
}

// Invalid is a request that names its mistake.
func Invalid(field, rule, message string) error {
	return &Error{Code: codes.InvalidArgument, Reason: "INVALID", Message: "The request is not valid.", Fields: []Field{{field, rule, message}}}
}

// NotFound is also the answer for what belongs to somebody else.
func NotFound(reason, message string) error {
	return &Error{Code: codes.NotFound, Reason: reason, Message: message}
}

// Precondition is a call that came in the wrong state.
func Precondition(reason, message string) error {
	return &Error{Code: codes.FailedPrecondition, Reason: reason, Message: message}
}

// Exists is a second attempt at what there can be only one of.
func Exists(reason, message string) error {
	return &Error{Code: codes.AlreadyExists, Reason: reason, Message: message}
}

// Aborted is a lost race; reading again and repeating may help.
func Aborted(reason, message string) error {
	return &Error{Code: codes.Aborted, Reason: reason, Message: message}
}

// Denied is a caller without permission.
func Denied(message string) error {
	return &Error{Code: codes.PermissionDenied, Reason: "PERMISSION_DENIED", Message: message}
}

// Unauthenticated is a caller without a valid token. It does not say what is wrong with the token.
func Unauthenticated() error {
	return &Error{Code: codes.Unauthenticated, Reason: "UNAUTHENTICATED", Message: "A valid access token of this service is needed."}
}

// Unavailable is a dependency that does not answer.
func Unavailable(reason, message string) error {
	return &Error{Code: codes.Unavailable, Reason: reason, Message: message}
}

// Internal hides its cause.
func Internal(requestID string) error {
	return &Error{Code: codes.Internal, Reason: "INTERNAL", Message: "Something went wrong. Quote the request id " + requestID + "."}
}

// Has reports whether the error carries the reason.
func Has(err error, reason string) bool {
	var e *Error
	return errors.As(err, &e) && e.Reason == reason
}
