package outbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// Channel is what the database notifies of new rows.
const Channel = "carefusion_outbox"

// Event says that something changed, and of what. Who wants to know more asks, with permissions of their own.
type Event struct {
	ID          uuid.UUID `json:"id"`
	Subject     string    `json:"subject"`
	Appointment uuid.UUID `json:"appointmentId"`
	Provider    uuid.UUID `json:"providerId"`
	Time        time.Time `json:"time"`
}

// Relay hands events on.
type Relay struct {
	DB *store.DB
	// Publish succeeds when the event is safe; it may see an event again.
	Publish func(ctx context.Context, e Event) error
}

const (
	// patience is how long rows wait that could not be handed on, or of which no notification came.
	patience = time.Second
	batch    = 100
)

// Run hands on until the context is over.
func (r *Relay) Run(ctx context.Context, log *slog.Logger) error {
	ctx = identity.System(ctx)
	wake := make(chan struct{}, 1)
	go r.DB.Listen(ctx, Channel, wake)
	tick := time.NewTicker(patience)
	defer tick.Stop()
	failing := false
	for {
		err := r.Drain(ctx)
		// Once for each time that it goes away, not each second.
		if err != nil && ctx.Err() == nil && !failing {
			log.WarnContext(ctx, "events wait in the outbox", "error", err)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case <-tick.C:
		}
	}
}

// Drain hands on everything that there is.
func (r *Relay) Drain(ctx context.Context) error {
	for {
		n, err := r.some(ctx)
		if err != nil || n < batch {
			return err
		}
	}
}

// some hands on rows while it holds the lock of all relays, so that no two take the same. After a crash between handing on and
// committing the receiver sees them again, by the same ids.
func (r *Relay) some(ctx context.Context) (int, error) {
	n := 0
	err := r.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		var mine bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtext('carefusion outbox'))`).Scan(&mine); err != nil || !mine {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT sequence, event_id, subject, appointment_id, provider_id, create_time FROM carefusion.outbox ORDER BY sequence LIMIT $1`, batch)
		if err != nil {
			return err
		}
		var done []int64
		var events []Event
		for rows.Next() {
			var seq int64
			var e Event
			if err := rows.Scan(&seq, &e.ID, &e.Subject, &e.Appointment, &e.Provider, &e.Time); err != nil {
				rows.Close()
				return err
			}
			done, events = append(done, seq), append(events, e)
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
		for _, e := range events {
			if err := r.Publish(ctx, e); err != nil {
				return err
			}
		}
		n = len(done)
		if n == 0 {
			return nil
		}
		_, err = tx.Exec(ctx, `DELETE FROM carefusion.outbox WHERE sequence = ANY($1)`, done)
		return err
	})
	return n, err
}
