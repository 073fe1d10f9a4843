package leader

import (
	"context"
	"errors"
	"hash/fnv"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// Election is one piece of work in one schema.
type Election struct {
	// Session opens a connection of its own.
	Session func(ctx context.Context) (*pgx.Conn, error)
	Schema  string
	Work    string
	Log     *slog.Logger
}

const (
	retryEvery = time.Second
	closeWait  = 2 * time.Second
)

// Channel is the name under which the leader listens.
func (e Election) Channel() string { return e.Schema + "_" + e.Work }

// Run leads whenever it can, until ctx ends. lead gets a signal for each notification, and a context that ends with the
// lock; it is called again after an error.
func (e Election) Run(ctx context.Context, lead func(ctx context.Context, woken <-chan struct{}) error) error {
	for {
		err := e.term(ctx, lead)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			e.Log.WarnContext(ctx, "leader: term ended", "work", e.Work, "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(retryEvery):
		}
	}
}

// term tries to get the lock and leads while it lasts. Not getting it is no error.
func (e Election) term(ctx context.Context, lead func(context.Context, <-chan struct{}) error) error {
	conn, err := e.Session(ctx)
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWait)
		defer cancel()
		_ = conn.Close(closing)
	}()
	var got bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", e.key()).Scan(&got); err != nil || !got {
		return err
	}
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{e.Channel()}.Sanitize()); err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	woken := make(chan struct{}, 1)
	listening := make(chan struct{})
	go func() {
		defer close(listening)
		end(listen(ctx, conn, woken))
	}()
	err = lead(ctx, woken)
	lost := context.Cause(ctx)
	end(nil)
	<-listening
	if lost != nil && !errors.Is(lost, context.Canceled) {
		return lost
	}
	return err
}

func listen(ctx context.Context, conn *pgx.Conn, woken chan<- struct{}) error {
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		select {
		case woken <- struct{}{}:
		default:
		}
	}
}

func (e Election) key() int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("fleet/" + e.Work + "/" + e.Schema))
	return int64(h.Sum64()) //nolint:gosec // any 64 bits will do
}
