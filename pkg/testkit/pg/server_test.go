package pg_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/pkg/testkit/pki"
)

func query(t *testing.T, url, sql string) (string, error) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var s string
	err = conn.QueryRow(t.Context(), sql).Scan(&s)
	return s, err
}

func TestADurableClusterKeepsItsDataAndItsPassword(t *testing.T) {
	base, err := os.MkdirTemp("", "pg-durable-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	if err := os.Chmod(base, 0o711); err != nil { //nolint:gosec // the server's user walks through it
		t.Fatal(err)
	}
	ca, err := pki.New()
	if err != nil {
		t.Fatal(err)
	}
	files, err := ca.WriteFiles(t.TempDir(), "postgres")
	if err != nil {
		t.Fatal(err)
	}
	opts := pg.Options{
		DataDir: filepath.Join(base, "data"), Durable: true, Password: "pässword",
		TLSCertFile: files.Cert, TLSKeyFile: files.Key, TLSCAFile: files.CA,
	}
	s, err := pg.Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := query(t, s.URL("postgres"), "SELECT current_setting('fsync') || ' ' || (SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid())"); err != nil || v != "on true" {
		t.Errorf("fsync and TLS: %q, %v", v, err)
	}
	if _, err := query(t, s.URL("postgres"), "CREATE TABLE kept AS SELECT 'still here' AS v; "); err == nil {
		t.Error("CREATE TABLE AS returned a row")
	}
	if _, err := query(t, s.URLFor("postgres", "wrong", "postgres"), "SELECT ''"); err == nil {
		t.Error("a wrong password was accepted")
	}
	if _, err := query(t, strings.Replace(s.URL("postgres"), "verify-full", "disable", 1), "SELECT ''"); err == nil {
		t.Error("a connection without TLS was accepted")
	}
	if err := syscall.Kill(s.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.Done():
	case <-time.After(time.Minute):
		t.Fatal("Done is not closed after a kill")
	}
	again, err := pg.Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := query(t, again.URL("postgres"), "SELECT v FROM kept"); err != nil || v != "still here" {
		t.Errorf("after the restart: %q, %v", v, err)
	}
	if err := again.Stop(); err != nil {
		t.Error(err)
	}
}

func TestDatabasesOfTestsAreApart(t *testing.T) {
	a, b := pg.NewDatabase(t), pg.NewDatabase(t)
	if a.Name == b.Name {
		t.Fatal("the same database twice")
	}
	if _, err := a.Superuser(t).Exec(t.Context(), "CREATE TABLE x ()"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Superuser(t).Exec(t.Context(), "SELECT * FROM x"); err == nil {
		t.Error("a table of one test is seen by another")
	}
}

// Two processes may be told the same free port. The slower one must not take the faster one's cluster for its own.
func TestAClusterIsNotMistakenForAnother(t *testing.T) {
	first, err := pg.Start(t.Context(), pg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = first.Stop() })
	second, err := pg.Start(t.Context(), pg.Options{Port: first.Port()})
	if err == nil {
		_ = second.Stop()
	}
	if err == nil || !strings.Contains(err.Error(), "somebody else has the port") {
		t.Errorf("on the port of another cluster: %v", err)
	}
}

func TestStartTellsWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := pg.Start(t.Context(), pg.Options{Binaries: t.TempDir(), Settings: map[string]string{"no_such_setting": "1"}})
	if err == nil || !(strings.Contains(err.Error(), "no_such_setting") || strings.Contains(err.Error(), "install")) {
		t.Errorf("%v", err)
	}
}
