package session

import "context"

type liveKey struct{}

// With puts the session of a request into its context.
func With(ctx context.Context, l *Live) context.Context { return context.WithValue(ctx, liveKey{}, l) }

// From answers the session of the request, nil when it came with a token.
func From(ctx context.Context) *Live {
	l, _ := ctx.Value(liveKey{}).(*Live)
	return l
}
