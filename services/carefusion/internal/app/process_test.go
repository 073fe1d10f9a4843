package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
)

// binaryDir holds the command, which is built once for all tests that need it.
var binaryDir = filepath.Join(os.TempDir(), "carefusion-bin-"+strconv.Itoa(os.Getpid()))

var built = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(binaryDir, "carefusion")
	build := exec.Command("go", "build", "-o", binary, "./cmd/carefusion")
	build.Dir = "../.."
	build.Env = append(build.Environ(), "GOWORK=off")
	out, err := build.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w %s", err, out)
	}
	return binary, err
})

// process is the command itself, beside the service of the test and on the same database.
type process struct {
	w             *world
	listen, admin string
	environ       []string
}

func (w *world) process(more ...string) *process {
	w.t.Helper()
	p := &process{w: w, listen: free(w.t), admin: free(w.t)}
	dir := w.t.TempDir()
	p.environ = append([]string{"CAREFUSION_LISTEN_ADDR=" + p.listen, "CAREFUSION_ADMIN_ADDR=" + p.admin, "CAREFUSION_TLS_CERT_FILE=" + w.cfg.TLSCertFile,
		"CAREFUSION_TLS_KEY_FILE=" + w.cfg.TLSKeyFile, "CAREFUSION_DATABASE_URL_FILE=" + w.cfg.DatabaseURLFile, "CAREFUSION_DATA_KEY_FILE=" + w.cfg.DataKeyFile,
		"CAREFUSION_REMINDER_DIR=" + filepath.Join(dir, "reminders"), "CAREFUSION_ISSUER=" + w.cfg.Issuer, "CAREFUSION_LOCAL_REALM_FILE=" + w.cfg.LocalRealmFile, "CAREFUSION_LOCAL_KEY_FILE=" + w.cfg.LocalKeyFile,
		"CAREFUSION_MIGRATOR_DATABASE_URL_FILE=" + file(w.t, dir, "migrator", []byte(as(w.t, w.db, "carefusion_migrator", strings.TrimPrefix(mustURL(w.t, w.db).Path, "/"))))}, more...)
	return p
}

func (p *process) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	p.w.t.Helper()
	binary, err := built()
	if err != nil {
		p.w.t.Fatal(err)
	}
	out := &bytes.Buffer{}
	cmd := exec.Command(binary, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.environ, out, out
	return cmd, out
}

// serve starts the service and waits until it is ready; it is killed at the latest with the test.
func (p *process) serve() (*exec.Cmd, *bytes.Buffer) {
	p.w.t.Helper()
	cmd, log := p.command("serve")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		p.w.t.Fatal(err)
	}
	p.w.t.Cleanup(func() { kill(cmd) })
	p.w.eventually("the process is ready", func() bool { return ready(p.admin) })
	if p.w.t.Failed() {
		kill(cmd)
		p.w.t.Fatal(log.String())
	}
	return cmd, log
}

func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// TestKilledProcessLosesNothingConfirmed kills the process while patients book, and looks for every booking that was answered.
func TestKilledProcessLosesNothingConfirmed(t *testing.T) {
	const clients = 12
	w := newWorld(t, clients)
	proc := w.process()
	for _, args := range [][]string{{"config"}, {"config", "check"}, {"roles"}, {"migrate"}, {"verify"}} {
		if cmd, out := proc.command(args...); cmd.Run() != nil {
			t.Errorf("carefusion %v: %s", args, out)
		}
	}
	serve, log := proc.serve()
	p := w.provide("provider", "CO")
	for i := range clients {
		w.enroll(fmt.Sprintf("patient%d", i), "CO")
	}
	confirmed := w.bookUntilKilled("https://"+proc.listen, p, clients, serve)
	if len(confirmed) == 0 {
		t.Fatal("nothing was booked before the kill")
	}
	w.kept(confirmed, proc.command)
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
	kill(serve)
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

// TestAKilledProcessStillReminds kills the process after a booking was moved and confirmed, and another one as if it had died between
// sending a reminder and keeping that it did.
func TestAKilledProcessStillReminds(t *testing.T) {
	w := newWorld(t, 1)
	proc := w.process()
	serve, _ := proc.serve()
	p := w.provide("provider", "CO")
	w.enroll("patient0", "CO")
	own, goal := w.base, w.slot("patient0", p, 60*time.Hour)
	w.base = "https://" + proc.listen
	id := w.book("patient0", p, w.slot("patient0", p, 48*time.Hour))
	moved := w.send(w.token("patient0"), http.MethodPost, "appointments/"+id+":reschedule", to(goal))
	kill(serve)
	w.base = own
	if now := w.get("patient0", "appointments/"+id).str("startTime"); moved.status != http.StatusOK || now != goal {
		t.Fatalf("the confirmed move is lost: %d, at %s instead of %s", moved.status, now, goal)
	}
	w.calendarFits()
	dir := ""
	for _, e := range proc.environ {
		if d, ok := strings.CutPrefix(e, "CAREFUSION_REMINDER_DIR="); ok {
			dir = d
		}
	}
	reminded := func() bool {
		return w.countOf(`SELECT count(*) FROM carefusion.reminder WHERE sent_time IS NOT NULL AND start_time = $1::text::timestamptz`, goal) == 1
	}
	for range 2 {
		// A day passes, or the process died before it kept what it had done.
		w.behind(`UPDATE carefusion.reminder SET due_time = now() - interval '1 second', sent_time = NULL RETURNING true`)
		serve, _ = proc.serve()
		w.eventually("the reminder is sent", reminded)
		kill(serve)
		if files, err := filepath.Glob(filepath.Join(dir, "*.txt")); err != nil || len(files) != 1 {
			t.Errorf("%v %v, want one reminder", files, err)
		}
	}
}
