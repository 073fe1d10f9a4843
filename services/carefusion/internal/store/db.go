package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fusionems/quantum/services/carefusion/internal/identity"
)

// Tx is one transaction of one caller.
type Tx = pgx.Tx

// ErrNoRows is what a row that is not there, or not the caller's, answers.
var ErrNoRows = pgx.ErrNoRows

// DB gives transactions and nothing else, so that no statement runs without a caller.
type DB struct {
	pool *pgxpool.Pool
	// Record answers the audit record of the current call, or false if the call has none left to write.
	record func(ctx context.Context) (string, func(), bool)
}

// Open connects as the login role.
func Open(ctx context.Context, url string, record func(ctx context.Context) (string, func(), bool)) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("store: the database URL is not valid")
	}
	// A name without its schema must fail, not find something else.
	cfg.ConnConfig.RuntimeParams["search_path"] = "pg_catalog"
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.RuntimeParams["statement_timeout"] = "10s"
	cfg.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "30s"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return &DB{pool: pool, record: record}, nil
}

// Close ends all connections.
func (d *DB) Close() { d.pool.Close() }

// Read runs fn in a read-only transaction of the caller.
func (d *DB) Read(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error {
	return d.run(ctx, pgx.ReadOnly, fn)
}

// Write runs fn in a transaction of the caller and commits it with the call's audit record.
func (d *DB) Write(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error {
	written := func() {}
	err := d.run(ctx, pgx.ReadWrite, func(ctx context.Context, tx Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		body, done, ok := d.record(ctx)
		if !ok {
			return nil
		}
		written = done
		// Last, since every writer queues on the head of the chain from here to its commit.
		return appendAudit(ctx, tx, body)
	})
	if err == nil {
		written()
	}
	return err
}

// Append writes an audit record on its own: of reads and refusals.
func (d *DB) Append(ctx context.Context, body string) error {
	return d.run(identity.System(ctx), pgx.ReadWrite, func(ctx context.Context, tx Tx) error { return appendAudit(ctx, tx, body) })
}

func appendAudit(ctx context.Context, tx Tx, body string) error {
	_, err := tx.Exec(ctx, `SELECT carefusion.append_audit($1)`, body)
	return err
}

func (d *DB) run(ctx context.Context, mode pgx.TxAccessMode, fn func(ctx context.Context, tx Tx) error) error {
	p, ok := identity.From(ctx)
	if !ok || p.Group() == "" {
		return errors.New("store: no caller")
	}
	tx, err := d.pool.BeginTx(ctx, pgx.TxOptions{AccessMode: mode})
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	// The caller's context may be over; the connection must not go back with a transaction in it.
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = tx.Rollback(ctx)
	}()
	if _, err := tx.Exec(ctx, `SELECT set_config('role', $1, true), set_config('app.current_subject', $2, true)`, p.Group(), p.Subject.String()); err != nil {
		return fmt.Errorf("store: become %s: %w", p.Group(), err)
	}
	if err := fn(ctx, tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// Ready reports whether the database answers with a schema that this binary can work with.
func (d *DB) Ready(ctx context.Context) error {
	own, err := window()
	if err != nil {
		return err
	}
	var have int64
	if err := d.pool.QueryRow(ctx, versionQuery).Scan(&have); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return own.check(have)
}

// Listen wakes whoever waits at each notification of the channel, until the context is over. It promises nothing: notifications are
// lost while the connection is.
func (d *DB) Listen(ctx context.Context, channel string, wake chan<- struct{}) {
	for ctx.Err() == nil {
		_ = d.listen(ctx, channel, wake)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (d *DB) listen(ctx context.Context, channel string, wake chan<- struct{}) error {
	pooled, err := d.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	// Not back into the pool: a connection that listens is nobody else's.
	conn := pooled.Hijack()
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return err
	}
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// Violated is the name of the constraint that a statement ran into, or "".
func Violated(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code[:2] == "23" {
		if pg.ConstraintName == "" {
			return pg.TableName
		}
		return pg.ConstraintName
	}
	return ""
}

// NewID is a time-ordered key, so that newer rows have greater keys.
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// ReadAt runs fn in a read-only transaction of whom the URL names: for an operator's commands.
func ReadAt(ctx context.Context, url string, fn func(ctx context.Context, tx Tx) error) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("store: connect: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error { return fn(ctx, tx) })
}
