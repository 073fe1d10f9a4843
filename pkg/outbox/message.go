package outbox

import (
	"errors"

	"github.com/google/uuid"
)

// Message is one row of an outbox.
type Message struct {
	// ID is the event id (UUIDv7). It becomes Nats-Msg-Id and the key of the consumer's inbox.
	ID uuid.UUID
	// AgencyID is the tenant the fact belongs to; 0 for facts of the platform itself.
	AgencyID int64
	// NATSSubject is where the message is published, e.g. "clinical.chart.imported.v1".
	NATSSubject string
	// Payload is the encoded fleet.common.v1.Event.
	Payload []byte
	// TraceParent is the W3C trace context of the writer, empty without one.
	TraceParent string
}

// Validate refuses a message that the relay could never publish: such a row would block every later one.
func (m Message) Validate() error {
	switch {
	case m.ID == uuid.Nil:
		return errors.New("outbox: message without an id")
	case m.NATSSubject == "":
		return errors.New("outbox: message without a subject")
	case len(m.Payload) == 0:
		return errors.New("outbox: message without a payload")
	}
	return nil
}
