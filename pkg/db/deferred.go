package db

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

var errNoResult = errors.New("db: a deferred statement returns nothing")

// Deferred satisfies sqlc's DBTX for statements whose result nobody needs: they are sent with the commit, or with the next
// statement that is not deferred, and so cost no round trip of their own. What goes wrong in them is the error of that
// statement or of Write; db.Constraint works on it all the same.
type Deferred struct{ tx *Tx }

// Deferred gives the view of tx that defers.
func (tx *Tx) Deferred() Deferred { return Deferred{tx: tx} }

// Exec queues the statement. The tag is empty.
func (d Deferred) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	switch {
	case d.tx.closed:
		return pgconn.CommandTag{}, errClosed
	case d.tx.begin != beginWrite:
		return pgconn.CommandTag{}, errors.New("db: a deferred statement in a transaction that only reads")
	}
	d.tx.deferred = append(d.tx.deferred, statement{sql, args})
	return pgconn.CommandTag{}, nil
}

// Query is not possible.
func (d Deferred) Query(context.Context, string, ...any) (pgx.Rows, error) { return nil, errNoResult }

// QueryRow is not possible.
func (d Deferred) QueryRow(context.Context, string, ...any) pgx.Row { return row{err: errNoResult} }

type statement struct {
	sql  string
	args []any
}

// queueDeferred moves what was deferred into b and says how many statements that were.
func (tx *Tx) queueDeferred(b *pgx.Batch) int {
	n := len(tx.deferred)
	for _, s := range tx.deferred {
		b.Queue(s.sql, s.args...)
	}
	tx.deferred = nil
	return n
}

// readAll reads the results of n statements and stops at the first that failed.
func readAll(br pgx.BatchResults, n int) error {
	for range n {
		if _, err := br.Exec(); err != nil {
			return err
		}
	}
	return nil
}
