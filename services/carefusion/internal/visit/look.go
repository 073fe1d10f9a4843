package visit

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/room"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// swept is how long a closed room is looked for: longer than any token of it could be used, by a video server's own leeway.
const swept = 30 * time.Minute

// listen looks into a room as soon as something is told of it. What is told is not believed further than that: the room itself
// says who is in it, so a repeated or late message does no harm.
func (s *Service) listen(ctx context.Context, log *slog.Logger) {
	events := s.Room.Events(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-events:
			if err := s.Look(ctx, e.Room); err != nil && ctx.Err() == nil {
				log.ErrorContext(ctx, "a room could not be looked into", "error", err)
			}
		}
	}
}

// watch looks into all rooms in use, for messages that were lost, and for rooms that should be gone.
func (s *Service) watch(ctx context.Context, log *slog.Logger) {
	every(ctx, 2*often, nil, func() {
		err := s.lookAll(ctx)
		if err == nil {
			err = s.sweep(ctx)
		}
		s.answers.Store(err == nil)
		if err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "rooms could not be looked into", "error", err)
		}
	})
}

// RoomAnswers reports whether the video server and the database answered when they were asked last.
func (s *Service) RoomAnswers() bool { return s.answers.Load() }

func (s *Service) lookAll(ctx context.Context) error {
	rooms, err := s.names(ctx, `SELECT DISTINCT room FROM carefusion.participant p WHERE leave_time IS NULL AND (join_time IS NOT NULL OR expire_time > $1)`, s.Clock().Add(-swept))
	for _, name := range rooms {
		if err == nil {
			err = s.Look(ctx, name)
		}
	}
	return err
}

// sweep closes what was closed and is there nevertheless: a video server may carry out an old call late.
func (s *Service) sweep(ctx context.Context) error {
	closed, err := s.names(ctx, `SELECT DISTINCT room FROM carefusion.room_command WHERE kind = 'CLOSE' AND done_time > $1`, s.Clock().Add(-swept))
	if err != nil {
		return err
	}
	// With a name that no room has: the question shows that the server answers, though nothing was closed.
	there, err := s.Room.Rooms(ctx, append(closed, room.NewName()))
	for _, name := range there {
		if err == nil {
			err = s.Room.Close(ctx, name)
		}
	}
	return err
}

func (s *Service) names(ctx context.Context, sql string, args ...any) ([]string, error) {
	var out []string
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			out = append(out, name)
		}
		return rows.Err()
	})
	return out, err
}

// join is one join as the database knows it.
type join struct {
	subject uuid.UUID
	issued  time.Time
	in      bool
}

// Look makes the room what the session says: who was given a token may send while the call stands, of each person only the
// newest join stays, and strangers go. It then keeps who came and who left.
func (s *Service) Look(ctx context.Context, name string) error {
	// First who is there, then what may be: a withdrawal in between is seen, and one afterwards closes the room.
	present, err := s.Room.Participants(ctx, name)
	if err != nil && !errors.Is(err, room.ErrClosed) {
		return err
	}
	joins, live, err := s.joins(ctx, name)
	if err != nil {
		return err
	}
	var failed error
	newest := map[uuid.UUID]time.Time{}
	for _, p := range present {
		if j, ok := joins[p.Identity]; ok && j.issued.After(newest[j.subject]) {
			newest[j.subject] = j.issued
		}
	}
	stay := map[string]bool{}
	for _, p := range present {
		j, known := joins[p.Identity]
		switch {
		case !known || j.issued.Before(newest[j.subject]):
			err = s.Room.Remove(ctx, name, p.Identity)
		case p.Publish != live:
			stay[p.Identity] = true
			err = s.Room.SetConsent(ctx, name, p.Identity, live)
		default:
			stay[p.Identity] = true
		}
		if err != nil && !errors.Is(err, room.ErrClosed) {
			failed = err
		}
	}
	return errors.Join(failed, s.attend(ctx, joins, stay))
}

func (s *Service) joins(ctx context.Context, name string) (map[string]join, bool, error) {
	out, live := map[string]join{}, false
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		// In a call there is consent to care: a trigger and the transaction of a withdrawal see to that.
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM carefusion.session WHERE room = $1 AND state = 'IN_CALL')`, name).Scan(&live); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT identity, subject, issue_time, join_time IS NOT NULL AND leave_time IS NULL FROM carefusion.participant WHERE room = $1`, name)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var identity string
			var j join
			if err := rows.Scan(&identity, &j.subject, &j.issued, &j.in); err != nil {
				return err
			}
			out[identity] = j
		}
		return rows.Err()
	})
	return out, live, err
}

// attend keeps who came and who left; who comes back has not left.
func (s *Service) attend(ctx context.Context, joins map[string]join, stay map[string]bool) error {
	var came, left []string
	for identity, j := range joins {
		here := stay[identity]
		switch {
		case here && !j.in:
			came = append(came, identity)
		case !here && j.in:
			left = append(left, identity)
		}
	}
	if len(came)+len(left) == 0 {
		return nil
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		now := s.Clock()
		if err := exec(ctx, tx, `UPDATE carefusion.participant SET join_time = COALESCE(join_time, $2), leave_time = NULL WHERE identity = ANY($1)`, came, now); err != nil {
			return err
		}
		return exec(ctx, tx, `UPDATE carefusion.participant SET leave_time = $2 WHERE identity = ANY($1)`, left, now)
	})
}
