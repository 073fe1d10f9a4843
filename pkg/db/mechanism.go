package db

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fusionems/quantum/pkg/internal/grant"
	"github.com/fusionems/quantum/pkg/internal/tracecontext"
	"github.com/fusionems/quantum/pkg/outbox"
)

// Mechanism is the side of a DB that the machinery of pkg works with: the relay, the inbox, the jobs. Its roles see the
// machinery's own tables across agencies and no table of the service.
type Mechanism struct{ db *DB }

// Mechanism opens that side; only packages of pkg can make a grant.
func (d *DB) Mechanism(g grant.Mechanism) Mechanism {
	if !g.Given() {
		panic("db: Mechanism without a grant")
	}
	return Mechanism{db: d}
}

func (d *DB) relayScope() scope { return scope{role: d.schema + "_relay", subject: d.schema} }

// Messaging runs fn as <schema>_relay. What it passes to queue leaves with the commit.
func (m Mechanism) Messaging(ctx context.Context, fn func(ctx context.Context, tx *Tx, queue func(outbox.Message)) error) error {
	tx := &Tx{db: m.db, scope: m.db.relayScope(), begin: beginWrite, unaudited: true}
	return Map(m.db.run(ctx, tx, func(ctx context.Context, tx *Tx) error {
		return fn(ctx, tx, func(msg outbox.Message) { tx.events = append(tx.events, msg) })
	}))
}

// Claim is the first part of a consumer's transaction: one statement, run as <schema>_relay, that takes events into the
// inbox.
type Claim struct {
	SQL  string
	Args []any
	// Rows reads what the statement returned; false ends the transaction: nothing was new.
	Rows func(pgx.Rows) (goOn bool, err error)
}

// Consume runs claim and then fn as the principal in ctx, in one transaction. The claim and the change of role share a
// round trip.
func (m Mechanism) Consume(ctx context.Context, claim Claim, fn func(ctx context.Context, tx *Tx) error) error {
	s, err := m.db.scopeOf(ctx)
	if err != nil {
		return err
	}
	if s.cross {
		return errors.New("db: a consumer across agencies")
	}
	tx := &Tx{db: m.db, scope: m.db.relayScope(), begin: beginWrite, trace: tracecontext.Of(ctx), unaudited: true}
	return Map(m.db.run(ctx, tx, func(ctx context.Context, tx *Tx) error {
		goOn, err := tx.claim(ctx, claim, s)
		if err != nil || !goOn {
			return err
		}
		return fn(ctx, tx)
	}))
}

// Trace names the trace of the events that tx emits from here on: a consumer's transaction works for several writers.
func (m Mechanism) Trace(tx *Tx, traceparent string) { tx.trace = traceparent }

func (tx *Tx) claim(ctx context.Context, c Claim, next scope) (bool, error) {
	br, err := tx.start(ctx, func(b *pgx.Batch) {
		b.Queue(c.SQL, c.Args...)
		b.Queue(setScope, next.role, next.agency, next.subject)
	})
	if err != nil {
		return false, err
	}
	goOn, err := readClaim(br, c)
	if err != nil {
		_ = tx.finishBatch()
		return false, err
	}
	tx.scope = next
	return goOn, tx.finishBatch()
}

func readClaim(br pgx.BatchResults, c Claim) (bool, error) {
	rs, err := br.Query()
	if err != nil {
		return false, err
	}
	goOn, err := c.Rows(rs)
	rs.Close()
	if err == nil {
		err = rs.Err()
	}
	return goOn, err
}

// Session takes a connection as the login role, for session-level work: advisory locks and LISTEN. The caller must
// destroy it, never release it back.
func (m Mechanism) Session(ctx context.Context) (*pgx.Conn, error) {
	c, err := m.db.pool.Acquire(ctx)
	if err != nil {
		return nil, Map(err)
	}
	return c.Hijack(), nil
}

// Notify wakes whoever listens on the channel.
func (m Mechanism) Notify(ctx context.Context, channel string) error {
	_, err := m.db.pool.Exec(ctx, "SELECT pg_notify($1, '')", channel)
	return Map(err)
}

// Woken gets a value after commits of this process that left messages in the outbox.
func (m Mechanism) Woken() <-chan struct{} { return m.db.wake }

// Schema is the service's schema.
func (m Mechanism) Schema() string { return m.db.schema }

// JobsPool opens a pool whose sessions are <schema>_jobs: the job queue manages its own transactions.
func (m Mechanism) JobsPool(ctx context.Context, maxConns int32) (*pgxpool.Pool, error) {
	pc := m.db.pool.Config()
	pc.MaxConns, pc.MinIdleConns = maxConns, 0
	role := m.db.schema + "_jobs"
	pc.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "SELECT set_config('role',$1,false)", role)
		return err
	}
	return pgxpool.NewWithConfig(ctx, pc)
}

// WithJobsRole runs fn inside tx as <schema>_jobs and returns to the caller's role.
func (m Mechanism) WithJobsRole(ctx context.Context, tx *Tx, fn func(pgx.Tx) error) error {
	if err := tx.ready(); err != nil {
		return err
	}
	if tx.begin != beginWrite {
		return errors.New("db: a job in a transaction that only reads")
	}
	if _, err := tx.Exec(ctx, "SELECT set_config('role',$1,true)", m.db.schema+"_jobs"); err != nil {
		return err
	}
	if err := fn(pgxTx{Tx: tx}); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "SELECT set_config('role',$1,true)", tx.scope.role)
	return err
}
