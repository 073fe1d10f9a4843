package supervise_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fusionems/quantum/deploy/local/supervise"
)

// marker is a process that writes a file once it serves, which is when it can be told to stop, and runs until then.
func marker(name, file string) supervise.Process {
	return supervise.Process{
		Name: name, Path: "/bin/sh",
		Args: []string{"-c", `trap 'echo stopped >> "$0"; exit 0' TERM; echo up >> "$0"; while :; do sleep 0.05; done`, file},
		Env:  []string{"PATH=/usr/bin:/bin"},
		Ready: func(context.Context) error {
			_, err := os.Stat(file)
			return err
		},
	}
}

func newSupervisor(t *testing.T) *supervise.Supervisor {
	t.Helper()
	s, err := supervise.New(filepath.Join(t.TempDir(), "log"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func start(t *testing.T, s *supervise.Supervisor, p supervise.Process) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Start(ctx, p); err != nil {
		t.Fatal(err)
	}
}

func status(s *supervise.Supervisor, name string) supervise.Status {
	for _, st := range s.Status() {
		if st.Name == name {
			return st
		}
	}
	return supervise.Status{}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func TestKilledProcessComesBackAloneAndNothingElseMoves(t *testing.T) {
	s, dir := newSupervisor(t), t.TempDir()
	start(t, s, marker("one", filepath.Join(dir, "one")))
	start(t, s, marker("two", filepath.Join(dir, "two")))
	one, two := status(s, "one").PID, status(s, "two").PID
	if err := s.Kill("one"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "one runs again", func() bool {
		st := status(s, "one")
		return st.State == supervise.Running && st.PID != one && st.PID != 0
	})
	if got := status(s, "one"); got.Restarts != 1 || got.LastExit != "signal: killed" {
		t.Errorf("one: restarts = %d, last exit = %q; want 1 and the signal", got.Restarts, got.LastExit)
	}
	if got := status(s, "two"); got.PID != two || got.Restarts != 0 {
		t.Errorf("two was touched: %+v", got)
	}
}

func TestCloseStopsInOrderAndLeavesNothing(t *testing.T) {
	s, dir := newSupervisor(t), t.TempDir()
	var pids []int
	for _, name := range []string{"first", "second", "third"} {
		start(t, s, marker(name, filepath.Join(dir, name)))
		pids = append(pids, status(s, name).PID)
	}
	s.Close([]string{"third"}, []string{"first", "second"})
	for i, name := range []string{"first", "second", "third"} {
		if !gone(pids[i]) {
			t.Errorf("%s still runs", name)
		}
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.HasSuffix(string(raw), "stopped\n") {
			t.Errorf("%s was not asked to stop: %q, %v", name, raw, err)
		}
	}
	modified := func(name string) time.Time {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime()
	}
	if modified("first").Before(modified("third")) {
		t.Error("first stopped before third")
	}
	if err := s.Start(t.Context(), marker("late", filepath.Join(dir, "late"))); err == nil {
		t.Error("a closed supervisor started a process")
	}
}

func TestAProcessThatNeverGetsReadyIsAnErrorWithItsLog(t *testing.T) {
	s := newSupervisor(t)
	err := s.Start(t.Context(), supervise.Process{
		Name: "broken", Path: "/bin/sh", Args: []string{"-c", "echo the disk is full; exit 3"},
		Ready: func(context.Context) error { return errors.New("no") },
	})
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("error = %v; want the exit status and the end of the log", err)
	}
}

func TestAProcessThatOnlyFailsAtFirstStarts(t *testing.T) {
	s, file := newSupervisor(t), filepath.Join(t.TempDir(), "tried")
	start(t, s, supervise.Process{
		Name: "slow", Path: "/bin/sh", Env: []string{"PATH=/usr/bin:/bin"},
		Args: []string{"-c", `if [ ! -e "$0" ]; then touch "$0"; exit 1; fi; touch "$0.up"; sleep 60`, file},
		Ready: func(context.Context) error {
			_, err := os.Stat(file + ".up")
			return err
		},
	})
	if got := status(s, "slow"); got.State != supervise.Running || got.Restarts != 1 {
		t.Errorf("status = %+v; want running after one restart", got)
	}
}

func TestGrandchildrenDoNotOutliveTheirParent(t *testing.T) {
	s, file := newSupervisor(t), filepath.Join(t.TempDir(), "pid")
	start(t, s, supervise.Process{
		Name: "parent", Path: "/bin/sh", Env: []string{"PATH=/usr/bin:/bin"},
		Args: []string{"-c", `sleep 300 & echo $! > "$0.tmp"; mv "$0.tmp" "$0"; wait`, file},
		Ready: func(context.Context) error {
			_, err := os.Stat(file)
			return err
		},
	})
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	s.Stop("parent")
	eventually(t, "the grandchild is gone", func() bool { return gone(pid) || zombie(pid) })
}

// zombie tells a process that has ended and only waits for init to collect it.
func zombie(pid int) bool {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return true
	}
	fields := strings.Fields(string(raw))
	return len(fields) > 2 && fields[2] == "Z"
}
