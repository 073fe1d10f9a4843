package reminder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

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
}

const often = 10 * time.Second

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

// Work sends everything that is due and answers how many reminders it sent. One that cannot be sent waits a while, so that
// it does not keep the others.
func (w *Worker) Work(ctx context.Context) (sent int, failed error) {
	for {
		id, err := w.one(ctx)
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

// one answers which reminder it sent, or could not send. It keeps its row locked while it sends, so that two workers do not send the same; after a crash between sending and
// committing the sender sees the same ID again.
func (w *Worker) one(ctx context.Context) (id string, err error) {
	err = w.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		var who, zone string
		var start time.Time
		now := w.Clock()
		err := tx.QueryRow(ctx, `SELECT reminder_id::text, patient_id::text, start_time, time_zone FROM carefusion.reminder
			WHERE sent_time IS NULL AND due_time <= $1 AND start_time > $1 ORDER BY due_time LIMIT 1 FOR UPDATE SKIP LOCKED`, now).Scan(&id, &who, &start, &zone)
		if errors.Is(err, store.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		var sealed []byte
		if err := tx.QueryRow(ctx, `SELECT sealed_email FROM carefusion.patient WHERE patient_id = $1`, who).Scan(&sealed); err != nil {
			return err
		}
		if err := w.send(ctx, id, who, zone, start, sealed); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE carefusion.reminder SET sent_time = $2 WHERE reminder_id = $1`, id, now)
		return err
	})
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
