package inbox

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
)

// delivery is an event on its way, with where it came from.
type delivery struct {
	Event
	handler  Handler
	stream   string
	seq      uint64
	attempts int
	msg      jetstream.Msg // nil for one that was parked or dead
}

func (d *delivery) ack() {
	if d.msg != nil {
		// A lost acknowledgement means another delivery, which the inbox drops.
		_ = d.msg.Ack()
	}
}

// key is whose order the event belongs to: an agency's, or that of the whole stream.
func (d *delivery) key() int64 {
	if d.handler.AcrossAgencies {
		return acrossKey
	}
	return d.AgencyID
}

const acrossKey int64 = -1

var errNoHandler = errors.New("inbox: no handler for this event type")

// decode opens an envelope. It fails for what no later attempt can make good.
func (in *Inbox) decode(payload []byte, stream string, seq uint64) (*delivery, error) {
	var env commonv1.Event
	if err := proto.Unmarshal(payload, &env); err != nil {
		return nil, fmt.Errorf("inbox: the envelope does not decode: %w", err)
	}
	id, err := uuid.Parse(env.GetEventId())
	if err != nil {
		return nil, fmt.Errorf("inbox: the envelope has no event id: %w", err)
	}
	d := &delivery{
		Event: Event{
			ID: id, AgencyID: env.GetAgencyId(), Type: string(env.GetPayload().MessageName()), Subject: env.GetSubject(),
			OccurredTime: asTime(&env), Payload: payload,
		},
		stream: stream, seq: seq,
	}
	h, ok := in.handlers[d.Type]
	if !ok {
		return d, errNoHandler
	}
	d.handler = h
	d.Message = newOf(h.Message)
	if err := env.GetPayload().UnmarshalTo(d.Message); err != nil {
		return d, fmt.Errorf("inbox: the event does not decode: %w", err)
	}
	d.trace = env.GetTraceparent()
	return d, nil
}

func asTime(env *commonv1.Event) time.Time {
	if env.GetOccurredTime() == nil {
		return time.Time{}
	}
	return env.GetOccurredTime().AsTime()
}

// newOf makes an empty message of the type of m, which may be a nil pointer.
func newOf(m proto.Message) proto.Message {
	return m.ProtoReflect().Type().New().Interface()
}
