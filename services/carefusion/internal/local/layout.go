package local

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fusionems/quantum/services/carefusion/internal/seal"
)

// Layout is where an installation keeps what.
type Layout struct{ Dir string }

// Open answers the layout below dir and makes its folders.
func Open(dir string) (Layout, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return Layout{}, err
	}
	l := Layout{Dir: abs}
	for _, d := range []string{l.path("secrets"), l.path("logs"), l.path("pki")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return Layout{}, fmt.Errorf("local: %w", err)
		}
	}
	return l, nil
}

func (l Layout) path(parts ...string) string {
	return filepath.Join(append([]string{l.Dir}, parts...)...)
}

// Log is the file that a process writes to.
func (l Layout) Log(name string) string { return l.path("logs", name+".log") }

// CA is the certificate that a client has to trust.
func (l Layout) CA() string { return l.path("pki", "ca.crt") }

func (l Layout) state() string { return l.path("state.json") }

// cluster is the folder of the private PostgreSQL, whose user must be able to reach it: as root below a folder that only root
// may enter it goes elsewhere.
func (l Layout) cluster() (string, error) {
	if os.Geteuid() != 0 {
		return l.path("postgres"), nil
	}
	for d := l.Dir; d != "/"; d = filepath.Dir(d) {
		st, err := os.Stat(d)
		if err != nil {
			return "", err
		}
		if d == l.Dir {
			// Its files are closed one by one; the folder itself must be passable.
			if err := os.Chmod(d, 0o711); err != nil {
				return "", err
			}
		} else if st.Mode().Perm()&0o001 == 0 {
			sum := sha256.Sum256([]byte(l.Dir))
			return filepath.Join("/var/lib/carefusion-local", hex.EncodeToString(sum[:8])), os.MkdirAll("/var/lib/carefusion-local", 0o711)
		}
	}
	return l.path("postgres"), nil
}

// once writes a file that is made at the first start and kept.
func (l Layout) once(name string, content func() (string, error)) (string, error) {
	path := l.path("secrets", name)
	text, err := os.ReadFile(path)
	if err == nil {
		return string(text), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("local: %w", err)
	}
	made, err := content()
	if err != nil {
		return "", err
	}
	return made, l.write(made, "secrets", name)
}

func (l Layout) write(content string, parts ...string) error {
	path := l.path(parts...)
	// Whole or not at all: the service reads while a launcher writes.
	if err := os.WriteFile(path+".new", []byte(content), 0o600); err != nil {
		return fmt.Errorf("local: %w", err)
	}
	return os.Rename(path+".new", path)
}

func (l Layout) dataKey() (string, error) {
	return l.once("data.key", func() (string, error) { return seal.NewKey(), nil })
}

// Reset deletes everything that the installation stored, except programs and what was built.
func (l Layout) Reset() error {
	pg, err := l.cluster()
	errs := []error{err}
	if err == nil {
		errs = append(errs, os.RemoveAll(pg))
	}
	for _, name := range []string{"postgres", "secrets", "logs", "pki", "nats", "reminders", "state.json", "seeded"} {
		errs = append(errs, os.RemoveAll(l.path(name)))
	}
	return errors.Join(errs...)
}
