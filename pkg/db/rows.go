package db

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// rows hides the connection and, for the first statement of a transaction, closes the batch it came in.
type rows struct {
	pgx.Rows
	done func() error
	err  error
}

func (r *rows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.finish()
	return false
}

func (r *rows) Close() {
	r.Rows.Close()
	r.finish()
}

func (r *rows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.err
}

// Conn is nil: statements outside of the transaction's scope must not exist.
func (r *rows) Conn() *pgx.Conn { return nil }

func (r *rows) finish() {
	if r.done != nil {
		r.err = r.done()
		r.done = nil
	}
}

type row struct {
	row  pgx.Row
	done func() error
	err  error
}

func (r row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	err := r.row.Scan(dest...)
	if cerr := r.done(); err == nil {
		err = cerr
	}
	return err
}

// batchResults closes the batch through the transaction, so that it knows the connection is free again.
type batchResults struct {
	pgx.BatchResults
	done func() error
}

func (b batchResults) Close() error { return b.done() }

type failedBatch struct{ err error }

func (f failedBatch) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, f.err }
func (f failedBatch) Query() (pgx.Rows, error)         { return nil, f.err }
func (f failedBatch) QueryRow() pgx.Row                { return row{err: f.err} }
func (f failedBatch) Close() error                     { return f.err }
func (f failedBatch) Tx() pgx.Tx                       { return nil }
