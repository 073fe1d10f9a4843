package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/services/audit/internal/store/dbsqlc"
	"github.com/fusionems/quantum/services/audit/internal/tlog"
	"github.com/fusionems/quantum/services/audit/internal/trail"
)

// Scan reads the whole log in one snapshot with cursors, as the role that may read across agencies. It is for the
// operator's command, which runs outside of the service: no principal, no pool, no time limit.
type Scan struct {
	conn *pgx.Conn
	open map[string]bool
}

// OpenScan connects and begins the snapshot.
func OpenScan(ctx context.Context, url string) (*Scan, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, errors.New("store: the database cannot be reached with this URL")
	}
	s := &Scan{conn: conn, open: map[string]bool{}}
	for _, sql := range []string{
		"SET ROLE audit_cross", "SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0",
		"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			s.Close(ctx)
			return nil, fmt.Errorf("store: %s: %w", sql, err)
		}
	}
	return s, nil
}

// Close ends the snapshot.
func (s *Scan) Close(ctx context.Context) { _ = s.conn.Close(context.WithoutCancel(ctx)) }

// fetch takes the next rows of a cursor, which it opens when first used.
func (s *Scan) fetch(ctx context.Context, cursor, query string, limit int) (pgx.Rows, error) {
	if !s.open[cursor] {
		if _, err := s.conn.Exec(ctx, "DECLARE "+cursor+" NO SCROLL CURSOR FOR "+query); err != nil {
			return nil, err
		}
		s.open[cursor] = true
	}
	return s.conn.Query(ctx, fmt.Sprintf("FETCH %d FROM %s", limit, cursor))
}

const entryColumns = `leaf_index, event_id, agency_id, stream, outcome, occurred_time, log_time, service, action, resource,
reason, actor, actor_kind, role, executed_by, policy_version_id, request_id, detail, salt, leaf_input`

// Entries answers the next entries by leaf index.
func (s *Scan) Entries(ctx context.Context, limit int) ([]trail.Entry, error) {
	rs, err := s.fetch(ctx, "entries", "SELECT "+entryColumns+" FROM audit.entry ORDER BY leaf_index", limit)
	if err != nil {
		return nil, err
	}
	rows, err := pgx.CollectRows(rs, pgx.RowToStructByPos[dbsqlc.AuditEntry])
	list := make([]trail.Entry, len(rows))
	for i, r := range rows {
		list[i] = entryOf(r)
	}
	return list, err
}

// Checkpoint answers the next checkpoint by size.
func (s *Scan) Checkpoint(ctx context.Context) (h trail.Head, ok bool, err error) {
	rs, err := s.fetch(ctx, "checkpoints", "SELECT tree_size, root_hash, note FROM audit.checkpoint ORDER BY tree_size", 1)
	if err != nil {
		return h, false, err
	}
	h, err = pgx.CollectOneRow(rs, func(row pgx.CollectableRow) (h trail.Head, err error) {
		err = row.Scan(&h.Size, &h.Root, &h.Note)
		return h, err
	})
	if isNone(err) {
		return h, false, nil
	}
	return h, err == nil, err
}

// Run answers the next run of a level by index.
func (s *Scan) Run(ctx context.Context, level uint) (r tlog.Run, ok bool, err error) {
	rs, err := s.fetch(ctx, fmt.Sprintf("level_%d", level),
		fmt.Sprintf("SELECT first_index, hashes FROM audit.node WHERE level = %d ORDER BY first_index", level), 1)
	if err != nil {
		return r, false, err
	}
	r, err = pgx.CollectOneRow(rs, func(row pgx.CollectableRow) (tlog.Run, error) {
		r := tlog.Run{Level: level}
		return r, row.Scan(&r.First, &r.Hashes)
	})
	if isNone(err) {
		return r, false, nil
	}
	return r, err == nil, err
}

// Levels answers how many levels have nodes.
func (s *Scan) Levels(ctx context.Context) (n uint, err error) {
	err = s.conn.QueryRow(ctx, "SELECT coalesce(max(level) + 1, 0) FROM audit.node").Scan(&n)
	return n, err
}

// Unprotected names tables whose trigger against changes is not there or not always on, and tables of tenants whose
// row-level security is not forced.
func (s *Scan) Unprotected(ctx context.Context) ([]string, error) {
	return s.texts(ctx, `SELECT 'table audit.' || c.relname || ' can be changed: its trigger append_only is not always on'
FROM pg_class c WHERE c.relnamespace = 'audit'::regnamespace
  AND c.relname IN ('entry', 'node', 'checkpoint', 'policy_version', 'policy_activation')
  AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'append_only' AND t.tgenabled = 'A')
UNION ALL
SELECT 'table audit.entry: row-level security is not forced' FROM pg_class c
WHERE c.oid = 'audit.entry'::regclass AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
ORDER BY 1`)
}

// AlteredPolicies names policy versions whose document has another hash.
func (s *Scan) AlteredPolicies(ctx context.Context) ([]string, error) {
	return s.texts(ctx, `SELECT key || ' ' || version FROM audit.policy_version
WHERE sha256 <> pg_catalog.sha256(convert_to(document, 'UTF8')) ORDER BY key, version`)
}

func (s *Scan) texts(ctx context.Context, sql string) ([]string, error) {
	rs, err := s.conn.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rs, pgx.RowTo[string])
}
