package selftest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The states that PostgreSQL refuses with: a right is missing, a subject is no uuid, a setting is not known.
var refusals = map[string]bool{"42501": true, "22P02": true, "42704": true}

func checks(conn *pgx.Conn) []check {
	return []check{
		{"rows: the login is not above the rules", func(ctx context.Context) error { return login(ctx, conn) }},
		{"rows: every table forces row-level security", func(ctx context.Context) error { return forced(ctx, conn) }},
		{"rows: nothing is read without a subject", func(ctx context.Context) error {
			return in(ctx, conn, "carefusion_patient", "", func(tx pgx.Tx) error {
				return mustRefuse(ctx, tx, `SELECT FROM carefusion.appointment`)
			})
		}},
		{"rows: somebody unknown has none", func(ctx context.Context) error { return none(ctx, conn) }},
		{"audit: a record is added to the chain", func(ctx context.Context) error { return chained(ctx, conn) }},
		{"audit: a record cannot be changed", func(ctx context.Context) error {
			return in(ctx, conn, "carefusion_admin", uuid.NewString(), func(tx pgx.Tx) error {
				return mustRefuse(ctx, tx, `UPDATE carefusion.audit_record SET body = body`)
			})
		}},
	}
}

func login(ctx context.Context, conn *pgx.Conn) error {
	var user string
	var above bool
	err := conn.QueryRow(ctx, `SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user`).Scan(&user, &above)
	if err == nil && above {
		err = fmt.Errorf("%s is a superuser, passes row-level security or makes roles", user)
	}
	return err
}

func forced(ctx context.Context, conn *pgx.Conn) error {
	var tables int
	var open []string
	err := conn.QueryRow(ctx, `SELECT count(*), COALESCE(array_agg(relname::text) FILTER (WHERE NOT (relrowsecurity AND relforcerowsecurity)), '{}')
		FROM pg_class WHERE relnamespace = to_regnamespace('carefusion') AND relkind IN ('r', 'p') AND relname <> 'goose_db_version'`).Scan(&tables, &open)
	if err != nil {
		return err
	}
	if tables == 0 {
		return errors.New("there are no tables: run the migration")
	}
	if len(open) > 0 {
		return fmt.Errorf("not on %s", strings.Join(open, ", "))
	}
	return nil
}

func none(ctx context.Context, conn *pgx.Conn) error {
	return in(ctx, conn, "carefusion_patient", uuid.NewString(), func(tx pgx.Tx) error {
		for _, table := range []string{"patient", "appointment", "session", "message", "note"} {
			var n int
			if err := tx.QueryRow(ctx, `SELECT count(*) FROM carefusion.`+pgx.Identifier{table}.Sanitize()).Scan(&n); err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			if n != 0 {
				return fmt.Errorf("a patient whom nobody knows sees %d rows of %s", n, table)
			}
		}
		return nil
	})
}

// chained adds a record as the service does, and reads back that it continues the one before. It is taken back: a test is no event.
func chained(ctx context.Context, conn *pgx.Conn) error {
	return in(ctx, conn, "carefusion_admin", uuid.NewString(), func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT carefusion.append_audit($1)`, `{"method":"selftest","outcome":"OK"}`); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT sequence, body, prev_hash, hash FROM carefusion.audit_record ORDER BY sequence DESC LIMIT 2`)
		if err != nil {
			return err
		}
		type record struct {
			Sequence   int64
			Body       string
			Prev, Hash []byte
		}
		last, err := pgx.CollectRows(rows, pgx.RowToStructByPos[record])
		if err != nil || len(last) == 0 {
			return fmt.Errorf("the record is not in the log: %w", err)
		}
		want := sha256.New()
		want.Write(last[0].Prev)
		want.Write([]byte(strconv.FormatInt(last[0].Sequence, 10) + " " + last[0].Body))
		if !bytes.Equal(want.Sum(nil), last[0].Hash) || (len(last) == 2 && !bytes.Equal(last[0].Prev, last[1].Hash)) {
			return fmt.Errorf("record %d does not continue the one before", last[0].Sequence)
		}
		return nil
	})
}

// in runs fn in a transaction of a group role, as the service does, and takes it back.
func in(ctx context.Context, conn *pgx.Conn, role, subject string, fn func(tx pgx.Tx) error) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if _, err := tx.Exec(ctx, `SELECT set_config('role', $1, true), set_config('app.current_subject', $2, true)`, role, subject); err != nil {
		return fmt.Errorf("become %s: %w", role, err)
	}
	return fn(tx)
}

func mustRefuse(ctx context.Context, tx pgx.Tx, sql string) error {
	_, err := tx.Exec(ctx, sql)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && refusals[pg.Code] {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.New("the database let it happen")
}
