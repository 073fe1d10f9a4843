package audit

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/outbox"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
)

// Call is the audit record of one RPC or of one event at work, while it is under way.
type Call struct {
	service string
	action  string
	now     func() time.Time

	mu        sync.Mutex
	principal identity.Principal
	requestID string
	trace     string
	resource  string
	agencyID  int64
	outcome   auditv1.Outcome
	reason    string
	changes   []*auditv1.Change
	committed bool
	silent    bool
}

// Start opens the record of an action: a full method such as "fleet.qa.v1.CaseService/GetCase".
func Start(ctx context.Context, service, action string, now func() time.Time) (context.Context, *Call) {
	c := &Call{
		service: service, action: action, now: now,
		requestID: identity.RequestID(ctx), outcome: auditv1.Outcome_OUTCOME_SUCCESS,
	}
	if p, ok := identity.From(ctx); ok {
		c.principal = p
	}
	return context.WithValue(ctx, callKey{}, c), c
}

type callKey struct{}

// FromContext returns the record under way, or nil.
func FromContext(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	return c
}

// Without returns a context whose transactions commit no audit record: for bookkeeping beside the action itself.
func Without(ctx context.Context) context.Context {
	return context.WithValue(ctx, callKey{}, (*Call)(nil))
}

// Target names the resource that the action is about, e.g. "charts/0190…".
func Target(ctx context.Context, resource string) {
	FromContext(ctx).edit(func(c *Call) { c.resource = resource })
}

// ForAgency names the agency that a platform action is about, so that the agency's own evidence holds it.
func ForAgency(ctx context.Context, agencyID int64) {
	FromContext(ctx).edit(func(c *Call) { c.agencyID = agencyID })
}

// Changed adds a changed field. Values must not be protected data; identifiers go through Mask.
func Changed(ctx context.Context, field, before, after string) {
	FromContext(ctx).edit(func(c *Call) {
		c.changes = append(c.changes, &auditv1.Change{Field: field, Before: before, After: after})
	})
}

// Mask keeps the last four characters of an identifier.
func Mask(id string) string {
	const keep = 4
	if len(id) <= keep {
		return "****"
	}
	return "****" + id[len(id)-keep:]
}

func (c *Call) edit(f func(*Call)) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c)
}

// SetPrincipal tells the record who calls, once that is known.
func (c *Call) SetPrincipal(p identity.Principal) { c.edit(func(c *Call) { c.principal = p }) }

// SetTrace keeps the W3C trace context for the event that carries the record.
func (c *Call) SetTrace(traceparent string) { c.edit(func(c *Call) { c.trace = traceparent }) }

// Refused turns the record into that of a refusal.
func (c *Call) Refused(reason string) {
	c.edit(func(c *Call) { c.outcome, c.reason = auditv1.Outcome_OUTCOME_DENIED, reason })
}

// Failed turns the record into that of a failure.
func (c *Call) Failed(reason string) {
	c.edit(func(c *Call) { c.outcome, c.reason = auditv1.Outcome_OUTCOME_ERROR, reason })
}

// Silence keeps the transactions of the call from writing the record: for reads that need none.
func (c *Call) Silence() { c.edit(func(c *Call) { c.silent = true }) }

// Unsilence makes the record wanted after all: a refusal is recorded whatever the method.
func (c *Call) Unsilence() { c.edit(func(c *Call) { c.silent = false }) }

// Committed says that the record is stored; later transactions of the same call do not store it again.
func (c *Call) Committed() { c.edit(func(c *Call) { c.committed = true }) }

// IsCommitted reports whether the record is stored.
func (c *Call) IsCommitted() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.committed
}

// Message returns the record as an outbox message; false when it is stored already or not wanted.
func (c *Call) Message() (outbox.Message, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.committed || c.silent {
		return outbox.Message{}, false, nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return outbox.Message{}, false, err
	}
	now := c.now()
	m, err := outbox.Envelope(outbox.Fact{
		ID: id, AgencyID: c.principal.AgencyID, Subject: "events/" + id.String(),
		Time: now, TraceParent: c.trace, Event: &auditv1.Recorded{Event: c.event(now)},
	})
	return m, err == nil, err
}

func (c *Call) event(now time.Time) *auditv1.Event {
	p := c.principal
	agency := c.agencyID
	if agency == 0 {
		agency = p.AgencyID
	}
	e := &auditv1.Event{
		Stream: streamOf(p.Actor), OccurredTime: timestamppb.New(now), AgencyId: agency,
		Service: c.service, Action: c.action, Resource: c.resource, Outcome: c.outcome, Reason: c.reason,
		Actor: p.Subject, ActorKind: string(p.Actor), Role: p.ActingRole, AccessReason: p.AccessReason,
		PolicyVersionId: p.PolicyVersionID, RequestId: c.requestID, Changes: c.changes,
	}
	if p.Actor == identity.AI {
		e.ExecutedBy = "AI Agent under " + p.ActingRole + " authority"
	}
	return e
}

func streamOf(a identity.ActorKind) auditv1.Stream {
	switch a {
	case identity.AI:
		return auditv1.Stream_STREAM_AI
	case identity.Service:
		return auditv1.Stream_STREAM_SYSTEM
	default:
		return auditv1.Stream_STREAM_HUMAN
	}
}
