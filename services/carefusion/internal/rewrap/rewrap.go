package rewrap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/seal"
)

// column is one column of sealed values; id and place are SQL: the row's key, and what its values are bound to.
type column struct{ table, name, id, place string }

// columns are all that hold sealed values, with the places that the services name. A test compares them with the schema.
func columns() []column {
	return []column{
		{"patient", "sealed_person", "patient_id::text", "'patient person ' || patient_id"},
		{"patient", "sealed_email", "patient_id::text", "'patient email ' || patient_id"},
		{"appointment", "sealed_reason", "appointment_id::text", "'appointment reason ' || appointment_id"},
		{"message", "sealed_body", "message_id::text", "'message body ' || message_id"},
		{"note_version", "sealed_body", "note_id || ' ' || version", "'note body ' || note_id || ' ' || version"},
	}
}

// batch is how many rows are held at once; what was committed is not done again after an interruption.
const batch = 200

// Run seals anew what the newest key did not seal, as the schema's owner, and answers how many values it did. Readers and
// writers go on: they open with every key, and write with the newest.
func Run(ctx context.Context, url string, sealer *seal.Sealer, clock func() time.Time) (int, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, fmt.Errorf("rewrap: connect: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtext('carefusion rewrap'))`); err != nil {
		return 0, fmt.Errorf("rewrap: %w", err)
	}
	done := 0
	for _, c := range columns() {
		for {
			n, err := some(ctx, conn, c, sealer)
			done += n
			if err != nil {
				return done, fmt.Errorf("rewrap: %s.%s: %w", c.table, c.name, err)
			}
			if n < batch {
				break
			}
		}
	}
	return done, record(ctx, conn, clock())
}

func some(ctx context.Context, conn *pgx.Conn, c column, sealer *seal.Sealer) (int, error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	prefix := sealer.Prefix()
	rows, err := tx.Query(ctx, fmt.Sprintf(`SELECT %s, %s, %s FROM carefusion.%s WHERE substring(%s FOR $1) <> $2 LIMIT %d FOR UPDATE`, c.id, c.place, c.name, c.table, c.name, batch), len(prefix), prefix)
	if err != nil {
		return 0, err
	}
	ids, values, err := open(rows, sealer)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	if _, err := tx.Exec(ctx, fmt.Sprintf(`UPDATE carefusion.%s SET %s = n.v FROM unnest($1::text[], $2::bytea[]) AS n(i, v) WHERE %s = n.i`, c.table, c.name, c.id), ids, values); err != nil {
		return 0, err
	}
	return len(ids), tx.Commit(ctx)
}

// open answers keys of rows and their values, sealed anew.
func open(rows pgx.Rows, sealer *seal.Sealer) (ids []string, values [][]byte, err error) {
	defer rows.Close()
	for rows.Next() {
		var id, place string
		var sealed []byte
		if err := rows.Scan(&id, &place, &sealed); err != nil {
			return nil, nil, err
		}
		text, err := sealer.Open(place, sealed)
		if err != nil {
			return nil, nil, errors.New("a value does not open with any key; keep the older keys in the file")
		}
		ids, values = append(ids, id), append(values, sealer.Seal(place, text))
	}
	return ids, values, rows.Err()
}

func record(ctx context.Context, conn *pgx.Conn, now time.Time) error {
	body, err := json.Marshal(audit.Record{Time: now.UTC().Truncate(time.Microsecond), Role: "system", Method: "rewrap", Outcome: "OK"})
	if err == nil {
		_, err = conn.Exec(ctx, `SELECT carefusion.append_audit($1)`, string(body))
	}
	return err
}
