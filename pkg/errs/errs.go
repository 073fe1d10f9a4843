package errs

import (
	"errors"
	"fmt"
)

// Kind is what went wrong, in terms every transport can express.
type Kind uint8

// Kinds. Internal is the zero value, so that an error nobody classified tells a client nothing.
const (
	Internal Kind = iota
	Invalid
	NotFound
	AlreadyExists
	Conflict
	Precondition
	Denied
	Unauthenticated
	Exhausted
	Unavailable
	TooLarge
)

// Field is one violated rule of the input.
type Field struct {
	// Field is a field path of the request, or a NEMSIS element with its path.
	Field string
	// Rule is a stable code, e.g. "nemsis.xsd.enumeration".
	Rule string
	// Message says what would be right. It never repeats the value.
	Message string
	// Line of the document, from 1; 0 when the input has no lines.
	Line int
}

// Error carries a stable reason and a message that is safe to show.
type Error struct {
	Kind    Kind
	Reason  string
	Message string
	Fields  []Field
	Meta    map[string]string
	cause   error
}

// Option adds to an Error.
type Option func(*Error)

// New makes an error. The message is shown to clients: no protected data, no internals.
func New(kind Kind, reason, message string, opts ...Option) *Error {
	e := &Error{Kind: kind, Reason: reason, Message: message}
	for _, o := range opts {
		o(e)
	}
	return e
}

// WithFields names the violated rules.
func WithFields(f ...Field) Option { return func(e *Error) { e.Fields = append(e.Fields, f...) } }

// WithMeta adds a machine-readable detail that is safe to show.
func WithMeta(key, value string) Option {
	return func(e *Error) {
		if e.Meta == nil {
			e.Meta = map[string]string{}
		}
		e.Meta[key] = value
	}
}

// WithCause keeps the underlying error for the log; clients never see it.
func WithCause(err error) Option { return func(e *Error) { e.cause = err } }

// Error returns reason and message, and never the cause.
func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Reason, e.Message) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// As finds the first *Error in err's chain.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// IsKind reports whether err's first *Error is of the kind.
func IsKind(err error, kind Kind) bool {
	e, ok := As(err)
	return ok && e.Kind == kind
}

// Reason returns the reason of err's first *Error, or "INTERNAL".
func Reason(err error) string {
	if e, ok := As(err); ok {
		return e.Reason
	}
	return "INTERNAL"
}
