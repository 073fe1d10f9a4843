package obs

import (
	"context"
	"sync"
	"time"
)

// Readiness collects what a process needs before it can serve.
type Readiness struct {
	mu     sync.Mutex
	checks []check
	last   map[string]string
	at     time.Time
}

type check struct {
	name string
	f    func(context.Context) error
}

const (
	readyCache   = time.Second
	readyTimeout = 2 * time.Second
)

// Add names a condition; its error text is shown to operators, so it holds no protected data.
func (r *Readiness) Add(name string, f func(context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checks = append(r.checks, check{name, f})
}

// Check returns what is wrong, by name of the condition. Answers are kept for a second: probes must not be a load.
func (r *Readiness) Check(ctx context.Context) map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last != nil && time.Since(r.at) < readyCache {
		return r.last
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
	defer cancel()
	problems := map[string]string{}
	for _, c := range r.checks {
		if err := c.f(ctx); err != nil {
			problems[c.name] = err.Error()
		}
	}
	r.last, r.at = problems, time.Now()
	return problems
}
