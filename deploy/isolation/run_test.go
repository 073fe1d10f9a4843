//go:build isolation

package isolation

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// careProgram is one of CareFusion's, which its own make built.
func careProgram(t reporter, name string) string {
	t.Helper()
	dir := os.Getenv("CAREFUSION_BIN")
	if dir == "" {
		dir = "../../services/carefusion/.run/bin"
	}
	file, err := filepath.Abs(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Fatalf("%v; run make -C services/carefusion build", err)
	}
	return file
}

// installation is a CareFusion of the test's own.
type installation struct {
	t     *testing.T
	place place
	dir   string
}

func install(t *testing.T, p place) *installation {
	t.Helper()
	dir, err := os.MkdirTemp("", "carefusion-isolation-")
	if err != nil {
		t.Fatal(err)
	}
	// The private PostgreSQL runs as another user, which must reach its data below this folder.
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	i := &installation{t, p, dir}
	t.Cleanup(func() {
		i.down()
		_ = os.RemoveAll(dir)
	})
	return i
}

func (i *installation) launcher(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	out, err := i.place.command(ctx, careProgram(i.t, "carefusion-local"), append([]string{"-dir", i.dir}, args...)...).CombinedOutput()
	return string(out), err
}

func (i *installation) up() {
	i.t.Helper()
	if out, err := i.launcher("up", "--detach"); err != nil {
		i.t.Fatalf("CareFusion does not start: %v %s", err, out)
	}
}

func (i *installation) down() {
	i.t.Helper()
	if out, err := i.launcher("down"); err != nil {
		i.t.Errorf("CareFusion does not stop: %v %s", err, out)
	}
	if out, err := i.launcher("status"); err != nil || !strings.Contains(out, "not running") {
		i.t.Errorf("CareFusion is still there: %v %s", err, out)
	}
}

// journey runs CareFusion's journey in its place, as a process of its own.
func (i *installation) journey(visit bool) {
	i.t.Helper()
	cmd := i.place.command(i.t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), folderVariable+"="+i.dir)
	if visit {
		cmd.Env = append(cmd.Env, visitVariable+"=1")
	}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), journeyDone) {
		i.t.Fatalf("CareFusion's journey: %v\n%s", err, out)
	}
}

// fleet is the fleet's end-to-end test in a place: it starts a fleet of its own, sends every scenario through it, and stops it.
type fleet struct {
	cmd   *exec.Cmd
	ready chan struct{}
	ended chan error
	mu    sync.Mutex
	said  strings.Builder
}

func startFleet(t *testing.T, p place) *fleet {
	t.Helper()
	program, err := filepath.Abs(os.Getenv("FLEET_E2E"))
	if err != nil || os.Getenv("FLEET_E2E") == "" {
		t.Fatal("FLEET_E2E names no program; run make test-isolation")
	}
	f := &fleet{ready: make(chan struct{}), ended: make(chan error, 1)}
	f.cmd = p.command(context.Background(), program, "-test.v", "-test.timeout", "15m", "-test.run", "^TestJourneyOfEveryScenario$")
	f.cmd.Dir = "../e2e"
	if dir := os.Getenv("FLEET_E2E_DIR"); dir != "" {
		f.cmd.Dir = dir
	}
	f.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := f.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	f.cmd.Stderr = f.cmd.Stdout
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-f.cmd.Process.Pid, syscall.SIGKILL) })
	go func() {
		seen := false
		for lines := bufio.NewScanner(out); lines.Scan(); {
			f.mu.Lock()
			f.said.WriteString(lines.Text() + "\n")
			f.mu.Unlock()
			if !seen && strings.Contains(lines.Text(), "=== RUN   TestJourneyOfEveryScenario") {
				seen = true
				close(f.ready)
			}
		}
		f.ended <- f.cmd.Wait()
	}()
	return f
}

// awaitReady returns when the fleet runs and its journey begins.
func (f *fleet) awaitReady(t *testing.T) {
	t.Helper()
	select {
	case <-f.ready:
	case err := <-f.ended:
		t.Fatalf("the fleet does not start: %v\n%s", err, f.text())
	case <-time.After(10 * time.Minute):
		t.Fatalf("the fleet is not ready after ten minutes\n%s", f.text())
	}
}

// passes waits for the end of the journey, after which no process of the fleet is left.
func (f *fleet) passes(t *testing.T) {
	t.Helper()
	if err := <-f.ended; err != nil || !strings.Contains(f.text(), "--- PASS: TestJourneyOfEveryScenario ") {
		t.Fatalf("the fleet's journey: %v\n%s", err, f.text())
	}
}

func (f *fleet) text() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.said.String()
}

// TestEachRunsWithoutTheOther has both at work at the same time, then each alone, and counts what crosses between them.
func TestEachRunsWithoutTheOther(t *testing.T) {
	here, there, counted := places(t)
	if counted {
		control(t, here, there)
		control(t, there, here)
	}
	baseline := func() int64 {
		if !counted {
			return 0
		}
		return here.packets(t) + there.packets(t)
	}
	before := settled(baseline)
	c := install(t, there)
	c.up()

	f := startFleet(t, here)
	f.awaitReady(t)
	c.journey(true)
	f.passes(t)
	fmt.Println("Both ran at the same time, each through its journey.")

	c.journey(true)
	fmt.Println("The fleet was stopped: CareFusion's journey passes.")

	f = startFleet(t, here)
	f.awaitReady(t)
	c.down()
	f.passes(t)
	fmt.Println("CareFusion was stopped while the fleet ran: the fleet's journey passes.")

	if !counted {
		return
	}
	if crossed := settled(baseline) - before; crossed != 0 {
		t.Errorf("%d packets crossed between the fleet and CareFusion", crossed)
	}
	control(t, there, here) // the counter still counts
	if !t.Failed() {
		fmt.Println("Packets that crossed between the two network namespaces: 0.")
	}
}

// settled reads a counter once it stands still: answers to the control may still be on their way.
func settled(read func() int64) int64 {
	for last := read(); ; {
		time.Sleep(time.Second)
		now := read()
		if now == last {
			return now
		}
		last = now
	}
}
