package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/fusionems/quantum/deploy/local/supervise"
)

// State is what a fleet tells others about itself, in state.json: the ports it will ask for again, and its processes.
type State struct {
	PID       int                `json:"pid"`
	Ready     bool               `json:"ready"`
	Ports     map[string]int     `json:"ports"`
	Addresses []Address          `json:"addresses,omitempty"`
	Processes []supervise.Status `json:"processes,omitempty"`
}

// Address is where one thing can be reached.
type Address struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// ReadState reads what the fleet of a directory last said. A directory without one has an empty state.
func ReadState(dir string) (State, error) {
	var s State
	raw, err := os.ReadFile(layout{dir}.stateFile())
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(raw, &s)
}

// RunningError says that a fleet runs in the directory already.
type RunningError struct{ PID int }

func (e *RunningError) Error() string {
	return fmt.Sprintf("the fleet is already running (process %d)", e.PID)
}

// lock is held by the one process that runs the fleet of a directory. The kernel drops it with the process, however that ends.
type lock struct{ file *os.File }

func takeLock(l layout) (*lock, error) {
	f, err := os.OpenFile(l.lockFile(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &RunningError{PID: lockedBy(l)}
		}
		return nil, err
	}
	if err = f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &lock{f}, nil
}

func (l *lock) release() { l.file.Close() }

func lockedBy(l layout) int {
	raw, err := os.ReadFile(l.lockFile())
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		return 0
	}
	return pid
}

// RunningPID is the process that runs the fleet of a directory, or 0.
func RunningPID(dir string) int {
	l := layout{dir}
	f, err := os.Open(l.lockFile())
	if err != nil {
		return 0
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return lockedBy(l)
	}
	return 0
}
