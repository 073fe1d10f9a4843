//go:build rehearsal

package runbooks

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shell runs blocks of the runbooks as an operator would: with bash, from the root of the checkout, with variables that say where
// things are.
type shell struct {
	t    *testing.T
	root string
	env  map[string]string
	// phases are what was timed, in order.
	phases []phase
}

type phase struct {
	name string
	took time.Duration
}

func newShell(t *testing.T) *shell {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return &shell{t: t, root: root, env: map[string]string{}}
}

// run executes the blocks of a document that carry a mark and answers what they printed.
func (s *shell) run(file, mark string) string {
	s.t.Helper()
	var all strings.Builder
	for _, b := range marked(s.t, file, mark) {
		all.WriteString(s.block(b))
	}
	return all.String()
}

func (s *shell) block(b block) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-eu", "-o", "pipefail", "-c", b.script)
	cmd.Dir, cmd.Env = s.root, os.Environ()
	for k, v := range s.env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("%s:%d: %v\n%s\n%s", b.file, b.line, err, b.script, out.String())
	}
	return out.String()
}

// timed measures a phase.
func (s *shell) timed(name string, f func()) {
	s.t.Helper()
	start := time.Now()
	f()
	s.phases = append(s.phases, phase{name, time.Since(start)})
}

func (s *shell) report() {
	for _, p := range s.phases {
		fmt.Printf("%8.1f s  %s\n", p.took.Seconds(), p.name)
	}
}

// eventually repeats f until it answers true.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !f(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within two minutes", what)
		}
	}
}

// binaries is the folder that make build fills.
func binaries(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("FLEET_BIN")
	if dir == "" {
		dir = "../../.run/bin"
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "gateway")); err != nil {
		t.Fatalf("no binaries in %s; run make build", dir)
	}
	return dir
}

// marked are the blocks of a document that a test runs under a name.
func marked(t *testing.T, file, name string) []block {
	t.Helper()
	var out []block
	for _, b := range blocksOf(t, file) {
		if b.mark == testMark+name {
			out = append(out, b)
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s has no block %s%s", file, testMark, name)
	}
	return out
}
