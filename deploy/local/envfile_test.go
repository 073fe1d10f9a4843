package local

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestEnvFileIsReadByAShellAsItWasWritten(t *testing.T) {
	dir := t.TempDir()
	env := map[string]string{
		"GATEWAY_URL": "https://127.0.0.1:1", "DEMO_PASSWORD": `it's "quoted" $HOME \ ;`, "DEMO_USERS": `[{"name":"a b","roles":["x"]}]`,
	}
	path := filepath.Join(dir, "fleet.env")
	if err := writeEnv(path, env); err != nil {
		t.Fatal(err)
	}
	for key, want := range env {
		out, err := exec.Command("/bin/sh", "-c", `. "$0"; eval "printf %s \"\$$1\""`, path, key).Output()
		if err != nil || string(out) != want {
			t.Errorf("%s = %q, %v; want %q", key, out, err, want)
		}
	}
	read, err := ReadEnv(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range envKeys {
		if read[key] != env[key] {
			t.Errorf("%s = %q, want %q", key, read[key], env[key])
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v; want 0600", info.Mode(), err)
	}
}
