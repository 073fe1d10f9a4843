//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/fusionems/quantum/deploy/local"
)

// fleet is shared by the tests of the package: starting one takes seconds, and a test that needs its own rows makes its
// own charts.
var fleet *local.Fleet

func TestMain(m *testing.M) {
	os.Exit(runWithFleet(m))
}

func runWithFleet(m *testing.M) int {
	dir, err := os.MkdirTemp("", "fleet-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	// The private PostgreSQL runs as another user, which must reach its data directory.
	if err := os.Chmod(dir, 0o755); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	bin, err := filepath.Abs("../../.run/bin")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	ctx, cancel := context.WithTimeout(context.Background(), startPatience)
	defer cancel()
	stop, err := startFleet(ctx, dir, bin)
	defer stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e: the fleet does not start:", err)
		showLogs(dir)
		return 1
	}
	code := m.Run()
	if code != 0 {
		showLogs(dir)
	}
	return code
}

// showLogs prints what the processes complained about: the directory is gone when somebody could look.
func showLogs(dir string) {
	files, _ := filepath.Glob(filepath.Join(dir, "logs", "*.log"))
	// What is started beside the fleet has its own below.
	beside, _ := filepath.Glob(filepath.Join(dir, "*", "logs", "*.log"))
	files = append(files, beside...)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		const most = 4000
		if len(raw) > most {
			raw = raw[len(raw)-most:]
		}
		fmt.Fprintf(os.Stderr, "---- %s\n%s\n", filepath.Base(f), raw)
	}
}
