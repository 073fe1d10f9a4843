package rpc

import (
	"context"
	"errors"

	"google.golang.org/grpc/status"

	"github.com/fusionems/quantum/pkg/errs"
)

// causeError carries the status for the client and the cause for the log up to the log link.
type causeError struct {
	status error
	inner  error
}

func (c *causeError) Error() string              { return c.status.Error() }
func (c *causeError) GRPCStatus() *status.Status { return status.Convert(c.status) }

func errorsLink(service string) Middleware {
	return Middleware{Name: LinkErrors, After: []string{LinkLog, LinkMetrics}, Post: func(_ context.Context, _ string, err error) error {
		if err == nil {
			return nil
		}
		return &causeError{status: toStatus(service, err), inner: withCauses(err)}
	}}
}

// withCauses spells out what an errs.Error hides from clients.
func withCauses(err error) error {
	if e, ok := errs.As(err); ok && errors.Unwrap(e) != nil {
		return errors.Join(err, errors.Unwrap(e))
	}
	return err
}
