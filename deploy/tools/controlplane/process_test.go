//go:build controlplane

package controlplane

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const binaries = "../../../.bin"

// asChild makes the test binary start a control plane and wait to be killed.
const asChild = "CONTROLPLANE_CHILD"

func TestNothingOutlivesWhoStartedIt(t *testing.T) {
	if os.Getenv(asChild) != "" {
		waitToBeKilled(t)
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), asChild+"=1", "TMPDIR="+t.TempDir())
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if killErr := child.Process.Kill(); killErr != nil {
		t.Fatal(killErr)
	}
	_ = child.Wait() // It was killed, so it has no better word to say.
	if err != nil {
		t.Fatalf("the child started nothing: %q (%v)", line, err)
	}
	pids := strings.Fields(line)
	if len(pids) != 2 {
		t.Fatalf("etcd and the apiserver were to run: %q", line)
	}
	for _, pid := range pids {
		for deadline := time.Now().Add(time.Minute); running(pid); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the process %s runs on", pid)
			}
		}
	}
}

// waitToBeKilled says which processes run as soon as they do.
func waitToBeKilled(t *testing.T) {
	folder, err := filepath.Abs(binaries)
	if err != nil {
		t.Fatal(err)
	}
	plane, err := Start(t.Context(), folder, Parts{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range plane.processes {
		fmt.Print(p.pid, " ")
	}
	fmt.Println()
	time.Sleep(Lifespan)
	t.Fatal("nobody killed it")
}

// running: a process that has ended is only gone once somebody asked how.
func running(pid string) bool {
	raw, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(raw), ") ")
	return !strings.HasPrefix(state, "Z")
}

func TestStopLeavesNothing(t *testing.T) {
	folder, err := filepath.Abs(binaries)
	if err != nil {
		t.Fatal(err)
	}
	plane, err := Start(t.Context(), folder, Parts{})
	if err != nil {
		t.Fatal(err)
	}
	if err := plane.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, p := range plane.processes {
		if running(strconv.Itoa(p.pid)) {
			t.Errorf("%s runs on", p.name)
		}
	}
	if _, err := os.Stat(plane.folder); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", plane.folder, err)
	}
}
