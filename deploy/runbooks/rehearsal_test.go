//go:build rehearsal

package runbooks

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fusionems/quantum/pkg/testkit/pg"
)

// rehearsal has the folders of two clusters, of the archive and of the backups.
type rehearsal struct {
	*shell
	dir, archive string
	counts       map[string]int64
	catalog      string
}

const superuser = "rehearsal-only"

func newRehearsal(t *testing.T) *rehearsal {
	t.Helper()
	r := &rehearsal{shell: newShell(t), dir: folder(t)}
	r.archive = filepath.Join(r.dir, "archive")
	for _, d := range []string{r.archive, filepath.Join(r.dir, "backup"), filepath.Join(r.dir, "tools")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() == 0 {
		if out, err := exec.CommandContext(t.Context(), "chown", "postgres:", r.archive).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
	return r
}

// cluster starts PostgreSQL as backup-restore.md wants it.
func (r *rehearsal) cluster(data string) *pg.Server {
	r.t.Helper()
	s, err := pg.Start(r.t.Context(), pg.Options{DataDir: data, Durable: true, Password: superuser, Settings: map[string]string{
		"wal_level": "replica", "archive_mode": "on", "archive_timeout": "60", "max_connections": "200",
		"archive_command": strings.ReplaceAll(`test ! -f /archive/%f && cp %p /archive/%f.part && mv /archive/%f.part /archive/%f`, "/archive", r.archive),
	}})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = s.Stop() })
	if _, err := os.Stat(filepath.Join(data, "recovery.signal")); os.IsNotExist(err) {
		r.psql(s.URL("postgres"), "CREATE DATABASE fleet TEMPLATE template0 ENCODING 'UTF8'")
	}
	return s
}

// psql runs a statement and answers what it prints.
func (r *rehearsal) psql(database, sql string) string {
	r.t.Helper()
	out, err := exec.CommandContext(r.t.Context(), "psql", "-XAtc", sql, database).CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s: %v %s", sql, err, out)
	}
	return strings.TrimSpace(string(out))
}

// connect sets the variables of the page for a fleet.
func (r *rehearsal) connect(f *fleet) {
	r.t.Helper()
	u, err := url.Parse(f.database)
	if err != nil {
		r.t.Fatal(err)
	}
	password, _ := u.User.Password()
	pgBin, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	path := append([]string{binaries(r.t)}, append(pgBin, os.Getenv("PATH"))...)
	for k, v := range map[string]string{
		"PGHOST": u.Hostname(), "PGPORT": u.Port(), "PGUSER": u.User.Username(), "PGPASSWORD": password, "PGDATABASE": "fleet",
		"BACKUP": filepath.Join(r.dir, "backup"), "ARCHIVE": r.archive, "TOOLS": filepath.Join(r.dir, "tools"), "NEW_PGDATA": filepath.Join(r.dir, "new"),
		"NATS_URL": f.Env()["NATS_URL"], "PATH": strings.Join(path, ":"),
		"CERT": filepath.Join(f.Dir(), "pki", "operator.crt"), "KEY": filepath.Join(f.Dir(), "pki", "operator.key"), "CA": filepath.Join(f.Dir(), "pki", "ca.crt"),
	} {
		r.env[k] = v
	}
	for _, kv := range f.ServiceEnv("audit") {
		if k, v, _ := strings.Cut(kv, "="); strings.HasPrefix(k, "FLEET_DATABASE_URL") || strings.HasPrefix(k, "FLEET_CHECKPOINT") {
			r.env[k] = v
		}
	}
}

// moment is what the databases are recovered to, with what is in them at it.
func (r *rehearsal) moment(f *fleet) string {
	r.t.Helper()
	r.counts, r.catalog = r.rows(f.database), r.privileges(f.database)
	at := r.psql(f.database, `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')`)
	r.env["TARGET"] = at
	time.Sleep(10 * time.Millisecond) // what comes next is later by every clock
	if again := r.rows(f.database); !equal(r.counts, again) {
		r.t.Fatalf("rows came while they were counted: %v and %v", r.counts, again)
	}
	return at
}

// again takes the streams' regular backup, after the moment: it holds events that must not come back.
func (r *rehearsal) again() {
	r.t.Helper()
	for _, b := range marked(r.t, "backup-restore.md", "backup") {
		if strings.Contains(b.script, "streams") {
			r.block(b)
		}
	}
}

// archived waits until the log so far lies in the archive.
func (r *rehearsal) archived(s *pg.Server, f *fleet) {
	r.t.Helper()
	segment := r.psql(s.URL("fleet"), `SELECT pg_walfile_name(pg_switch_wal())`)
	eventually(r.t, "the segment is archived", func() bool {
		_, err := os.Stat(filepath.Join(r.archive, segment))
		return err == nil
	})
}

// destroy leaves the archive, the backups and the keys.
func (r *rehearsal) destroy(s *pg.Server) {
	r.t.Helper()
	signal(r.t, s.PID(), syscall.SIGQUIT)
	<-s.Done()
	for _, d := range []string{"old", "fleet/nats"} {
		if err := os.RemoveAll(filepath.Join(r.dir, d)); err != nil {
			r.t.Fatal(err)
		}
	}
}

// recover follows the page from the recovered cluster to the rewound streams.
func (r *rehearsal) recover(moment string) *pg.Server {
	r.t.Helper()
	var s *pg.Server
	r.timed("recover PostgreSQL to "+moment, func() {
		r.run("backup-restore.md", "recover")
		s = r.cluster(r.env["NEW_PGDATA"])
		r.env["PGPORT"] = portOf(r.t, s.URL("fleet"))
		eventually(r.t, "it is promoted", func() bool { return r.psql(s.URL("fleet"), "SELECT pg_is_in_recovery()") == "f" })
	})
	if now := r.rows(s.URL("fleet")); !equal(r.counts, now) {
		r.t.Errorf("rows at the moment %v, restored %v", r.counts, now)
	}
	if len(r.counts) < 20 {
		r.t.Errorf("only %d tables of tenants were counted", len(r.counts))
	}
	if now := r.privileges(s.URL("fleet")); now != r.catalog {
		r.t.Errorf("roles, grants or policies differ:\n%s\n---\n%s", r.catalog, now)
	}
	r.timed("restore and rewind streams", func() {
		stop := r.natsServer()
		defer stop()
		said := r.run("backup-restore.md", "streams")
		if !strings.Contains(said, "BILLING: 6 messages after") || strings.Contains(said, "CLINICAL: 0 messages after") {
			r.t.Errorf("the rewind did not find the events of the lost charts:\n%s", said)
		}
	})
	return s
}

// natsServer runs the broker alone on the store that the fleet will take up.
func (r *rehearsal) natsServer() (stop func()) {
	r.t.Helper()
	ns, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: filepath.Join(r.dir, "fleet", "nats"), NoLog: true, NoSigs: true,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	ns.Start()
	if !ns.ReadyForConnections(30 * time.Second) {
		r.t.Fatal("nats is not ready")
	}
	r.env["NATS_URL"] = ns.ClientURL()
	return func() { ns.Shutdown(); ns.WaitForShutdown() }
}

// verify runs the checks of the page on the running fleet.
func (r *rehearsal) verify(f *fleet) {
	r.t.Helper()
	r.connect(f)
	r.timed("look: row-level security, roles, the audit log against the checkpoint", func() {
		if said := r.run("backup-restore.md", "verify"); !strings.Contains(said, "OK") {
			r.t.Errorf("audit verify: %s", said)
		}
	})
}

func portOf(t *testing.T, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}
