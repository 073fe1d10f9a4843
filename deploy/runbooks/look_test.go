//go:build rehearsal

package runbooks

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/local"
)

// TestFleetCommands runs what the pages have an operator look at, on a running fleet, and sees that the fleet works as before.
func TestFleetCommands(t *testing.T) {
	s := newShell(t)
	f := startFleet(t, filepath.Join(folder(t), "fleet"), "")
	charts := f.post(unseen(t)[:4], http.StatusCreated)
	eventually(t, "charts are worked off", func() bool { return f.done(charts, everybody...) })
	eventually(t, "nothing waits", func() bool { return f.scalar(`SELECT count(*) FROM clinical.outbox`) == 0 })
	u, err := url.Parse(f.database)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	state, err := local.ReadState(f.Dir())
	if err != nil {
		t.Fatal(err)
	}
	s.env = map[string]string{
		"PGHOST": u.Hostname(), "PGPORT": u.Port(), "PGUSER": u.User.Username(), "PGPASSWORD": password, "PGDATABASE": strings.TrimPrefix(u.Path, "/"),
		"PATH": programs(t, f) + ":" + os.Getenv("PATH"), "CA": f.Env()["CA_FILE"], "GATEWAY_URL": f.Env()["GATEWAY_URL"],
		"ADMIN": "https://127.0.0.1:" + strconv.Itoa(state.Ports["qa-admin"]),
	}
	ran := 0
	for _, file := range books(t) {
		for _, b := range blocksOf(t, file) {
			if b.mark == testMark+"fleet" {
				t.Logf("%s:%d\n%s", b.file, b.line, s.block(b))
				ran++
			}
		}
	}
	if ran < 10 {
		t.Errorf("only %d blocks", ran)
	}
	again := f.post(unseen(t)[4:8], http.StatusCreated)
	eventually(t, "charts are worked off afterwards", func() bool { return f.done(slices.Concat(charts, again), everybody...) })
}

// programs is a folder where each service's program runs with the environment of the service, as in its pod.
func programs(t *testing.T, f *fleet) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"qa", "audit"} {
		script := "#!/bin/sh\nexec env -i"
		for _, kv := range f.ServiceEnv(name) {
			script += " '" + kv + "'"
		}
		script += " '" + filepath.Join(binaries(t), name) + "' \"$@\"\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	return dir
}
