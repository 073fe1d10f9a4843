package app_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestNothingOfTheFleetIsLinked lists the binary's packages outside of any workspace.
func TestNothingOfTheFleetIsLinked(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "./cmd/carefusion")
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	const own = "github.com/fusionems/quantum/services/carefusion"
	mine := 0
	for _, pkg := range strings.Fields(string(out)) {
		if pkg == own || strings.HasPrefix(pkg, own+"/") {
			mine++
		} else if strings.HasPrefix(pkg, "github.com/fusionems/") {
			t.Errorf("the binary links %s", pkg)
		}
		// Servers of others run by themselves; only local mode and tests have them in their own process.
		for _, server := range []string{"github.com/livekit/livekit-server", "github.com/nats-io/nats-server", own + "/internal/room/embedded", own + "/internal/broker/embedded", own + "/internal/local"} {
			if strings.HasPrefix(pkg, server) {
				t.Errorf("the binary links %s", pkg)
			}
		}
		if pkg == "testing" {
			t.Error("the binary links the test framework")
		}
	}
	if mine < 15 {
		t.Errorf("only %d packages of CareFusion's own", mine)
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mod), "replace") {
		t.Error("go.mod replaces a module")
	}
}
