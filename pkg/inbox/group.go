package inbox

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
)

// origin says how an event is taken: from the stream, from the parking place, from the dead.
type origin struct {
	claim func(ds []*delivery) db.Claim
}

// applyGroup applies events of one agency in one transaction, those only that the inbox has not seen.
func (in *Inbox) applyGroup(ctx context.Context, from origin, ds []*delivery) (err error) {
	ctx = identity.With(ctx, in.principal(ds[0]))
	in.startSpans(ctx, ds)
	defer func() { endSpans(ds, err) }()
	prepared := make([]any, len(ds))
	for i, d := range ds {
		if d.handler.Prepare == nil {
			continue
		}
		if prepared[i], err = d.handler.Prepare(d.in(ctx), d.Event); err != nil {
			return err
		}
	}
	fresh := make(map[[16]byte]bool, len(ds))
	claim := from.claim(ds)
	claim.Rows = func(rs pgx.Rows) (bool, error) {
		for rs.Next() {
			var id [16]byte
			if err := rs.Scan(&id); err != nil {
				return false, err
			}
			fresh[id] = true
		}
		return len(fresh) > 0, rs.Err()
	}
	start := time.Now()
	var runs []run
	err = in.mech.Consume(traced(ds).in(ctx), claim, func(ctx context.Context, tx *db.Tx) error {
		runs = runsOf(ds, prepared, fresh)
		for _, r := range runs {
			if err := in.apply(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		in.metrics.observe(runs, time.Since(start))
		in.afterCommit(ds)
	}
	return err
}

// run is a sequence of new events of one type.
type run struct {
	handler  *Handler
	events   []Event
	prepared []any
}

// runsOf splits what is new into runs, in the order of the group. It empties fresh: the same event may be in a group twice.
func runsOf(ds []*delivery, prepared []any, fresh map[[16]byte]bool) []run {
	var runs []run
	for i, d := range ds {
		if !fresh[d.ID] {
			continue
		}
		delete(fresh, d.ID)
		if n := len(runs); n == 0 || runs[n-1].handler.name() != d.handler.name() {
			runs = append(runs, run{handler: &d.handler})
		}
		r := &runs[len(runs)-1]
		r.events, r.prepared = append(r.events, d.Event), append(r.prepared, prepared[i])
	}
	return runs
}

// apply hands a run to its handler. What an event makes the handler emit belongs to the trace of that event.
func (in *Inbox) apply(ctx context.Context, tx *db.Tx, r run) error {
	if r.handler.ApplyBatch != nil {
		return r.handler.ApplyBatch(ctx, tx, r.events, r.prepared)
	}
	for i, ev := range r.events {
		in.mech.Trace(tx, ev.traceParent())
		if err := r.handler.Apply(ev.in(ctx), tx, ev, r.prepared[i]); err != nil {
			return err
		}
	}
	return nil
}

func (in *Inbox) principal(d *delivery) identity.Principal {
	agency := d.AgencyID
	if d.handler.AcrossAgencies {
		agency = 0
	}
	return identity.ForService(in.cfg.Service, agency)
}

// fromStream inserts ids that the inbox has not seen.
func (in *Inbox) fromStream() origin {
	return origin{claim: func(ds []*delivery) db.Claim {
		n := len(ds)
		ids, agencies := make([][16]byte, n), make([]int64, n)
		types, streams, seqs := make([]string, n), make([]string, n), make([]int64, n)
		for i, d := range ds {
			ids[i], agencies[i], types[i], streams[i], seqs[i] = d.ID, d.AgencyID, d.Type, d.stream, int64(d.seq) //nolint:gosec // a stream has no 2^63 messages
		}
		return db.Claim{SQL: in.sql.claim, Args: []any{ids, agencies, types, streams, seqs}}
	}}
}

// fromStore takes rows that wait in the inbox in some state.
func fromStore(sql string) origin {
	return origin{claim: func(ds []*delivery) db.Claim {
		ids := make([][16]byte, len(ds))
		for i, d := range ds {
			ids[i] = d.ID
		}
		return db.Claim{SQL: sql, Args: []any{ids}}
	}}
}
