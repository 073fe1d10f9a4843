package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

// State is what a running launcher tells others.
type State struct {
	Launcher  int       `json:"launcher"`
	Ready     bool      `json:"ready"`
	URL       string    `json:"url"`
	Database  string    `json:"database"`
	Edge      int       `json:"edgePort"`
	Admin     int       `json:"adminPort"`
	Video     int       `json:"videoPort"`
	Media     int       `json:"mediaPort"`
	Hook      int       `json:"hookPort"`
	Broker    int       `json:"brokerPort"`
	Processes []Process `json:"processes"`
}

// Process is one child.
type Process struct {
	Name     string    `json:"name"`
	PID      int       `json:"pid"`
	Restarts int       `json:"restarts"`
	Since    time.Time `json:"since"`
}

// leaving is how long what a killed launcher left behind may take to end.
const leaving = 10 * time.Second

// ErrRunning is what a second launcher is told.
var ErrRunning = errors.New("local: CareFusion runs already; see status")

// lock is held while a launcher runs; the kernel drops it, however the launcher ends.
func (l Layout) lock() (*os.File, error) {
	f, err := os.OpenFile(l.path("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("local: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrRunning
		}
		return nil, fmt.Errorf("local: lock: %w", err)
	}
	return f, nil
}

// Running reports whether a launcher holds the lock.
func (l Layout) Running() (bool, error) {
	f, err := l.lock()
	if errors.Is(err, ErrRunning) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, f.Close()
}

// State reads what the launcher told last.
func (l Layout) State() (State, error) {
	var s State
	text, err := os.ReadFile(l.state())
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("local: %w", err)
	}
	return s, json.Unmarshal(text, &s)
}

func (l Layout) tell(s State) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return l.write(string(text)+"\n", "state.json")
}

// Down ends the launcher and waits for it.
func (l Layout) Down(patience time.Duration) error {
	running, err := l.Running()
	if err != nil || !running {
		return err
	}
	s, err := l.State()
	if err != nil {
		return err
	}
	if s.Launcher == 0 {
		return errors.New("local: a launcher is starting and cannot be told to stop yet; try again")
	}
	if err := syscall.Kill(s.Launcher, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("local: stop: %w", err)
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if running, err := l.Running(); err != nil || !running {
			return err
		}
	}
	return fmt.Errorf("local: the launcher, process %d, does not end; its log is %s", s.Launcher, l.Log("launcher"))
}

// port answers the port that an installation had before, or else the preferred one, or else a free one. One that it had is not
// given up, since people and applications know it.
func (c *claims) port(had, preferred int) (int, error) {
	ours := func(port int) bool { return c.take(port) && free(port) }
	if had != 0 {
		// Its own processes of before may still be on their way down.
		for end := time.Now().Add(leaving); !ours(had) && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		}
		if !ours(had) {
			return 0, fmt.Errorf("local: port %d of this installation is in use by another program: stop that, or reset", had)
		}
		return had, nil
	}
	if ours(preferred) {
		return preferred, nil
	}
	for range attempts {
		other, err := unused()
		if err != nil {
			return 0, err
		}
		if ours(other) {
			return other, nil
		}
	}
	return 0, errors.New("local: no free port")
}

// attempts is how often a port that the kernel calls free may turn out to be another launcher's.
const attempts = 20

func unused() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("local: no free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	_, text, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

// free asks for both kinds: video is signalled by TCP and sent by UDP.
func free(port int) bool {
	address := "127.0.0.1:" + strconv.Itoa(port)
	l, err := net.Listen("tcp", address)
	if err != nil {
		return false
	}
	defer func() { _ = l.Close() }()
	p, err := net.ListenPacket("udp", address)
	if err != nil {
		return false
	}
	return p.Close() == nil
}
