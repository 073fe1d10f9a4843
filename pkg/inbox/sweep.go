package inbox

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/outbox"
)

// sweepBudget bounds how long the sweep keeps the streams waiting.
const sweepBudget = time.Second

// sweepLoop applies parked events once their module is on: soon after a switch, and at intervals.
func (in *Inbox) sweepLoop(ctx context.Context) error {
	t := time.NewTicker(sweepEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		case <-in.kick:
		}
		if err := in.sweep(ctx); err != nil && ctx.Err() == nil {
			in.cfg.Log.WarnContext(ctx, "inbox: sweep failed", "error", err.Error())
		}
	}
}

func (in *Inbox) sweep(ctx context.Context) error {
	in.moving.Lock()
	defer in.moving.Unlock()
	if err := in.reload(ctx); err != nil {
		return err
	}
	deadline := time.Now().Add(sweepBudget)
	for _, p := range in.modules.parkedPlaces() {
		for !in.modules.isOff(p) {
			if time.Now().After(deadline) {
				return nil // the next tick goes on; what waits stays ahead of what comes
			}
			more, err := in.applyParked(ctx, p)
			if err != nil {
				return err
			}
			if !more {
				break
			}
		}
	}
	return nil
}

// applyParked applies one group of a place; false when there is nothing more to do for now.
func (in *Inbox) applyParked(ctx context.Context, p place) (bool, error) {
	ds, err := in.parkedRows(ctx, p)
	if err != nil {
		return false, err
	}
	if len(ds) == 0 {
		in.modules.setParked(p, false)
		return false, nil
	}
	err = in.applyGroup(ctx, fromStore(in.sql.unpark), ds)
	if err == nil {
		return true, nil
	}
	if transient(ctx, err) {
		return false, err
	}
	for i := range ds {
		one := ds[i : i+1]
		err := in.applyGroup(ctx, fromStore(in.sql.unpark), one)
		if err == nil || in.giveUp(ctx, one[0], err, in.buryParked) {
			continue
		}
		if transient(ctx, err) {
			return false, err
		}
		return false, in.countAttempt(ctx, one[0])
	}
	return true, nil
}

func (in *Inbox) parkedRows(ctx context.Context, p place) ([]*delivery, error) {
	type row struct {
		payload  []byte
		stream   string
		seq      int64
		attempts int
	}
	var list []row
	err := in.mech.Messaging(ctx, func(ctx context.Context, tx *db.Tx, _ func(outbox.Message)) error {
		rs, err := tx.Query(ctx, in.sql.parkedRows, p.agency, p.module, in.cfg.Batch)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rs, func(r pgx.CollectableRow) (x row, err error) {
			err = r.Scan(&x.payload, &x.stream, &x.seq, &x.attempts)
			return x, err
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	ds := make([]*delivery, 0, len(list))
	for _, x := range list {
		d, err := in.decode(x.payload, x.stream, uint64(x.seq)) //nolint:gosec // was one
		if err != nil {
			// It was readable when it was parked: a binary that no longer knows the type must not drop it.
			return nil, err
		}
		d.attempts = x.attempts
		ds = append(ds, d)
	}
	return ds, nil
}

// countAttempt keeps the number of failures with the row, since a parked event may be retried by another process.
func (in *Inbox) countAttempt(ctx context.Context, d *delivery) error {
	return in.mech.Messaging(ctx, func(ctx context.Context, tx *db.Tx, _ func(outbox.Message)) error {
		_, err := tx.Exec(ctx, in.sql.attempt, d.ID)
		return err
	})
}

const pruneBatch = 5000

// pruneLoop forgets the ids of events that no stream can deliver again.
func (in *Inbox) pruneLoop(ctx context.Context) error {
	t := time.NewTicker(pruneEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		for {
			n, err := in.prune(ctx)
			if err != nil && ctx.Err() == nil {
				in.cfg.Log.WarnContext(ctx, "inbox: pruning failed", "error", err.Error())
			}
			if n < pruneBatch {
				break
			}
		}
	}
}

func (in *Inbox) prune(ctx context.Context) (n int64, err error) {
	err = in.mech.Messaging(ctx, func(ctx context.Context, tx *db.Tx, _ func(outbox.Message)) error {
		tag, err := tx.Exec(ctx, in.sql.prune, bus.InboxRetention.Seconds(), pruneBatch)
		n = tag.RowsAffected()
		return err
	})
	return n, err
}
