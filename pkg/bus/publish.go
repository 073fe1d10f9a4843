package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/fusionems/quantum/pkg/outbox"
)

// Publish sends messages in order and waits for all acknowledgements. It returns one error per message, nil where
// JetStream has stored it; the event id as Nats-Msg-Id makes a second sending harmless within the stream's window.
func (b *Bus) Publish(ctx context.Context, messages []outbox.Message) []error {
	messages, spans := traced(ctx, messages)
	results := make([]error, len(messages))
	defer func() { spans.end(results) }()
	acks := make([]jetstream.PubAckFuture, len(messages))
	for i, m := range messages {
		ack, err := b.js.PublishMsgAsync(wire(m))
		if err != nil {
			// What comes after must not overtake: the rest is not sent.
			for j := i; j < len(messages); j++ {
				results[j] = fmt.Errorf("bus: publishing: %w", err)
			}
			break
		}
		acks[i] = ack
	}
	for i, ack := range acks {
		if ack == nil {
			break
		}
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			results[i] = fmt.Errorf("bus: no acknowledgement: %w", err)
		case <-ctx.Done():
			results[i] = errors.Join(errors.New("bus: gave up waiting"), ctx.Err())
		}
	}
	return results
}

// Names of what travels beside the envelope.
const (
	// HeaderTraceParent is the W3C trace context of the publishing.
	HeaderTraceParent = "traceparent"
	// HeaderReason says why a message is in the dead-letter stream.
	HeaderReason = "Fleet-Reason"
)

func wire(m outbox.Message) *nats.Msg {
	h := make(nats.Header, 2)
	h[jetstream.MsgIDHeader] = []string{m.ID.String()}
	if m.TraceParent != "" {
		h[HeaderTraceParent] = []string{m.TraceParent}
	}
	return &nats.Msg{Subject: m.NATSSubject, Data: m.Payload, Header: h}
}
