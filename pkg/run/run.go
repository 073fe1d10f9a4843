package run

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"syscall"
	"time"
)

// Group runs parts until one fails or the context ends.
type Group struct {
	// Grace is how long one part may take to stop; 0 means 20 s.
	Grace time.Duration
	parts []part
}

type part struct {
	name string
	run  func(context.Context) error
}

const defaultGrace = 20 * time.Second

// Add appends a part. Parts stop in reverse order of being added: what serves requests comes last, so that it drains first.
func (g *Group) Add(name string, run func(ctx context.Context) error) {
	g.parts = append(g.parts, part{name, run})
}

// Append adds all parts of another group.
func (g *Group) Append(other Group) { g.parts = append(g.parts, other.parts...) }

type ended struct {
	index int
	err   error
}

type running struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// Run starts all parts and returns when all have ended: nil after ctx ended and all stopped in time, else the first failure.
func (g *Group) Run(ctx context.Context) error {
	ends := make(chan ended, len(g.parts))
	parts := make([]running, len(g.parts))
	for i, p := range g.parts {
		// Not derived from ctx: the end of ctx begins the ordered stop, it does not end all parts at once.
		pctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		parts[i] = running{cancel, make(chan struct{})}
		go func() {
			defer close(parts[i].done)
			ends <- ended{i, guard(pctx, p.run)}
		}()
	}
	var first error
	select {
	case <-ctx.Done():
	case e := <-ends:
		first = g.describe(e)
	}
	return errors.Join(first, g.stop(parts))
}

func (g *Group) describe(e ended) error {
	if e.err == nil {
		return fmt.Errorf("run: %s ended by itself", g.parts[e.index].name)
	}
	return fmt.Errorf("run: %s: %w", g.parts[e.index].name, e.err)
}

func (g *Group) stop(parts []running) error {
	grace := g.Grace
	if grace == 0 {
		grace = defaultGrace
	}
	var late []error
	for i := len(parts) - 1; i >= 0; i-- {
		parts[i].cancel()
		select {
		case <-parts[i].done:
		case <-time.After(grace):
			late = append(late, fmt.Errorf("run: %s did not stop in %s", g.parts[i].name, grace))
		}
	}
	return errors.Join(late...)
}

// guard turns a panic into an error, so that the other parts still stop in order.
func guard(ctx context.Context, f func(context.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f(ctx)
}

// SignalContext ends on SIGINT and SIGTERM.
func SignalContext() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
}
