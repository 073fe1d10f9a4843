package events

import (
	"context"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/inbox"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/fusionems/quantum/services/audit/internal/leaf"
	"github.com/fusionems/quantum/services/audit/internal/store"
	"github.com/fusionems/quantum/services/audit/internal/trail"
)

// ReasonInvalid is the reason of a record that is none.
const ReasonInvalid = "AUDIT_RECORD_INVALID"

type appender interface {
	Append(ctx context.Context, tx trail.AppendTx, records []leaf.Record) error
}

// Intake is the handler of audit records. The log has one order over all agencies, so they are taken in together.
func Intake(log appender) inbox.Handler {
	return inbox.Handler{
		Message:        (*auditv1.Recorded)(nil),
		AcrossAgencies: true,
		ApplyBatch: func(ctx context.Context, tx *db.Tx, evs []inbox.Event, _ []any) error {
			records := make([]leaf.Record, len(evs))
			for i, ev := range evs {
				r, err := recordOf(ev)
				if err != nil {
					return err
				}
				records[i] = r
			}
			return log.Append(ctx, store.In(tx), records)
		},
	}
}

// recordOf reads an event. The id is that of the envelope: whatever the writer put into the record, one event is one leaf.
func recordOf(ev inbox.Event) (leaf.Record, error) {
	m, ok := ev.Message.(*auditv1.Recorded)
	e := m.GetEvent()
	if !ok || e == nil {
		return leaf.Record{}, invalid("the event holds no record")
	}
	stream, outcome := streams()[e.GetStream()], outcomes()[e.GetOutcome()]
	if stream == 0 || outcome == 0 {
		return leaf.Record{}, invalid("the record names no stream or no outcome")
	}
	r := leaf.Record{
		EventID: ev.ID, AgencyID: e.GetAgencyId(), Stream: stream, Outcome: outcome, OccurredTime: ev.OccurredTime,
		Service: e.GetService(), Action: e.GetAction(), Resource: e.GetResource(), Reason: e.GetReason(),
		Actor: e.GetActor(), ActorKind: e.GetActorKind(), Role: e.GetRole(), ExecutedBy: e.GetExecutedBy(),
		PolicyVersionID: e.GetPolicyVersionId(), RequestID: e.GetRequestId(),
	}
	if e.GetOccurredTime() != nil {
		r.OccurredTime = e.GetOccurredTime().AsTime()
	}
	d := leaf.Detail{AccessReason: e.GetAccessReason()}
	for _, c := range e.GetChanges() {
		d.Changes = append(d.Changes, leaf.Change{Field: c.GetField(), Before: c.GetBefore(), After: c.GetAfter()})
	}
	r.Detail = leaf.EncodeDetail(d)
	return r, nil
}

func streams() map[auditv1.Stream]leaf.Stream {
	return map[auditv1.Stream]leaf.Stream{
		auditv1.Stream_STREAM_HUMAN: leaf.Human, auditv1.Stream_STREAM_AI: leaf.AI, auditv1.Stream_STREAM_SYSTEM: leaf.System,
	}
}

func outcomes() map[auditv1.Outcome]leaf.Outcome {
	return map[auditv1.Outcome]leaf.Outcome{
		auditv1.Outcome_OUTCOME_SUCCESS: leaf.Success, auditv1.Outcome_OUTCOME_DENIED: leaf.Denied, auditv1.Outcome_OUTCOME_ERROR: leaf.Failed,
	}
}

func invalid(message string) error { return errs.New(errs.Invalid, ReasonInvalid, message) }
