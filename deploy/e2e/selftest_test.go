//go:build e2e

package e2e

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The same command is what `helm test` runs in a pod beside each service: with its certificate, its login, and the running fleet around it.
func TestEveryProcessPassesItsSelfTest(t *testing.T) {
	for name, want := range map[string]int{
		"gateway": 22, "audit": 10, "agency": 15, "clinical": 15, "qa": 15, "billing": 12, "reporting": 12, "compliance": 12,
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), filepath.Join("..", "..", ".run", "bin", name), "selftest")
			cmd.Env = append(cmd.Environ(), fleet.SelfTestEnv(name)...)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Errorf("%v\n%s%s", err, out, stderr.String())
			}
			if n := strings.Count(string(out), "ok   "); n != want {
				t.Errorf("%d checks hold, not %d:\n%s", n, want, out)
			}
		})
	}
}
