package inbox

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/outbox"
)

// result is what a worker made of the head of a lane.
type result struct {
	key  int64
	done []*delivery // applied, parked or buried, and acknowledged
	left []*delivery // to be tried again, in order
}

// work applies a group and, if that fails, its events one by one up to the first that has to wait.
func (in *Inbox) work(ctx context.Context, key int64, group []*delivery) result {
	in.moving.RLock()
	defer in.moving.RUnlock()
	r := result{key: key}
	active, parked := in.split(group)
	if len(parked) > 0 {
		if err := in.park(ctx, parked); err != nil {
			r.left = group
			in.logRetry(ctx, group[0], err)
			return r
		}
		r.acknowledge(parked)
	}
	if len(active) == 0 {
		return r
	}
	err := in.applyGroup(ctx, in.fromStream(), active)
	switch {
	case err == nil:
		r.acknowledge(active)
	case transient(ctx, err):
		in.logRetry(ctx, active[0], err)
		r.left = active
	default:
		in.oneByOne(ctx, active, err, &r)
	}
	return r
}

func (in *Inbox) oneByOne(ctx context.Context, ds []*delivery, err error, r *result) {
	for i, d := range ds {
		if len(ds) > 1 {
			err = in.applyGroup(ctx, in.fromStream(), ds[i:i+1])
		}
		if err != nil && !in.giveUp(ctx, d, err, in.bury) {
			r.left = ds[i:]
			return
		}
		r.acknowledge(ds[i : i+1])
	}
}

// giveUp counts a failure and buries the event when it was the last one allowed. false means: try again later.
func (in *Inbox) giveUp(ctx context.Context, d *delivery, err error, bury func(context.Context, *delivery, string) error) bool {
	in.logRetry(ctx, d, err)
	if transient(ctx, err) {
		return false
	}
	d.attempts++
	if d.attempts < in.cfg.MaxAttempts {
		return false
	}
	return bury(ctx, d, errs.Reason(err)) == nil
}

func (in *Inbox) logRetry(ctx context.Context, d *delivery, err error) {
	if ctx.Err() != nil {
		return
	}
	in.metrics.retries.WithLabelValues(d.handler.name()).Inc()
	in.cfg.Log.WarnContext(d.in(ctx), "inbox: attempt failed", "event_id", d.ID.String(), "event_type", d.Type,
		"agency_id", d.AgencyID, "reason", errs.Reason(err), "transient", transient(ctx, err))
}

func (r *result) acknowledge(ds []*delivery) {
	for _, d := range ds {
		d.ack()
	}
	r.done = append(r.done, ds...)
}

// transient says that the event is not to blame: somebody did not answer, or two came at once.
func transient(ctx context.Context, err error) bool {
	if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	for _, k := range []errs.Kind{errs.Unavailable, errs.Conflict, errs.Exhausted} {
		if errs.IsKind(err, k) {
			return true
		}
	}
	if _, known := errs.As(err); known {
		return false
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Aborted:
		return true
	default:
		return false
	}
}

// split takes out the events whose module is off for their agency, or has earlier ones parked.
func (in *Inbox) split(group []*delivery) (active, parked []*delivery) {
	for _, d := range group {
		if in.modules.parks(place{d.AgencyID, d.handler.Module}) {
			parked = append(parked, d)
		} else {
			active = append(active, d)
		}
	}
	return active, parked
}

func (in *Inbox) park(ctx context.Context, ds []*delivery) error {
	n := len(ds)
	ids, agencies, seqs := make([][16]byte, n), make([]int64, n), make([]int64, n)
	types, streams, mods, payloads := make([]string, n), make([]string, n), make([]string, n), make([][]byte, n)
	for i, d := range ds {
		ids[i], agencies[i], seqs[i] = d.ID, d.AgencyID, int64(d.seq) //nolint:gosec // a stream has no 2^63 messages
		types[i], streams[i], mods[i], payloads[i] = d.Type, d.stream, d.handler.Module, d.Payload
	}
	err := in.mech.Messaging(ctx, func(ctx context.Context, tx *db.Tx, _ func(outbox.Message)) error {
		_, err := tx.Exec(ctx, in.sql.park, ids, agencies, types, streams, seqs, mods, payloads)
		return err
	})
	if err != nil {
		return err
	}
	for _, d := range ds {
		in.modules.setParked(place{d.AgencyID, d.handler.Module}, true)
	}
	in.metrics.parked.Add(float64(n))
	return nil
}
