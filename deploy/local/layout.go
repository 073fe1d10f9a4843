package local

import (
	"os"
	"path/filepath"
)

// layout names the places below the fleet's directory.
type layout struct{ dir string }

func (l layout) path(parts ...string) string {
	return filepath.Join(append([]string{l.dir}, parts...)...)
}

func (l layout) logs() string              { return l.path("logs") }
func (l layout) pki(file string) string    { return l.path("pki", file) }
func (l layout) secret(name string) string { return l.path("secrets", name) }
func (l layout) envFile() string           { return l.path("fleet.env") }
func (l layout) stateFile() string         { return l.path("state.json") }
func (l layout) lockFile() string          { return l.path("fleet.lock") }
func (l layout) realmFile() string         { return l.path("issuer", "realm.json") }
func (l layout) demoFile() string          { return l.path("secrets", "demo.json") }
func (l layout) natsDir() string           { return l.path("nats") }

func (l layout) make() error {
	for _, d := range []string{"logs", "nats", "issuer"} {
		if err := os.MkdirAll(l.path(d), 0o755); err != nil {
			return err
		}
	}
	for _, d := range []string{"pki", "pki/" + billingName, "secrets"} {
		if err := os.MkdirAll(l.path(d), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// writeFile replaces a file in one step, so that nobody reads half of it.
func writeFile(path string, content []byte, mode os.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := tmp.Chmod(mode); err != nil {
		tmp.Close()
		return err
	}
	if _, err := tmp.Write(content); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
