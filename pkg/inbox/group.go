package inbox

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
)

// origin says how an event is taken: from the stream, from the parking place, from the dead.
type origin struct {
	claim func(ds []*delivery) db.Claim
}

// applyGroup applies events of one agency in one transaction, those only that the inbox has not seen.
func (in *Inbox) applyGroup(ctx context.Context, from origin, ds []*delivery) (err error) {
	ctx = identity.With(ctx, in.principal(ds[0]))
	ctx, span := in.span(ctx, ds)
	defer func() {
		if err != nil {
			span.SetAttributes(attribute.String("error.type", errs.Reason(err)))
		}
		span.End()
	}()
	prepared := make([]any, len(ds))
	for i, d := range ds {
		if d.handler.Prepare == nil {
			continue
		}
		if prepared[i], err = d.handler.Prepare(ctx, d.Event); err != nil {
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
	err = in.mech.Consume(ctx, claim, func(ctx context.Context, tx *db.Tx) error {
		return applyRuns(ctx, tx, ds, prepared, fresh)
	})
	if err == nil {
		in.metrics.applied.Add(float64(len(fresh)))
		in.metrics.seconds.Observe(time.Since(start).Seconds())
		in.afterCommit(ds)
	}
	return err
}

// applyRuns hands each run of new events of one type to its handler.
func applyRuns(ctx context.Context, tx *db.Tx, ds []*delivery, prepared []any, fresh map[[16]byte]bool) error {
	var evs []Event
	var prep []any
	var handler *Handler
	flush := func() error {
		if len(evs) == 0 {
			return nil
		}
		err := handler.apply(ctx, tx, evs, prep)
		evs, prep = nil, nil
		return err
	}
	for i, d := range ds {
		if !fresh[d.ID] {
			continue
		}
		delete(fresh, d.ID) // the same event may be in the group twice
		if handler == nil || handler.name() != d.handler.name() {
			if err := flush(); err != nil {
				return err
			}
			handler = &d.handler
		}
		evs, prep = append(evs, d.Event), append(prep, prepared[i])
	}
	return flush()
}

func (in *Inbox) principal(d *delivery) identity.Principal {
	agency := d.AgencyID
	if d.handler.AcrossAgencies {
		agency = 0
	}
	return identity.ForService(in.cfg.Service, agency)
}

// span continues the writer's trace when the group is one event; a larger group is its own.
func (in *Inbox) span(ctx context.Context, ds []*delivery) (context.Context, trace.Span) {
	if len(ds) == 1 && ds[0].trace != "" {
		ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": ds[0].trace})
	}
	return otel.Tracer("github.com/fusionems/quantum/pkg/inbox").Start(ctx, "inbox.apply",
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(attribute.String("messaging.destination.name", ds[0].stream), attribute.Int("messaging.batch.message_count", len(ds))))
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
