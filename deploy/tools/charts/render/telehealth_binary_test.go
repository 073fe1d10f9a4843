package render_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

// The binary itself judges what the chart tells it, in each environment. It is not started: there is no database here.
func TestTheBinaryOfTelehealthTakesItsSettings(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "carefusion")
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags", "-s -w", "-o", binary, "./cmd/carefusion")
	build.Dir = "../../../../services/carefusion"
	build.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	run := func(env []string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), binary, args...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for _, e := range environments {
		seen := map[string]bool{}
		for _, o := range objects(t, render.Helm3, request(t, "carefusion", e)) {
			for _, c := range containersOf(o.Object) {
				var env []string
				list, _ := c["env"].([]any)
				for _, v := range list {
					m, _ := v.(map[string]any)
					env = append(env, m["name"].(string)+"="+m["value"].(string))
				}
				args, _ := c["args"].([]any)
				command, _ := args[0].(string)
				seen[command] = true
				switch command {
				case "serve":
					if out, err := run(env, "config", "check"); err != nil {
						t.Errorf("%s: serve: %v %s", e, err, out)
					}
					if out, err := run(append(env, "CAREFUSION_UNKNOWN=1"), "config", "check"); err == nil || !strings.Contains(out, "CAREFUSION_UNKNOWN") {
						t.Errorf("%s: a setting that there is not was taken: %s", e, out)
					}
				case "migrate", "selftest":
					all := make([]string, 0, len(args))
					for _, a := range args {
						all = append(all, a.(string))
					}
					// It gets as far as to look for its secret, and says where.
					if out, err := run(env, all...); err == nil || !strings.Contains(out, "/vault/secrets/") || !strings.Contains(out, "no such file") {
						t.Errorf("%s: %s: %v %s", e, command, err, out)
					}
				default:
					t.Errorf("%s: a container runs %q, which this test knows nothing of", e, command)
				}
			}
		}
		if len(seen) != 3 {
			t.Errorf("%s: only %v run", e, seen)
		}
	}
}
