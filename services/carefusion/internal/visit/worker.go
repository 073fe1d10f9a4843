package visit

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// often is how long a command waits at most whose process died before it could be carried out, and how long a join waits for
// the right to send if nobody told of it.
const often = time.Second

// Run carries out the commands to rooms and keeps what rooms tell, until the context is over.
func (s *Service) Run(ctx context.Context, log *slog.Logger) error {
	ctx = identity.System(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { s.command(ctx, log) })
	if s.Room != nil {
		wg.Go(func() { s.listen(ctx, log) })
		wg.Go(func() { s.watch(ctx, log) })
	}
	wg.Wait()
	return nil
}

// every calls fn now, at each tick and at each wake, until the context is over.
func every(ctx context.Context, d time.Duration, wake <-chan struct{}, fn func()) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		fn()
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-tick.C:
		}
	}
}

func (s *Service) command(ctx context.Context, log *slog.Logger) {
	every(ctx, often, s.Wake, func() {
		if err := s.Work(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "commands to rooms wait", "error", err)
		}
	})
}

type command struct {
	id         uuid.UUID
	room, kind string
}

// kinds are the commands that this process can carry out. Others wait for one that can: they are not done by being skipped.
func (s *Service) kinds() []string {
	var out []string
	if s.Room != nil {
		out = append(out, "CLOSE")
	}
	if s.Recorder != nil {
		out = append(out, "START_RECORDING", "STOP_RECORDING")
	}
	return out
}

// Work carries out what is open, in order. A command that fails is tried again; all of them may be carried out twice.
func (s *Service) Work(ctx context.Context) error {
	var open []command
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT command_id, room, kind FROM carefusion.room_command WHERE done_time IS NULL AND kind = ANY($1) ORDER BY create_time, command_id LIMIT 100`, s.kinds())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var c command
			if err := rows.Scan(&c.id, &c.room, &c.kind); err != nil {
				return err
			}
			open = append(open, c)
		}
		return rows.Err()
	})
	if err != nil {
		return err
	}
	// One room that fails must not keep another open.
	var failed error
	for _, c := range open {
		if err := s.carryOut(ctx, c); err != nil {
			failed = err
		}
	}
	return failed
}

func (s *Service) carryOut(ctx context.Context, c command) error {
	var err error
	switch c.kind {
	case "CLOSE":
		err = s.Room.Close(ctx, c.room)
	case "START_RECORDING":
		err = s.startRecording(ctx, c.room)
	case "STOP_RECORDING":
		err = s.Recorder.Stop(ctx, c.room)
	}
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		return exec(ctx, tx, `UPDATE carefusion.room_command SET done_time = $2 WHERE command_id = $1`, c.id, s.Clock())
	})
}

// startRecording looks again: consent may have been withdrawn since the command was written.
func (s *Service) startRecording(ctx context.Context, name string) error {
	wanted := false
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		return tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM carefusion.session WHERE room = $1 AND recording)`, name).Scan(&wanted)
	})
	if err != nil || !wanted {
		return err
	}
	return s.Recorder.Start(ctx, name)
}
