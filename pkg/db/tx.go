package db

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/outbox"
)

// How a transaction begins. A reader sees one snapshot over all its statements.
const (
	beginRead  = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	beginWrite = "BEGIN"
	beginNone  = "" // implicit transaction of one batch
)

var (
	errSecondStatement = errors.New("db: ReadOne takes exactly one statement; use Read")
	errClosed          = errors.New("db: transaction used after its function returned")
	errReadOnlyEmit    = errors.New("db: Emit in a transaction that only reads")
)

// Tx is a transaction in the role and agency of its caller. It satisfies the DBTX interface that sqlc generates.
//
// It is lazy: a connection is taken, and the transaction begun, with the first statement and in its round trip.
// It must not be used by several goroutines at once.
type Tx struct {
	db    *DB
	scope scope
	begin string
	trace string // traceparent of the caller, for events
	// unaudited marks transactions of the machinery: they belong to no call.
	unaudited bool

	conn    *pgxpool.Conn
	used    bool // a statement was sent
	closed  bool
	pending interface{ Close() error } // a batch whose results are not read to the end
	events  []outbox.Message
	// deferred statements, in order
	deferred []statement
	emitErr  error // of Emit, reported at commit
}

// AgencyID is the agency of the transaction, 0 outside of any.
func (tx *Tx) AgencyID() int64 { return tx.scope.agencyID }

// Exec runs a statement.
func (tx *Tx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := tx.ready(); err != nil {
		return pgconn.CommandTag{}, err
	}
	if tx.alone() {
		return tx.conn.Exec(ctx, sql, args...)
	}
	br, err := tx.roundTrip(ctx, func(b *pgx.Batch) { b.Queue(sql, args...) })
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := br.Exec()
	if cerr := tx.finishBatch(); err == nil {
		err = cerr
	}
	return tag, err
}

// Query runs a statement that returns rows.
func (tx *Tx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := tx.ready(); err != nil {
		return nil, err
	}
	if tx.alone() {
		rs, err := tx.conn.Query(ctx, sql, args...)
		return &rows{Rows: rs}, err
	}
	br, err := tx.roundTrip(ctx, func(b *pgx.Batch) { b.Queue(sql, args...) })
	if err != nil {
		return nil, err
	}
	rs, err := br.Query()
	if err != nil {
		_ = tx.finishBatch()
		return nil, err
	}
	return &rows{Rows: rs, done: tx.finishBatch}, nil
}

// QueryRow runs a statement of which one row is wanted; errors show in Scan.
func (tx *Tx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := tx.ready(); err != nil {
		return row{err: err}
	}
	if tx.alone() {
		return tx.conn.QueryRow(ctx, sql, args...)
	}
	br, err := tx.roundTrip(ctx, func(b *pgx.Batch) { b.Queue(sql, args...) })
	if err != nil {
		return row{err: err}
	}
	return row{row: br.QueryRow(), done: tx.finishBatch}
}

// SendBatch sends several statements in one round trip.
func (tx *Tx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if err := tx.ready(); err != nil {
		return failedBatch{err}
	}
	if tx.alone() {
		return tx.conn.SendBatch(ctx, b)
	}
	if tx.begin == beginNone && b.Len() > 1 {
		return failedBatch{errSecondStatement}
	}
	br, err := tx.roundTrip(ctx, func(whole *pgx.Batch) {
		whole.QueuedQueries = append(whole.QueuedQueries, b.QueuedQueries...)
	})
	if err != nil {
		return failedBatch{err}
	}
	return batchResults{BatchResults: br, done: tx.finishBatch}
}

// Emit queues an event; it leaves with the commit. subject is the resource name, e.g. "charts/0190…"; where the message
// is published is an option of its type. An event that cannot be encoded fails the commit.
func (tx *Tx) Emit(subject string, msg proto.Message) {
	m, err := outbox.Envelope(outbox.Fact{
		ID:          uuid.Must(uuid.NewV7()),
		AgencyID:    tx.scope.agencyID,
		Subject:     subject,
		Time:        tx.db.now(),
		TraceParent: tx.trace,
		Event:       msg,
	})
	if err == nil && tx.begin != beginWrite {
		err = errReadOnlyEmit
	}
	if err != nil {
		tx.emitErr = errors.Join(tx.emitErr, err)
		return
	}
	tx.events = append(tx.events, m)
}

// alone says that the next statement has no company in its round trip: neither BEGIN nor what was deferred.
func (tx *Tx) alone() bool { return tx.used && len(tx.deferred) == 0 }

// roundTrip sends what was deferred and then what queue queues. The results that are left to read are those of the latter.
func (tx *Tx) roundTrip(ctx context.Context, queue func(*pgx.Batch)) (pgx.BatchResults, error) {
	n := 0
	br, err := tx.send(ctx, func(b *pgx.Batch) {
		n = tx.queueDeferred(b)
		queue(b)
	})
	if err != nil {
		return nil, err
	}
	if err := readAll(br, n); err != nil {
		_ = tx.finishBatch()
		return nil, err
	}
	return br, nil
}

// ready says whether another statement may be sent.
func (tx *Tx) ready() error {
	switch {
	case tx.closed:
		return errClosed
	case tx.used && tx.begin == beginNone:
		return errSecondStatement
	case tx.pending != nil:
		return errors.New("db: the rows of the statement before are still open")
	}
	return nil
}

// start takes a connection and sends BEGIN, the scope and what first queues in one round trip.
func (tx *Tx) start(ctx context.Context, first func(*pgx.Batch)) (pgx.BatchResults, error) {
	conn, err := tx.db.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	tx.conn, tx.used = conn, true
	b := &pgx.Batch{}
	skip := 1
	if tx.begin == beginNone {
		b.Queue(setScopeReadOnly, tx.scope.role, tx.scope.agency, tx.scope.subject)
	} else {
		b.Queue(tx.begin)
		b.Queue(setScope, tx.scope.role, tx.scope.agency, tx.scope.subject)
		skip = 2
	}
	first(b)
	br := conn.SendBatch(ctx, b)
	tx.pending = br
	for range skip {
		if _, err := br.Exec(); err != nil {
			_ = tx.finishBatch()
			return nil, err
		}
	}
	return br, nil
}

func (tx *Tx) finishBatch() error {
	if tx.pending == nil {
		return nil
	}
	err := tx.pending.Close()
	tx.pending = nil
	return err
}
