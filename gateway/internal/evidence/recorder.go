package evidence

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/outbox"
)

// Refusal is what was refused to whom.
type Refusal struct {
	// Action is the RPC, e.g. "fleet.qa.v1.CaseService/GetCase".
	Action    string
	Reason    string
	RequestID string
	Trace     string
	Principal identity.Principal
}

type publisher interface {
	// Publish returns one error per message, nil where it is stored.
	Publish(ctx context.Context, messages []outbox.Message) []error
}

// Recorder holds records in a bounded queue until JetStream has them. The gateway has no database: what does not fit while
// NATS is away is lost to the audit log, counted, and still in the access log.
type Recorder struct {
	bus     publisher
	log     *slog.Logger
	now     func() time.Time
	queue   chan outbox.Message
	dropped prometheus.Counter
}

const (
	queueSize  = 8192
	batchSize  = 256
	retryWait  = 500 * time.Millisecond
	ackTimeout = 5 * time.Second
	// drainTimeout is how long a stopping gateway tries to hand over what it holds.
	drainTimeout = 5 * time.Second
	service      = "gateway"
)

// New makes a recorder.
func New(bus publisher, reg prometheus.Registerer, log *slog.Logger, now func() time.Time) *Recorder {
	r := &Recorder{
		bus: bus, log: log, now: now, queue: make(chan outbox.Message, queueSize),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gateway_audit_dropped_total", Help: "Records that the audit log will not hold because the queue was full.",
		}),
	}
	reg.MustRegister(r.dropped, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "gateway_audit_queue", Help: "Records that wait for NATS.",
	}, func() float64 { return float64(len(r.queue)) }))
	return r
}

// Refused queues the record of a refusal.
func (r *Recorder) Refused(f Refusal) {
	_, call := start(f.Action, f.RequestID, f.Principal, r.now)
	call.SetTrace(f.Trace)
	call.Refused(f.Reason)
	r.Keep(call)
}

// Deed is what somebody did at the edge itself.
type Deed struct {
	// Action is an RPC of the gateway, or what its sessions know beside them.
	Action    string
	Resource  string
	RequestID string
	Principal identity.Principal
	// Cause is why, where the action alone does not say it.
	Cause string
}

// Done queues the record of a deed.
func (r *Recorder) Done(d Deed) {
	ctx, call := start(d.Action, d.RequestID, d.Principal, r.now)
	audit.Target(ctx, d.Resource)
	if d.Cause != "" {
		audit.Changed(ctx, "cause", "", d.Cause)
	}
	r.Keep(call)
}

const actionEnd = "fleet.gateway.v1.SessionService/EndSession"

// SessionEnded queues the record of the end of a browser session.
func (r *Recorder) SessionEnded(ctx context.Context, p identity.Principal, id, cause string) {
	r.Done(Deed{Action: actionEnd, Resource: "sessions/" + id, RequestID: identity.RequestID(ctx), Principal: p, Cause: cause})
}

func start(action, requestID string, p identity.Principal, now func() time.Time) (context.Context, *audit.Call) {
	return audit.Start(identity.WithRequestID(identity.With(context.Background(), p), requestID), service, action, now)
}

// Keep queues the record of a call.
func (r *Recorder) Keep(call *audit.Call) {
	m, ok, err := call.Message()
	if err == nil && !ok {
		return
	}
	if err != nil {
		r.dropped.Inc()
		return
	}
	select {
	case r.queue <- m:
	default:
		r.dropped.Inc()
	}
}

// Run publishes until ctx ends, then what is left for as long as the drain may take.
func (r *Recorder) Run(ctx context.Context) error {
	for {
		select {
		case m := <-r.queue:
			if !r.deliver(ctx, r.batch(m)) {
				return nil
			}
		case <-ctx.Done():
			r.drain(ctx)
			return nil
		}
	}
}

func (r *Recorder) batch(first outbox.Message) []outbox.Message {
	batch := []outbox.Message{first}
	for len(batch) < batchSize {
		select {
		case m := <-r.queue:
			batch = append(batch, m)
		default:
			return batch
		}
	}
	return batch
}

// deliver tries until every message is stored. When ctx ends in between it tries for the time of the drain and returns false.
func (r *Recorder) deliver(ctx context.Context, batch []outbox.Message) bool {
	for {
		batch = r.publish(ctx, batch)
		if len(batch) == 0 {
			return true
		}
		select {
		case <-ctx.Done():
			r.drain(ctx, batch...)
			return false
		case <-time.After(retryWait):
		}
	}
}

// publish returns what is not stored yet. A second copy of a message does no harm: its id is the same.
func (r *Recorder) publish(ctx context.Context, batch []outbox.Message) []outbox.Message {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackTimeout)
	defer cancel()
	var left []outbox.Message
	for i, err := range r.bus.Publish(ctx, batch) {
		if err != nil {
			left = append(left, batch[i])
		}
	}
	return left
}

func (r *Recorder) drain(ctx context.Context, batch ...outbox.Message) {
	end := time.Now().Add(drainTimeout)
	for {
		for len(batch) < batchSize && len(r.queue) > 0 {
			batch = append(batch, <-r.queue)
		}
		if len(batch) == 0 {
			return
		}
		batch = r.publish(ctx, batch)
		if time.Now().After(end) {
			break
		}
		if len(batch) > 0 {
			time.Sleep(retryWait / 10)
		}
	}
	lost := len(batch) + len(r.queue)
	r.dropped.Add(float64(lost))
	r.log.Error("records could not be handed to the audit log before the stop", "count", lost)
}
