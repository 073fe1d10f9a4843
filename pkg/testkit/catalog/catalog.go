package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/testkit/pg"
)

// Reviewed lists the exceptions of one schema, each with the reason why it is one. An exception that is not needed (any
// more) fails the check too.
type Reviewed struct {
	// Platform are tables without agency_id, e.g. {"policies": "governance is the founder's, for all agencies"}.
	Platform map[string]string
	// Keys are constraints and unique indexes that need not lead with agency_id.
	Keys map[string]string
	// Policies are policies whose condition is not that of the agency, as "table.policy".
	Policies map[string]string
}

// shared are the exceptions of the tables that every schema gets from pkg/db.
func shared() Reviewed {
	return Reviewed{
		Platform: map[string]string{
			"goose_db_version": "versions of migrations", "pkg_db_version": "versions of migrations",
		},
		Keys: map[string]string{
			"outbox_pkey": "a queue, read by the relay alone", "inbox_pkey": "keyed by event id, read by the relay role alone",
		},
		Policies: map[string]string{
			"outbox.writers": "events of the platform have agency 0", "outbox.relay": "the relay carries for all agencies",
			"inbox.relay": "the inbox takes for all agencies", "module_state.relay": "the inbox reads for all agencies",
		},
	}
}

// tenant is the one condition of a tenant policy, as PostgreSQL prints it.
const tenant = "(agency_id = (current_setting('app.current_agency'::text))::bigint)"

// Check migrates the service into a database of t and inspects every table, key, policy, view and role of its schema.
func Check(t testing.TB, svc pg.Service, reviewed Reviewed) {
	t.Helper()
	d := pg.Migrated(t, svc)
	conn := d.Superuser(t)
	c := &check{t: t, conn: conn, schema: svc.Schema, reviewed: merge(shared(), reviewed), used: map[string]bool{}}
	c.tables()
	c.keys()
	c.policies()
	c.grants()
	c.views()
	c.functions()
	c.roles()
	c.unused(reviewed)
}

func merge(a, b Reviewed) Reviewed {
	for k, v := range b.Platform {
		a.Platform[k] = v
	}
	for k, v := range b.Keys {
		a.Keys[k] = v
	}
	for k, v := range b.Policies {
		a.Policies[k] = v
	}
	return a
}

type check struct {
	t        testing.TB
	conn     *pgx.Conn
	schema   string
	reviewed Reviewed
	used     map[string]bool
}

func (c *check) errorf(format string, args ...any) {
	c.t.Helper()
	c.t.Errorf("%s: %s", c.schema, fmt.Sprintf(format, args...))
}

// rows runs a query about the schema ($1) and hands over each row as text.
func (c *check) rows(sql string, f func(v []string)) {
	c.t.Helper()
	rs, err := c.conn.Query(context.Background(), sql, c.schema)
	if err != nil {
		c.t.Fatalf("catalog: %v", err)
	}
	list, err := pgx.CollectRows(rs, func(r pgx.CollectableRow) ([]string, error) {
		var v []string
		if err := r.Scan(&v); err != nil {
			return nil, err
		}
		return v[1:], nil // the first only makes it an array of text: names would be cut
	})
	if err != nil {
		c.t.Fatalf("catalog: %v", err)
	}
	for _, v := range list {
		f(v)
	}
}

func (c *check) excepted(list map[string]string, name string) bool {
	_, ok := list[name]
	if ok {
		c.used[name] = true
	}
	return ok
}

// job tables are River's: it locks and moves rows of all agencies, and only its own role has a grant.
func jobTable(name string) bool { return strings.HasPrefix(name, "river_") }

func (c *check) tables() {
	c.t.Helper()
	c.rows(`SELECT ARRAY[''::text, c.relname, c.relrowsecurity::text, c.relforcerowsecurity::text,
  EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'agency_id' AND a.atttypid = 'bigint'::regtype AND a.attnotnull)::text]
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid AND NOT c.relispartition)
ORDER BY 1`, func(v []string) {
		name, rls, force, agency := v[0], v[1] == "true", v[2] == "true", v[3] == "true"
		if jobTable(name) {
			return
		}
		if !agency {
			if !c.excepted(c.reviewed.Platform, name) {
				c.errorf("table %s has no agency_id bigint NOT NULL and is not on the reviewed list", name)
			}
			return
		}
		if !rls || !force {
			c.errorf("table %s needs ENABLE and FORCE ROW LEVEL SECURITY", name)
		}
	})
}

func (c *check) keys() {
	c.t.Helper()
	c.rows(`SELECT ARRAY[''::text, t.relname, i.relname, coalesce(a.attname, '')]
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
WHERE n.nspname = $1 AND x.indisunique AND EXISTS (SELECT FROM pg_attribute g WHERE g.attrelid = t.oid AND g.attname = 'agency_id')
ORDER BY 1`, func(v []string) {
		if v[2] != "agency_id" && !c.excepted(c.reviewed.Keys, v[1]) {
			c.errorf("unique index %s of %s leads with %q: uniqueness ignores row-level security, so it must lead with agency_id", v[1], v[0], v[2])
		}
	})
	c.rows(`SELECT ARRAY[''::text, t.relname, k.conname, a.attname, f.attname]
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = k.confkey[1]
WHERE n.nspname = $1 AND k.contype = 'f' AND NOT starts_with(t.relname, 'river_')
AND EXISTS (SELECT FROM pg_attribute g WHERE g.attrelid = t.oid AND g.attname = 'agency_id') ORDER BY 1`, func(v []string) {
		if (v[2] != "agency_id" || v[3] != "agency_id") && !c.excepted(c.reviewed.Keys, v[1]) {
			c.errorf("foreign key %s of %s must lead with agency_id on both sides", v[1], v[0])
		}
	})
}

func (c *check) policies() {
	c.t.Helper()
	c.rows(`SELECT ARRAY[''::text, tablename, policyname, permissive, cmd, coalesce(qual, ''), coalesce(with_check, ''), array_to_string(roles, ',')]
FROM pg_policies WHERE schemaname = $1 ORDER BY 1`, func(v []string) {
		name, cmd, qual, with := v[0]+"."+v[1], v[3], v[4], v[5]
		if c.isCross(v[6], cmd) {
			if qual != "true" || with != "" {
				c.errorf("policy %s of the group across agencies must be FOR SELECT USING (true)", name)
			}
			return
		}
		good := true
		switch cmd {
		case "SELECT", "DELETE":
			good = leads(qual)
		case "INSERT":
			good = leads(with)
		default: // ALL and UPDATE: WITH CHECK must be written out
			good = leads(qual) && leads(with)
		}
		if !good && !c.excepted(c.reviewed.Policies, name) {
			c.errorf("policy %s FOR %s must compare agency_id = current_setting('app.current_agency')::bigint in USING and WITH CHECK; it is USING %q WITH CHECK %q", name, cmd, qual, with)
		}
	})
}

func (c *check) isCross(roles, cmd string) bool {
	return roles == c.schema+"_cross" && cmd == "SELECT"
}

// leads accepts the tenant condition alone, or narrowed by AND: never widened by OR.
func leads(condition string) bool {
	if strings.Contains(condition, "current_setting('app.current_agency'::text, ") {
		return false
	}
	return condition == tenant || strings.HasPrefix(condition, "("+tenant+" AND ") && !topLevelOr(condition)
}

// topLevelOr finds an OR beside the tenant condition; one inside the parentheses of a further condition only narrows.
func topLevelOr(condition string) bool {
	depth := 0
	for i := range len(condition) {
		switch condition[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 1 && strings.HasPrefix(condition[i:], " OR ") {
			return true
		}
	}
	return false
}

// grants finds a right that no policy covers: such a grant reads as one and gives nothing, or points at a forgotten policy.
func (c *check) grants() {
	c.t.Helper()
	c.rows(`SELECT ARRAY[''::text, g.table_name, g.grantee, g.privilege_type]
FROM information_schema.role_table_grants g JOIN pg_class t ON t.relname = g.table_name
JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = g.table_schema
WHERE g.table_schema = $1 AND t.relrowsecurity AND g.grantee <> $1 || '_migrator' AND g.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
AND NOT EXISTS (SELECT FROM pg_policies p WHERE p.schemaname = g.table_schema AND p.tablename = g.table_name
  AND p.cmd IN ('ALL', g.privilege_type) AND (g.grantee = ANY (p.roles) OR 'public' = ANY (p.roles)))
ORDER BY 1`, func(v []string) {
		c.errorf("%s has %s on %s, and no policy for it", v[1], v[2], v[0])
	})
	c.rows(`SELECT ARRAY[''::text, g.table_name, g.grantee, g.privilege_type] FROM information_schema.role_table_grants g
WHERE g.table_schema = $1 AND (g.grantee = 'PUBLIC' OR (g.grantee = $1 || '_login' AND g.table_name NOT IN ('goose_db_version', 'pkg_db_version'))
 OR (g.grantee = $1 || '_cross' AND g.privilege_type <> 'SELECT') OR (g.privilege_type = 'TRUNCATE' AND g.grantee <> $1 || '_migrator'))
ORDER BY 1`, func(v []string) {
		c.errorf("%s must not have %s on %s", v[1], v[2], v[0])
	})
}

func (c *check) views() {
	c.t.Helper()
	c.rows(`SELECT ARRAY[''::text, c.relname, c.relkind::text, coalesce(array_to_string(c.reloptions, ','), '')]
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('v', 'm') ORDER BY 1`, func(v []string) {
		opts := strings.Split(v[2], ",")
		if v[1] == "m" {
			c.errorf("materialized view %s holds rows of all agencies and has no policies", v[0])
		} else if !slices.Contains(opts, "security_invoker=true") && !slices.Contains(opts, "security_invoker=on") {
			c.errorf("view %s needs security_invoker = true: without it, it reads with its owner's rights", v[0])
		}
	})
}

func (c *check) functions() {
	c.t.Helper()
	c.rows(`SELECT ARRAY[''::text, p.proname, coalesce(array_to_string(p.proconfig, ','), '')] FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = $1 AND p.prosecdef ORDER BY 1`, func(v []string) {
		if !strings.Contains(v[1], "search_path=") {
			c.errorf("function %s is SECURITY DEFINER without a fixed search_path", v[0])
		}
	})
}

func (c *check) roles() {
	c.t.Helper()
	c.rows(`SELECT ARRAY[''::text, r.rolname, (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication)::text, r.rolcanlogin::text, r.rolinherit::text]
FROM pg_roles r WHERE starts_with(r.rolname, $1 || '_') ORDER BY 1`, func(v []string) {
		name := v[0]
		if v[1] == "true" {
			c.errorf("role %s has an attribute above the law (SUPERUSER, BYPASSRLS, CREATEROLE, CREATEDB, REPLICATION)", name)
		}
		login := name == c.schema+"_login" || name == c.schema+"_migrator"
		if (v[2] == "true") != login {
			c.errorf("role %s: LOGIN is %s", name, v[2])
		}
		if name == c.schema+"_login" && v[3] == "true" {
			c.errorf("role %s must be NOINHERIT: it takes a group role for each transaction", name)
		}
	})
	c.rows(`SELECT ARRAY[''::text, c.relname, r.rolname] FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
WHERE n.nspname = $1 AND r.rolname <> $1 || '_migrator' ORDER BY 1`, func(v []string) {
		c.errorf("%s is owned by %s, not by the migrator", v[0], v[1])
	})
	c.rows(`SELECT ARRAY[''::text, g.rolname] FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles l ON l.oid = m.member
WHERE l.rolname = $1 || '_login' AND (NOT starts_with(g.rolname, $1 || '_') OR g.rolname = $1 || '_migrator') ORDER BY 1`, func(v []string) {
		c.errorf("the login is a member of %s", v[0])
	})
}

// unused reports exceptions that excuse nothing.
func (c *check) unused(given Reviewed) {
	c.t.Helper()
	for _, list := range []map[string]string{given.Platform, given.Keys, given.Policies} {
		for name, reason := range list {
			if !c.used[name] {
				c.errorf("the reviewed exception %q excuses nothing", name)
			}
			if reason == "" {
				c.errorf("the reviewed exception %q has no reason", name)
			}
		}
	}
}
