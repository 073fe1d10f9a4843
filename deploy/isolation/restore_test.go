//go:build isolation

package isolation

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCareFusionIsRestoredByItself loses CareFusion's database and brings it back from a backup that is CareFusion's alone.
func TestCareFusionIsRestoredByItself(t *testing.T) {
	i := install(t, place{})
	timed := func(what string, f func()) {
		start := time.Now()
		f()
		fmt.Printf("%8.1f s  CareFusion: %s\n", time.Since(start).Seconds(), what)
	}
	timed("start", i.up)
	c := openCare(t, i.dir)
	day := time.Now().Add(96 * time.Hour)
	starts := c.free(day, day.Add(6*time.Hour))
	if len(starts) < 2 {
		t.Fatal("no free slots")
	}
	kept := c.book(starts[0])
	records := c.records()
	backup := filepath.Join(t.TempDir(), "base")
	timed("back up", func() { i.backUp(backup) })
	lost := c.book(starts[1])

	data := filepath.Join(i.dir, "postgres")
	timed("disaster", func() {
		i.down()
		if err := os.RemoveAll(data); err != nil {
			t.Fatal(err)
		}
	})
	timed("restore and start", func() {
		script := `cp -a "$0" "$1" && chmod 700 "$1" && { [ "$(id -u)" != 0 ] || chown -R postgres: "$1"; }`
		if out, err := exec.CommandContext(t.Context(), "sh", "-c", script, backup, data).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
		i.up()
	})
	c = openCare(t, i.dir)
	if code, a := c.try("patient-a", http.MethodGet, "appointments/"+kept, nil); code != http.StatusOK || a["reasonForVisit"] != "A sprained ankle" {
		t.Errorf("the appointment from before the backup: %d %v", code, a)
	}
	if code, a := c.try("patient-a", http.MethodGet, "appointments/"+lost, nil); code != http.StatusNotFound {
		t.Errorf("the appointment from after the backup: %d %v", code, a)
	}
	audit := c.call("admin", http.MethodGet, "auditLog:verify", nil)
	if now := c.records(); audit["intact"] != true || now < records {
		t.Errorf("the audit log: %v, %d records, %d before the backup", audit, now, records)
	}
	c.books()
	if again := c.book(starts[1]); again == lost {
		t.Error("the lost appointment came back by itself")
	}
}

// records is how long the audit log is.
func (c *care) records() int64 {
	c.t.Helper()
	var n int64
	raw := fmt.Sprint(c.call("admin", http.MethodGet, "auditLog:verify", nil)["records"])
	if _, err := fmt.Sscan(raw, &n); err != nil {
		c.t.Fatalf("%q: %v", raw, err)
	}
	return n
}

func (i *installation) backUp(dir string) {
	i.t.Helper()
	raw, err := os.ReadFile(filepath.Join(i.dir, "state.json"))
	if err != nil {
		i.t.Fatal(err)
	}
	var state struct{ Database string }
	if err := json.Unmarshal(raw, &state); err != nil {
		i.t.Fatal(err)
	}
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	for _, args := range [][]string{
		{"pg_basebackup", "--dbname=" + state.Database, "--pgdata=" + dir, "--checkpoint=fast", "--wal-method=stream"},
		{"pg_verifybackup", dir},
	} {
		cmd := exec.CommandContext(i.t.Context(), "env", args...)
		cmd.Env = append(os.Environ(), "PATH="+strings.Join(append(bins, os.Getenv("PATH")), ":"))
		if out, err := cmd.CombinedOutput(); err != nil {
			i.t.Fatalf("%v: %v %s", args, err, out)
		}
	}
}
