package rpc

import (
	"context"
	"time"

	"github.com/fusionems/quantum/pkg/errs"
)

const (
	// hopMargin is left of the caller's deadline, so that it hears our answer and not its own clock.
	hopMargin = 20 * time.Millisecond
	// minBudget is what a call needs at least; less is refused at once.
	minBudget = 100 * time.Millisecond
)

func deadlineLink(limit time.Duration) Middleware {
	type cancelKey struct{}
	return Middleware{
		Name: LinkDeadline, After: []string{LinkAuthz},
		Pre: func(ctx context.Context, _ string) (context.Context, error) {
			budget := limit
			if d, ok := ctx.Deadline(); ok {
				left := time.Until(d)
				if left < minBudget {
					return ctx, errs.New(errs.Unavailable, "DEADLINE_EXCEEDED", "too little time is left for the call")
				}
				budget = min(budget, left-hopMargin)
			}
			ctx, cancel := context.WithTimeout(ctx, budget)
			return context.WithValue(ctx, cancelKey{}, cancel), nil
		},
		Post: func(ctx context.Context, _ string, err error) error {
			if cancel, ok := ctx.Value(cancelKey{}).(context.CancelFunc); ok {
				cancel()
			}
			return err
		},
	}
}
