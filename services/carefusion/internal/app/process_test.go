package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestKilledProcessLosesNothingConfirmed runs the command itself beside the service of the test, on the same database, kills it
// while patients book, and looks for every booking that was answered.
func TestKilledProcessLosesNothingConfirmed(t *testing.T) {
	const clients = 12
	w := newWorld(t, clients)
	dir := t.TempDir()
	binary := filepath.Join(dir, "carefusion")
	build := exec.Command("go", "build", "-o", binary, "./cmd/carefusion")
	build.Dir = "../.."
	build.Env = append(build.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	listen, admin := free(t), free(t)
	environ := []string{"CAREFUSION_LISTEN_ADDR=" + listen, "CAREFUSION_ADMIN_ADDR=" + admin, "CAREFUSION_TLS_CERT_FILE=" + w.cfg.TLSCertFile,
		"CAREFUSION_TLS_KEY_FILE=" + w.cfg.TLSKeyFile, "CAREFUSION_DATABASE_URL_FILE=" + w.cfg.DatabaseURLFile, "CAREFUSION_DATA_KEY_FILE=" + w.cfg.DataKeyFile,
		"CAREFUSION_REMINDER_DIR=" + filepath.Join(dir, "reminders"), "CAREFUSION_ISSUER=" + w.cfg.Issuer, "CAREFUSION_LOCAL_REALM_FILE=" + w.cfg.LocalRealmFile, "CAREFUSION_LOCAL_KEY_FILE=" + w.cfg.LocalKeyFile,
		"CAREFUSION_MIGRATOR_DATABASE_URL_FILE=" + file(t, dir, "migrator", []byte(as(t, w.db, "carefusion_migrator", strings.TrimPrefix(mustURL(t, w.db).Path, "/"))))}
	command := func(args ...string) (*exec.Cmd, *bytes.Buffer) {
		out := &bytes.Buffer{}
		cmd := exec.Command(binary, args...)
		cmd.Env, cmd.Stdout, cmd.Stderr = environ, out, out
		return cmd, out
	}
	for _, args := range [][]string{{"config"}, {"config", "check"}, {"roles"}, {"migrate"}, {"verify"}} {
		if cmd, out := command(args...); cmd.Run() != nil {
			t.Errorf("carefusion %v: %s", args, out)
		}
	}
	serve, log := command("serve")
	serve.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	w.eventually("the process is ready", func() bool { return ready(admin) })
	if t.Failed() {
		_ = serve.Process.Kill()
		_ = serve.Wait()
		t.Fatal(log.String())
	}

	p := w.provide("provider", "CO")
	for i := range clients {
		w.enroll(fmt.Sprintf("patient%d", i), "CO")
	}
	confirmed := w.bookUntilKilled("https://"+listen, p, clients, serve)
	if len(confirmed) == 0 {
		t.Fatal("nothing was booked before the kill")
	}
	w.kept(confirmed, command)
	if strings.Contains(log.String(), "Given-") || strings.Contains(log.String(), "example.org") {
		t.Error("the log names patients")
	}
}

// kept looks for everything confirmed, for the record of every booking, and at the chain.
func (w *world) kept(confirmed map[string]string, command func(args ...string) (*exec.Cmd, *bytes.Buffer)) {
	w.t.Helper()
	for id, who := range confirmed {
		w.get(who, "appointments/"+id)
	}
	rows := w.behind(`SELECT count(*) FROM carefusion.appointment`).(int64)
	records := w.behind(`SELECT count(*) FROM carefusion.audit_record WHERE body LIKE '%BookAppointment%' AND body LIKE '%"outcome":"OK"%'`).(int64)
	if rows < int64(len(confirmed)) || rows != records {
		w.t.Errorf("%d confirmed, %d rows, %d audit records: every row has its record", len(confirmed), rows, records)
	}
	if cmd, out := command("verify"); cmd.Run() != nil {
		w.t.Errorf("verify: %s", out)
	} else if again, text := command("verify", strings.TrimSpace(out.String())); again.Run() != nil {
		w.t.Errorf("verify with its own head: %s", text)
	}
}

func ready(addr string) bool {
	res, err := http.Get("http://" + addr + "/readyz")
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// bookUntilKilled has every client book one slot after the other at the process, kills it soon, and answers what was confirmed.
func (w *world) bookUntilKilled(base, provider string, clients int, serve *exec.Cmd) map[string]string {
	var mu sync.Mutex
	confirmed := map[string]string{}
	first := w.clock.now().Add(24 * time.Hour).UTC().Truncate(30 * time.Minute)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for i := range clients {
		who := fmt.Sprintf("patient%d", i)
		token := w.token(who)
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				body := fmt.Sprintf(`{"providerId":%q,"startTime":%q,"requestId":%q}`, provider, first.Add(time.Duration(n*clients+i)*30*time.Minute).Format(time.RFC3339), uuid.NewString())
				id, ok := w.bookAt(base, token, body)
				if !ok {
					return
				}
				mu.Lock()
				confirmed[id] = who
				if len(confirmed) == 40 {
					cancel()
				}
				mu.Unlock()
			}
		})
	}
	select {
	case <-ctx.Done():
	case <-time.After(20 * time.Second):
	}
	_ = serve.Process.Kill()
	_ = serve.Wait()
	cancel()
	wg.Wait()
	return confirmed
}

func (w *world) bookAt(base, token, body string) (string, bool) {
	req, err := http.NewRequest(http.MethodPost, base+"/api/telehealth/v1/appointments", strings.NewReader(body))
	if err != nil {
		return "", false
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := w.client.Do(req)
	if err != nil {
		return "", false
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return "", false
	}
	_, rest, _ := strings.Cut(string(text), `"appointmentId":"`)
	if len(rest) < 36 {
		_, rest, _ = strings.Cut(string(text), `"appointmentId": "`)
	}
	if len(rest) < 36 {
		return "", false
	}
	return rest[:36], true
}
