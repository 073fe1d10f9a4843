package local

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// claims are ports that this launcher has chosen. Seconds pass before its processes listen there, in which another launcher would
// find the same ports free, and both would take the answers of one for their own.
type claims struct {
	dir  string
	held map[int]*os.File
}

func newClaims(dir string) *claims { return &claims{dir: dir, held: map[int]*os.File{}} }

// take reports whether the port is this launcher's now. What the kernel holds ends with the process, however that ends. A file that
// cannot be opened is somebody else's: so is the port then.
func (c *claims) take(port int) bool {
	if c.held[port] != nil {
		return true
	}
	f, err := os.OpenFile(filepath.Join(c.dir, "carefusion-port-"+strconv.Itoa(port)+".lock"), os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return false
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		_ = f.Close()
		return false
	}
	c.held[port] = f
	return true
}

// Close gives all of them up.
func (c *claims) Close() error {
	var errs []error
	for port, f := range c.held {
		errs = append(errs, f.Close())
		delete(c.held, port)
	}
	return errors.Join(errs...)
}
