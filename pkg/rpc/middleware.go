package rpc

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/grpc"
)

// Middleware is one named link of the chain. Unary and stream calls go through the same three functions, each optional.
type Middleware struct {
	Name string
	// After names links that must stand before this one.
	After []string
	// Pre runs before the handler; an error ends the call.
	Pre func(ctx context.Context, method string) (context.Context, error)
	// Message sees each request message.
	Message func(ctx context.Context, method string, msg any) error
	// Post sees the outcome and may replace the error.
	Post func(ctx context.Context, method string, err error) error
}

// Chain is the middleware of a server, outermost first.
type Chain []Middleware

// Check refuses a chain with a repeated name or a broken order.
func (c Chain) Check() error {
	var before []string
	for _, m := range c {
		if slices.Contains(before, m.Name) {
			return fmt.Errorf("rpc: middleware %q stands twice in the chain", m.Name)
		}
		for _, need := range m.After {
			if !slices.Contains(before, need) {
				return fmt.Errorf("rpc: middleware %q must stand after %q", m.Name, need)
			}
		}
		before = append(before, m.Name)
	}
	return nil
}

// Names are the names in order.
func (c Chain) Names() []string {
	out := make([]string, len(c))
	for i, m := range c {
		out[i] = m.Name
	}
	return out
}

// call runs pre hooks, the handler and post hooks. A link whose Pre ran gets its Post, also when a later one refuses.
func (c Chain) call(ctx context.Context, method string, handle func(context.Context) error) (err error) {
	type entered struct {
		m   Middleware
		ctx context.Context
	}
	var stack []entered
	for _, m := range c {
		next := ctx
		if m.Pre != nil {
			if next, err = guarded(func() (context.Context, error) { return m.Pre(ctx, method) }); err != nil {
				break
			}
		}
		ctx = next
		stack = append(stack, entered{m, ctx})
	}
	if err == nil {
		_, err = guarded(func() (context.Context, error) { return ctx, handle(ctx) })
	}
	for _, e := range slices.Backward(stack) {
		if e.m.Post != nil {
			before := err
			_, err = guarded(func() (context.Context, error) { return e.ctx, e.m.Post(e.ctx, method, before) })
		}
	}
	return err
}

// guarded turns a panic into an error that tells the client nothing; the log link prints it.
func guarded(f func() (context.Context, error)) (ctx context.Context, err error) {
	defer func() {
		if r := recover(); r != nil {
			ctx, err = nil, newPanic(r)
		}
	}()
	return f()
}

func (c Chain) message(ctx context.Context, method string, msg any) error {
	for _, m := range c {
		if m.Message != nil {
			if err := m.Message(ctx, method, msg); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c Chain) unary() grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, h grpc.UnaryHandler) (resp any, err error) {
		err = c.call(ctx, info.FullMethod, func(ctx context.Context) error {
			if err := c.message(ctx, info.FullMethod, req); err != nil {
				return err
			}
			resp, err = h(ctx, req)
			return err
		})
		if err != nil {
			return nil, err
		}
		return resp, nil
	}
}

func (c Chain) stream() grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, h grpc.StreamHandler) error {
		return c.call(ss.Context(), info.FullMethod, func(ctx context.Context) error {
			return h(srv, &checkedStream{ServerStream: ss, ctx: ctx, chain: c, method: info.FullMethod})
		})
	}
}

type checkedStream struct {
	grpc.ServerStream
	ctx    context.Context
	chain  Chain
	method string
}

func (s *checkedStream) Context() context.Context { return s.ctx }

func (s *checkedStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	return s.chain.message(s.ctx, s.method, m)
}
