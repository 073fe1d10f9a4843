package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/internal/tracecontext"
	"github.com/fusionems/quantum/pkg/outbox"
)

var errNested = errors.New("db: transaction inside a transaction")

// Read runs fn in a read-only transaction as the principal in ctx; all its statements see one snapshot.
func (d *DB) Read(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	return d.asCaller(ctx, beginRead, fn)
}

// ReadOne runs exactly one read-only statement as the principal in ctx, in one round trip.
func (d *DB) ReadOne(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	return d.asCaller(ctx, beginNone, fn)
}

// Write runs fn in a transaction as the principal in ctx and commits it together with the events that fn emitted and the
// audit record of the current call. It is refused across agencies.
func (d *DB) Write(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	return d.asCaller(ctx, beginWrite, fn)
}

func (d *DB) asCaller(ctx context.Context, begin string, fn func(context.Context, *Tx) error) error {
	s, err := d.scopeOf(ctx)
	if err != nil {
		return err
	}
	if s.cross && begin == beginWrite {
		return errs.New(errs.Denied, ReasonCrossReadOnly, "work across agencies only reads; name one agency to write")
	}
	return Map(d.run(ctx, &Tx{db: d, scope: s, begin: begin, trace: tracecontext.Of(ctx)}, fn))
}

// run calls fn and ends the transaction whatever happens in it, a panic included.
func (d *DB) run(ctx context.Context, tx *Tx, fn func(context.Context, *Tx) error) (err error) {
	if InTransaction(ctx) {
		return errNested
	}
	committed := false
	defer func() {
		tx.closed = true
		if tx.conn == nil {
			return
		}
		if !committed {
			tx.rollback(ctx)
		}
		tx.conn.Release()
		tx.conn = nil
	}()
	if err := fn(context.WithValue(ctx, inTransaction{}, true), tx); err != nil {
		return err
	}
	if tx.emitErr != nil {
		return tx.emitErr
	}
	if err := tx.finishBatch(); err != nil {
		return err
	}
	if err := tx.commit(ctx); err != nil {
		return err
	}
	committed = true
	return nil
}

// commit writes what leaves with the data and commits, in one round trip.
func (tx *Tx) commit(ctx context.Context) error {
	if tx.begin != beginWrite {
		return tx.commitRead(ctx)
	}
	messages := tx.events
	var call *audit.Call
	if !tx.unaudited {
		call = audit.FromContext(ctx)
	}
	if call != nil {
		call.SetTrace(tx.trace)
		m, ok, err := call.Message()
		if err != nil {
			return fmt.Errorf("db: the audit record: %w", err)
		}
		if !ok {
			call = nil
		} else {
			messages = append(messages, m)
		}
	}
	if err := tx.commitWrite(ctx, messages); err != nil {
		return err
	}
	if call != nil {
		call.Committed()
	}
	if len(messages) > 0 {
		tx.db.signal()
	}
	return nil
}

func (tx *Tx) commitRead(ctx context.Context) error {
	if tx.conn == nil || tx.begin == beginNone {
		return nil
	}
	_, err := tx.conn.Exec(ctx, "COMMIT")
	return err
}

func (tx *Tx) commitWrite(ctx context.Context, messages []outbox.Message) error {
	if tx.conn == nil && len(messages) == 0 && len(tx.deferred) == 0 {
		return nil
	}
	before := 0
	queue := func(b *pgx.Batch) {
		before = tx.queueDeferred(b) + tx.db.outbox.queue(b, messages)
		b.Queue("COMMIT")
	}
	br, err := tx.send(ctx, queue)
	if err != nil {
		return err
	}
	if err := readAll(br, before); err != nil {
		_ = tx.finishBatch()
		return err
	}
	tag, err := br.Exec()
	if cerr := tx.finishBatch(); err == nil {
		err = cerr
	}
	// The server answers COMMIT of a failed transaction with ROLLBACK and no error.
	if err == nil && tag.String() != "COMMIT" {
		err = errors.New("db: a statement failed and its error was ignored: rolled back")
	}
	return err
}

// send queues statements after what is there, or begins the transaction with them.
func (tx *Tx) send(ctx context.Context, queue func(*pgx.Batch)) (pgx.BatchResults, error) {
	if !tx.used {
		return tx.start(ctx, queue)
	}
	b := &pgx.Batch{}
	queue(b)
	br := tx.conn.SendBatch(ctx, b)
	tx.pending = br
	return br, nil
}

// rollback leaves the connection idle or closed. It must work when ctx is already done.
func (tx *Tx) rollback(ctx context.Context) {
	_ = tx.finishBatch()
	if tx.conn.Conn().IsClosed() || tx.conn.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	if _, err := tx.conn.Exec(ctx, "ROLLBACK"); err != nil {
		_ = tx.conn.Conn().Close(ctx)
	}
}
