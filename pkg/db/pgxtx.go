package db

import (
	"context"
	"errors"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

var errNotHere = errors.New("db: not possible inside a transaction of pkg/db")

// pgxTx shows a Tx to the job queue as the pgx.Tx that its driver wants. It can neither commit nor reach the connection.
type pgxTx struct {
	*Tx
	depth int
}

// Begin opens a savepoint.
func (t pgxTx) Begin(ctx context.Context) (pgx.Tx, error) {
	inner := pgxTx{Tx: t.Tx, depth: t.depth + 1}
	_, err := t.Exec(ctx, "SAVEPOINT "+inner.name())
	return inner, err
}

func (t pgxTx) name() string { return "job_" + strconv.Itoa(t.depth) }

// Commit releases the savepoint.
func (t pgxTx) Commit(ctx context.Context) error {
	if t.depth == 0 {
		return errNotHere
	}
	_, err := t.Exec(ctx, "RELEASE SAVEPOINT "+t.name())
	return err
}

// Rollback returns to the savepoint.
func (t pgxTx) Rollback(ctx context.Context) error {
	if t.depth == 0 {
		return errNotHere
	}
	_, err := t.Exec(ctx, "ROLLBACK TO SAVEPOINT "+t.name())
	return err
}

// CopyFrom loads rows in bulk. PostgreSQL refuses COPY into tables with row-level security, which is why Tx has no such
// method: bulk writes of a service are INSERT … SELECT unnest(…). The job queue's tables have no policies.
func (t pgxTx) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, src pgx.CopyFromSource) (int64, error) {
	if err := t.ready(); err != nil {
		return 0, err
	}
	return t.conn.CopyFrom(ctx, table, columns, src)
}

// LargeObjects is not offered.
func (t pgxTx) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

// Prepare is not offered: statements are prepared by use.
func (t pgxTx) Prepare(context.Context, string, string) (*pgconn.StatementDescription, error) {
	return nil, errNotHere
}

// Conn is nil: statements outside of the transaction must not exist.
func (t pgxTx) Conn() *pgx.Conn { return nil }
