package outbox

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
)

// Fact is what happened, before it is wrapped into the envelope.
type Fact struct {
	ID          uuid.UUID
	AgencyID    int64
	Subject     string // resource name, e.g. "charts/0190…"
	Time        time.Time
	TraceParent string
	Event       proto.Message
}

// Envelope encodes the fact into the message that the relay publishes.
func Envelope(f Fact) (Message, error) {
	subject, err := SubjectOf(f.Event)
	if err != nil {
		return Message{}, err
	}
	// Deterministic, so that the same fact is the same bytes wherever it is hashed.
	payload := new(anypb.Any)
	if err := anypb.MarshalFrom(payload, f.Event, proto.MarshalOptions{Deterministic: true}); err != nil {
		return Message{}, fmt.Errorf("outbox: encoding %s: %w", name(f.Event), err)
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(&commonv1.Event{
		EventId:      f.ID.String(),
		AgencyId:     f.AgencyID,
		Subject:      f.Subject,
		OccurredTime: timestamppb.New(f.Time),
		Traceparent:  f.TraceParent,
		Payload:      payload,
	})
	if err != nil {
		return Message{}, fmt.Errorf("outbox: encoding the envelope of %s: %w", name(f.Event), err)
	}
	m := Message{ID: f.ID, AgencyID: f.AgencyID, NATSSubject: subject, Payload: b, TraceParent: f.TraceParent}
	return m, m.Validate()
}

// SubjectOf is the NATS subject that the type of an event message declares in its option.
func SubjectOf(msg proto.Message) (string, error) {
	if msg == nil {
		return "", fmt.Errorf("outbox: no message")
	}
	opts := msg.ProtoReflect().Descriptor().Options()
	subject, _ := proto.GetExtension(opts, commonv1.E_Event).(string)
	if subject == "" {
		return "", fmt.Errorf("outbox: %s is not an event: it lacks the option (fleet.common.v1.event)", name(msg))
	}
	return subject, nil
}

func name(msg proto.Message) string { return string(msg.ProtoReflect().Descriptor().FullName()) }
