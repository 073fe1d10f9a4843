package db

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fusionems/quantum/pkg/errs"
)

// Reasons of mapped errors. A store that knows more says more: it tests Constraint and returns its own error.
const (
	ReasonNotFound    = "NOT_FOUND"
	ReasonExists      = "ALREADY_EXISTS"
	ReasonReferenced  = "REFERENCE_VIOLATED"
	ReasonCheck       = "CONSTRAINT_VIOLATED"
	ReasonText        = "TEXT_INVALID"
	ReasonDenied      = "DATABASE_DENIED"
	ReasonConcurrent  = "CONCURRENT_CHANGE"
	ReasonTimeout     = "DATABASE_TIMEOUT"
	ReasonUnavailable = "DATABASE_UNAVAILABLE"
)

// Constraint is the name of the constraint that err reports as violated, "" for any other error.
func Constraint(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.ConstraintName
	}
	return ""
}

// Map gives an error of the database its kind; other errors pass unchanged. The text of the server becomes neither the
// message nor a line of the log, since it may quote values of a row; errors.As still finds it.
func Map(err error) error {
	if err == nil {
		return nil
	}
	var known *errs.Error
	if errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return errs.New(errs.NotFound, ReasonNotFound, "not found", errs.WithCause(err))
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return mapCode(pg, wordless(err, pg))
	}
	var connect *pgconn.ConnectError
	var network net.Error
	if errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errs.New(errs.Unavailable, ReasonUnavailable, "the database does not answer", errs.WithCause(err))
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errs.New(errs.Unavailable, ReasonTimeout, "the database did not answer in time", errs.WithCause(err))
	}
	return err
}

// wordlessError says what the server refused without the server's words.
type wordlessError struct {
	cause error
	text  string
}

func (e *wordlessError) Error() string { return e.text }
func (e *wordlessError) Unwrap() error { return e.cause }

// wordless keeps what was said around the server's words, and of these what names no value.
func wordless(err error, pg *pgconn.PgError) error {
	said := "sqlstate " + pg.Code
	for _, part := range [][2]string{{"table", pg.TableName}, {"column", pg.ColumnName}, {"constraint", pg.ConstraintName}, {"in", pg.Routine}} {
		if part[1] != "" {
			said += " " + part[0] + " " + part[1]
		}
	}
	return &wordlessError{cause: err, text: strings.ReplaceAll(err.Error(), pg.Error(), said)}
}

func mapCode(pg *pgconn.PgError, err error) error {
	cause := errs.WithCause(err)
	switch pg.Code {
	case "23505", "23P01": // unique, exclusion
		return errs.New(errs.AlreadyExists, ReasonExists, "it exists already", cause)
	case "23503": // foreign key
		return errs.New(errs.Precondition, ReasonReferenced, "something it refers to does not exist, or something refers to it", cause)
	case "23514": // check
		return errs.New(errs.Precondition, ReasonCheck, "a rule of the stored data does not allow it", cause)
	case "42501": // insufficient privilege and row-level security
		return errs.New(errs.Denied, ReasonDenied, "the role may not do this", cause)
	case "40001", "40P01", "55P03": // serialization, deadlock, lock timeout
		return errs.New(errs.Conflict, ReasonConcurrent, "somebody else changed it at the same time; try again", cause)
	case "22021": // a character that text cannot hold: PostgreSQL has no NUL
		return errs.New(errs.Invalid, ReasonText, "a text holds a character that cannot be stored; leave out U+0000", cause)
	case "57014": // statement timeout or cancel
		return errs.New(errs.Unavailable, ReasonTimeout, "the database did not answer in time", cause)
	}
	switch pg.Code[:2] {
	case "08", "53", "57", "58": // connection, resources, shutdown, system
		return errs.New(errs.Unavailable, ReasonUnavailable, "the database does not answer", cause)
	}
	return err
}
