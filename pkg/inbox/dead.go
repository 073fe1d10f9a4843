package inbox

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/outbox"
)

// Reason codes of events that no attempt can make good.
const (
	reasonUnreadable = "EVENT_UNREADABLE"
	reasonNotDead    = "EVENT_NOT_DEAD"
)

// bury keeps an event as dead, with the reason code, and sends it to the dead-letter stream through the outbox of the
// same transaction.
func (in *Inbox) bury(ctx context.Context, d *delivery, reason string) error {
	err := in.mech.Messaging(ctx, func(ctx context.Context, tx *db.Tx, queue func(outbox.Message)) error {
		tag, err := tx.Exec(ctx, in.sql.dead, d.ID, d.AgencyID, d.Type, d.stream, int64(d.seq), d.handler.Module, //nolint:gosec // a stream has no 2^63 messages
			d.Payload, d.attempts, reason)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		queue(in.deadLetter(d))
		return nil
	})
	in.reportDead(ctx, d, reason, err)
	return err
}

// buryParked does the same for an event that waits in the inbox.
func (in *Inbox) buryParked(ctx context.Context, d *delivery, reason string) error {
	err := in.mech.Messaging(ctx, func(ctx context.Context, tx *db.Tx, queue func(outbox.Message)) error {
		tag, err := tx.Exec(ctx, in.sql.buried, d.ID, d.attempts, reason)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		queue(in.deadLetter(d))
		return nil
	})
	in.reportDead(ctx, d, reason, err)
	return err
}

func (in *Inbox) reportDead(ctx context.Context, d *delivery, reason string, err error) {
	if err != nil {
		in.cfg.Log.ErrorContext(d.in(ctx), "inbox: an event could not be put aside", "event_id", d.ID.String(), "error", err.Error())
		return
	}
	in.metrics.dead.WithLabelValues(reason).Inc()
	in.cfg.Log.ErrorContext(d.in(ctx), "inbox: event given up", "event_id", d.ID.String(), "event_type", d.Type,
		"agency_id", d.AgencyID, "attempts", d.attempts, "reason", reason)
}

// deadLetter has an id of its own: one event may die in several services.
func (in *Inbox) deadLetter(d *delivery) outbox.Message {
	return outbox.Message{
		ID: uuid.Must(uuid.NewV7()), AgencyID: d.AgencyID, NATSSubject: "dlq." + in.cfg.Service, Payload: d.Payload, TraceParent: d.trace,
	}
}

// Dead is an event that was given up.
type Dead struct {
	ID       uuid.UUID
	AgencyID int64
	// Type is the full name of the message.
	Type     string
	Attempts int
	Reason   string
	Received time.Time
}

// DeadLetters lists what was given up, oldest first.
func (in *Inbox) DeadLetters(ctx context.Context, limit int) ([]Dead, error) {
	var list []Dead
	err := in.mech.Messaging(ctx, func(ctx context.Context, tx *db.Tx, _ func(outbox.Message)) error {
		rs, err := tx.Query(ctx, in.sql.deadList, limit)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rs, func(r pgx.CollectableRow) (d Dead, err error) {
			var id [16]byte
			err = r.Scan(&id, &d.AgencyID, &d.Type, &d.Attempts, &d.Reason, &d.Received)
			d.ID = id
			return d, err
		})
		return err
	})
	return list, err
}

// Replay applies a dead event now. It fails with the handler's error and leaves the event dead if that fails again.
func (in *Inbox) Replay(ctx context.Context, eventID uuid.UUID) error {
	var payload []byte
	var stream string
	var seq int64
	err := in.mech.Messaging(ctx, func(ctx context.Context, tx *db.Tx, _ func(outbox.Message)) error {
		return tx.QueryRow(ctx, in.sql.deadRow, eventID).Scan(&payload, &stream, &seq)
	})
	if errs.IsKind(err, errs.NotFound) {
		return errs.New(errs.NotFound, reasonNotDead, "no dead event has this id")
	}
	if err != nil {
		return err
	}
	d, err := in.decode(payload, stream, uint64(seq)) //nolint:gosec // was one
	if err != nil {
		return err
	}
	return in.applyGroup(ctx, fromStore(in.sql.unkill), []*delivery{d})
}
