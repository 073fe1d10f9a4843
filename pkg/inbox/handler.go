package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/outbox"
)

// Event is one event as a handler sees it.
type Event struct {
	ID       uuid.UUID
	AgencyID int64
	// Type is the full name of the message, e.g. "fleet.clinical.v1.ChartImported".
	Type string
	// Subject is the resource that the event is about, e.g. "charts/0190…".
	Subject string
	// OccurredTime is the writer's.
	OccurredTime time.Time
	// Message is of the type that the handler named.
	Message proto.Message
	// Payload is the encoded envelope, for those who keep or forward it.
	Payload []byte

	trace string     // traceparent of the writer
	span  trace.Span // of its consumption; nil when the writer's trace is not recorded
}

// Handler says what an event does. The context carries the service itself as principal, in the event's agency; the
// transaction runs as its database role "system".
type Handler struct {
	// Message is the event type, e.g. (*clinicalv1.ChartImported)(nil).
	Message proto.Message
	// Module parks the events while this module is off for their agency; "" = never parked.
	Module string
	// Prepare asks other services for what Apply needs, outside of any transaction. It may run more than once.
	Prepare func(ctx context.Context, ev Event) (any, error)
	// Apply changes rows. It runs once for each event, as far as anybody can see.
	Apply func(ctx context.Context, tx *db.Tx, ev Event, prepared any) error
	// ApplyBatch may stand in for Apply where many events share statements. prepared holds what Prepare returned for each.
	ApplyBatch func(ctx context.Context, tx *db.Tx, evs []Event, prepared []any) error
	// AcrossAgencies applies the events of all agencies in the order of the stream and in common transactions, in which no
	// agency is set. Only tables whose policies name no agency can be written then: it is meant for the audit log.
	AcrossAgencies bool

	switchesModules bool
}

func (h Handler) name() string {
	return string(h.Message.ProtoReflect().Descriptor().FullName())
}

func (h Handler) check() error {
	if h.Message == nil {
		return errors.New("inbox: handler without a message")
	}
	if _, err := outbox.SubjectOf(h.Message); err != nil {
		return err
	}
	if (h.Apply == nil) == (h.ApplyBatch == nil) {
		return fmt.Errorf("inbox: the handler of %s needs either Apply or ApplyBatch", h.name())
	}
	if h.AcrossAgencies && h.Module != "" {
		return fmt.Errorf("inbox: the handler of %s works across agencies, so no module of one can park it", h.name())
	}
	return nil
}
