package db

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// nobody is an agency number that is never given out, nor are its neighbours below: whoever works for it must see no row at all.
const nobody = 1<<53 - 11

// CheckLogin says why the login role of this process is above the law: row-level security does not bind a superuser, a role with
// BYPASSRLS, or the owner of a table, and a role that may become such a one is no better.
func (d *DB) CheckLogin(ctx context.Context) error {
	var above, owned []string
	err := d.pool.QueryRow(ctx, `SELECT
  coalesce((SELECT array_agg(r.rolname::text ORDER BY 1) FROM pg_roles r WHERE pg_has_role(current_user, r.oid, 'MEMBER')
    AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication)), '{}'),
  coalesce((SELECT array_agg(o.name ORDER BY 1) FROM (
    SELECT format('%s.%s', n.nspname, c.relname) AS name, c.relowner AS owner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname NOT LIKE 'pg\_temp%' AND n.nspname NOT LIKE 'pg\_toast%'
    UNION ALL SELECT 'schema ' || n.nspname, n.nspowner FROM pg_namespace n
    UNION ALL SELECT 'function ' || p.proname, p.proowner FROM pg_proc p
    UNION ALL SELECT 'database ' || b.datname, b.datdba FROM pg_database b
  ) o WHERE pg_has_role(current_user, o.owner, 'MEMBER')), '{}')`).Scan(&above, &owned)
	switch {
	case err != nil:
		return Map(err)
	case len(above) > 0:
		return fmt.Errorf("the login may become %s, which row-level security does not bind", strings.Join(above, ", "))
	case len(owned) > 0:
		return fmt.Errorf("the login owns, or may own, %s: owners can switch row-level security off", strings.Join(owned, ", "))
	}
	return nil
}

// tenantTables are the tables of the schema that hold rows of agencies.
const tenantTables = `SELECT c.oid, c.relname::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND EXISTS (SELECT FROM pg_attribute a
  WHERE a.attrelid = c.oid AND a.attname = 'agency_id' AND NOT a.attisdropped)`

// CheckForced says which tables with rows of agencies are without row-level security, or do not force it upon their owner. It answers
// how many there are.
func (d *DB) CheckForced(ctx context.Context) (int, error) {
	var n int
	var bare []string
	err := d.pool.QueryRow(ctx, `SELECT count(*)::int, coalesce(array_agg(name ORDER BY name) FILTER (WHERE NOT forced), '{}') FROM (`+tenantTables+`) t`,
		d.schema).Scan(&n, &bare)
	switch {
	case err != nil:
		return 0, Map(err)
	case n == 0:
		return 0, fmt.Errorf("schema %s has no table with rows of agencies: is it migrated?", d.schema)
	case len(bare) > 0:
		return n, fmt.Errorf("%s: row-level security is not enabled and forced", strings.Join(bare, ", "))
	}
	return n, nil
}

// reader is a group role that may read a table of tenants.
type reader struct{ Role, Table string }

// readers are all pairs of a table and a group role that may read it. The machinery's roles and the group across agencies read all
// agencies by design, and so do the exceptions, "group/table", each of which must be there.
func (d *DB) readers(ctx context.Context, except map[string]string) ([]reader, error) {
	rs, err := d.pool.Query(ctx, `SELECT g.rolname::text AS role, t.name AS "table" FROM (`+tenantTables+`) t
JOIN pg_roles g ON pg_has_role(current_user, g.oid, 'MEMBER') AND has_table_privilege(g.oid, t.oid, 'SELECT')
WHERE g.rolname NOT IN ($1 || '_relay', $1 || '_jobs', $1 || '_cross', current_user) ORDER BY 2, 1`, d.schema)
	if err != nil {
		return nil, Map(err)
	}
	all, err := pgx.CollectRows(rs, pgx.RowToStructByName[reader])
	if err != nil {
		return nil, Map(err)
	}
	var list []reader
	excused := map[string]bool{}
	for _, r := range all {
		pair := strings.TrimPrefix(r.Role, d.schema+"_") + "/" + r.Table
		if except[pair] != "" {
			excused[pair] = true
			continue
		}
		list = append(list, r)
	}
	for pair := range except {
		if !excused[pair] {
			return nil, fmt.Errorf("the exception %s excuses nothing: there is no such reading", pair)
		}
	}
	return list, nil
}

// CheckAgencyNeeded reads every table as every group that may, without an agency: each such statement must be an error, for one that
// answers nothing would be a mistake that nobody notices. It answers how many statements were tried.
func (d *DB) CheckAgencyNeeded(ctx context.Context, except map[string]string) (int, error) {
	list, err := d.readers(ctx, except)
	var wrong []error
	for _, r := range list {
		_, err := d.countAs(ctx, r, "")
		var pg *pgconn.PgError
		switch {
		case err == nil:
			wrong = append(wrong, fmt.Errorf("%s reads %s without an agency and is not refused", r.Role, r.Table))
		// The empty setting is no number, and one that was never set is unknown.
		case !errors.As(err, &pg) || (pg.Code != "22P02" && pg.Code != "42704"):
			wrong = append(wrong, fmt.Errorf("%s reads %s without an agency: another error than that: %w", r.Role, r.Table, err))
		}
	}
	return len(list), errors.Join(append(wrong, err)...)
}

// CheckSeparated reads every table as every group that may, for an agency that there is not: it must see nothing. And since a database may be
// empty, a row that is written for one agency, and rolled back, must be invisible and unwritable for another one.
func (d *DB) CheckSeparated(ctx context.Context, except map[string]string) (int, error) {
	list, err := d.readers(ctx, except)
	if err != nil {
		return 0, err
	}
	var wrong []error
	for _, r := range list {
		switch n, err := d.countAs(ctx, r, fmt.Sprint(nobody)); {
		case err != nil:
			wrong = append(wrong, fmt.Errorf("%s reads %s: %w", r.Role, r.Table, err))
		case n > 0:
			wrong = append(wrong, fmt.Errorf("%s sees %d rows of other agencies in %s", r.Role, n, r.Table))
		}
	}
	return len(list), errors.Join(append(wrong, d.checkProbe(ctx))...)
}

func (d *DB) countAs(ctx context.Context, r reader, agency string) (n int64, err error) {
	err = d.rolledBack(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, setScope, r.Role, agency, "selftest"); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "SELECT count(*) FROM "+quoted(d.schema, r.Table)).Scan(&n)
	})
	return n, err
}

// checkProbe writes into module_state, the one table of tenants that every schema has.
func (d *DB) checkProbe(ctx context.Context) error {
	table := quoted(d.schema, "module_state")
	insert := "INSERT INTO " + table + " (agency_id, module, enabled, revision) VALUES ($1, 'selftest', true, 0)"
	return d.rolledBack(ctx, func(tx pgx.Tx) error {
		as := func(agency int64) error {
			_, err := tx.Exec(ctx, setScope, d.schema+"_system", fmt.Sprint(agency), "selftest")
			return err
		}
		count := "SELECT count(*) FROM " + table + " WHERE agency_id = $1 AND module = 'selftest'"
		var own, foreign int
		if err := as(nobody); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, insert, int64(nobody)); err != nil {
			return fmt.Errorf("a row of the own agency is refused: %w", err)
		}
		if err := tx.QueryRow(ctx, count, int64(nobody)).Scan(&own); err != nil {
			return err
		}
		if err := as(nobody - 1); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, count, int64(nobody)).Scan(&foreign); err != nil {
			return err
		}
		if own != 1 || foreign != 0 {
			return fmt.Errorf("of one row in module_state its agency sees %d, and another one %d", own, foreign)
		}
		_, err := tx.Exec(ctx, insert, int64(nobody-2))
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != "42501" {
			return fmt.Errorf("a row of another agency is not refused by its policy: %v", err)
		}
		return nil
	})
}

func (d *DB) rolledBack(ctx context.Context, fn func(pgx.Tx) error) error {
	tx, err := d.pool.Begin(ctx)
	if err != nil {
		return Map(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	return fn(tx)
}
