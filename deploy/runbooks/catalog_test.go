//go:build rehearsal

package runbooks

import (
	"maps"
	"strconv"
	"strings"
)

// rows counts every table that has a tenant, seen by a superuser.
func (r *rehearsal) rows(database string) map[string]int64 {
	r.t.Helper()
	out := map[string]int64{}
	list := r.psql(database, `SELECT string_agg(format('SELECT %L, count(*) FROM %s', c.oid::regclass, c.oid::regclass), ' UNION ALL ')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'agency_id' JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname <> 'issuer'`)
	for line := range strings.SplitSeq(r.psql(database, list), "\n") {
		name, count, _ := strings.Cut(line, "|")
		n, err := strconv.ParseInt(count, 10, 64)
		if err != nil {
			r.t.Fatal(err)
		}
		out[name] = n
	}
	return out
}

func equal(a, b map[string]int64) bool { return maps.Equal(a, b) }

// privileges is everything in the catalog that decides who may see what: roles and their memberships, policies, grants, triggers.
func (r *rehearsal) privileges(database string) string {
	r.t.Helper()
	return r.psql(database, `
SELECT 'role', rolname, concat_ws(',', rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls) FROM pg_roles
UNION ALL SELECT 'member', roleid::regrole::text, member::regrole::text FROM pg_auth_members
UNION ALL SELECT 'policy', schemaname || '.' || tablename || '.' || policyname, concat_ws(',', permissive, roles, cmd, qual, with_check) FROM pg_policies
UNION ALL SELECT 'table', c.oid::regclass::text, concat_ws(',', c.relrowsecurity, c.relforcerowsecurity, c.relowner::regrole, (SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM unnest(c.relacl) x))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'S') AND n.nspname !~ '^pg_|^information_schema$'
UNION ALL SELECT 'schema', nspname, concat_ws(',', nspowner::regrole, nspacl::text) FROM pg_namespace WHERE nspname !~ '^pg_'
UNION ALL SELECT 'trigger', tgrelid::regclass::text || '.' || tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
ORDER BY 1, 2, 3`)
}
