package reminder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/patient"
	"github.com/fusionems/quantum/services/carefusion/internal/seal"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// Reminder is one message. ID is the same at every attempt, so that a sender can keep the promise of once.
type Reminder struct {
	ID, Address, Text string
}

// Sender delivers. It must not deliver an ID twice.
type Sender interface {
	Send(ctx context.Context, r Reminder) error
}

// Text is all that a reminder says.
func Text(start time.Time) string {
	return "You have an appointment with CareFusion on " + start.Format("Monday, 2 January 2006 at 3:04 PM MST") + ". Sign in to see it or to cancel it."
}

// Worker sends what is due.
type Worker struct {
	DB     *store.DB
	Seal   *seal.Sealer
	Sender Sender
	Clock  func() time.Time
	// Queue says that a broker hands out what is due (Handle). What it has not handed out in time is sent all the same.
	Queue bool
}

const (
	often = 10 * time.Second
	// grace is how long the broker has before the worker does its work.
	grace = time.Minute
	// Consumer is the worker's name in the inbox, which is cleaned of what no broker repeats any more after memory.
	Consumer = "reminders"
	memory   = 8 * 24 * time.Hour
)

// Run sends until the context is over.
func (w *Worker) Run(ctx context.Context, log *slog.Logger) error {
	ctx = identity.System(ctx)
	tick := time.NewTicker(often)
	defer tick.Stop()
	for {
		if _, err := w.Work(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "reminders wait", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// queue makes events of what is due, and cleans the inbox.
func (w *Worker) queue(ctx context.Context) error {
	return w.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE carefusion.reminder SET queue_time = $1 WHERE sent_time IS NULL AND queue_time IS NULL AND due_time <= $1 AND start_time > $1`, w.Clock()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM carefusion.inbox WHERE consumer = $1 AND handle_time < $2`, Consumer, w.Clock().Add(-memory))
		return err
	})
}

// Handle sends the reminder of an event. The inbox keeps an event that comes again from doing so.
func (w *Worker) Handle(ctx context.Context, event, appointment uuid.UUID) error {
	ctx = identity.System(ctx)
	return w.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO carefusion.inbox (consumer, event_id, handle_time) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, Consumer, event, w.Clock())
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		_, err = w.one(ctx, tx, `appointment_id = $2`, appointment)
		return err
	})
}

// Work sends everything that is due and answers how many reminders it sent. One that cannot be sent waits a while, so that
// it does not keep the others.
func (w *Worker) Work(ctx context.Context) (sent int, failed error) {
	where := `true`
	if w.Queue {
		if err := w.queue(ctx); err != nil {
			return 0, err
		}
		where = fmt.Sprintf(`queue_time <= $1::timestamptz - interval '%d seconds'`, int(grace.Seconds()))
	}
	for {
		var id string
		err := w.DB.Write(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			id, err = w.one(ctx, tx, where)
			return err
		})
		switch {
		case err == nil && id == "":
			return sent, failed
		case err == nil:
			sent++
			continue
		case id == "":
			return sent, err
		}
		failed = err
		if err := w.later(ctx, id); err != nil {
			return sent, err
		}
	}
}

const patience = 5 * time.Minute

func (w *Worker) later(ctx context.Context, id string) error {
	return w.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE carefusion.reminder SET due_time = $2 WHERE reminder_id = $1 AND sent_time IS NULL`, id, w.Clock().Add(patience))
		return err
	})
}

// one answers which reminder it sent, or could not send. It keeps its row locked while it sends, so that two workers do not send
// the same; after a crash between sending and committing the sender sees the same ID again.
func (w *Worker) one(ctx context.Context, tx store.Tx, where string, args ...any) (id string, err error) {
	var who, zone string
	var start time.Time
	var sealed []byte
	now := w.Clock()
	err = tx.QueryRow(ctx, `SELECT reminder_id::text, patient_id::text, start_time, time_zone FROM carefusion.reminder
		WHERE sent_time IS NULL AND due_time <= $1 AND start_time > $1 AND `+where+` ORDER BY due_time LIMIT 1 FOR UPDATE SKIP LOCKED`, append([]any{now}, args...)...).Scan(&id, &who, &start, &zone)
	if errors.Is(err, store.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if err := tx.QueryRow(ctx, `SELECT sealed_email FROM carefusion.patient WHERE patient_id = $1`, who).Scan(&sealed); err != nil {
		return id, err
	}
	if err := w.send(ctx, id, who, zone, start, sealed); err != nil {
		return id, err
	}
	_, err = tx.Exec(ctx, `UPDATE carefusion.reminder SET sent_time = $2 WHERE reminder_id = $1`, id, now)
	return id, err
}

// send does nothing for a patient who left no address.
func (w *Worker) send(ctx context.Context, id, who, zone string, start time.Time, sealed []byte) error {
	if sealed == nil {
		return nil
	}
	address, err := w.Seal.Open(patient.PlaceEmail(who), sealed)
	if err != nil {
		return err
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return w.Sender.Send(ctx, Reminder{ID: id, Address: address, Text: Text(start.In(loc))})
}

// Files is the sender of local mode: one file for each reminder, in a folder that only the owner reads.
type Files struct{ Dir string }

// Send writes the file unless it is there.
func (f Files) Send(_ context.Context, r Reminder) error {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(f.Dir, r.ID+".txt"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return errors.New("reminder: the file cannot be made")
	}
	_, err = fmt.Fprintf(file, "To: %s\n\n%s\n", r.Address, r.Text)
	return errors.Join(err, file.Close())
}
