package audit

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/fusionems/quantum/services/carefusion/internal/identity"
)

// Record is one call. It holds no health information.
type Record struct {
	Time      time.Time `json:"time"`
	Subject   string    `json:"subject"`
	Role      string    `json:"role"`
	Method    string    `json:"method"`
	Outcome   string    `json:"outcome"`
	Target    string    `json:"target,omitempty"`
	RequestID string    `json:"requestId,omitempty"`
}

// Call is the record of the call in progress.
type Call struct {
	mu      sync.Mutex
	record  Record
	written bool
	clock   func() time.Time
}

type key struct{}

// Open puts the record of a call into the context.
func Open(ctx context.Context, clock func() time.Time, method, requestID string) (context.Context, *Call) {
	c := &Call{clock: clock, record: Record{Method: method, RequestID: requestID}}
	return context.WithValue(ctx, key{}, c), c
}

// Target names the resource that the call is about, as kind/id.
func Target(ctx context.Context, target string) {
	if c, ok := ctx.Value(key{}).(*Call); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.record.Target = target
	}
}

// Pending answers the record of a call that succeeds, unless it was written already, and how to say that it was.
func Pending(ctx context.Context) (string, func(), bool) {
	c, ok := ctx.Value(key{}).(*Call)
	if !ok {
		return "", nil, false
	}
	return c.Body(ctx, "OK")
}

// Body is the record with an outcome, unless it was written already.
func (c *Call) Body(ctx context.Context, outcome string) (string, func(), bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.written {
		return "", nil, false
	}
	r := c.record
	r.Time, r.Outcome = c.clock().UTC().Truncate(time.Microsecond), outcome
	if p, ok := identity.From(ctx); ok {
		r.Subject, r.Role = p.Subject.String(), p.RoleName()
	}
	body, err := json.Marshal(r)
	if err != nil {
		return "", nil, false
	}
	return string(body), func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.written = true
	}, true
}
