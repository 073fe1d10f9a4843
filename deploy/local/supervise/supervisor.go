package supervise

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Supervisor owns a set of children.
type Supervisor struct {
	logDir   string
	onChange func()
	fork     *forker

	mu       sync.Mutex
	children []*child
	closed   bool
}

// New makes a supervisor whose children write to <logDir>/<name>.log. onChange, if given, hears of every change of state.
func New(logDir string, onChange func()) (*Supervisor, error) {
	if err := os.MkdirAll(logDir, 0o755); err != nil {
		return nil, err
	}
	if onChange == nil {
		onChange = func() {}
	}
	return &Supervisor{logDir: logDir, onChange: onChange, fork: newForker()}, nil
}

// Start starts a child and returns when it is ready. From then on it is restarted whenever it ends. A child that dies again
// and again before it was ever ready is an error that carries the end of its log.
func (s *Supervisor) Start(ctx context.Context, p Process) error {
	c := &child{spec: p, super: s, done: make(chan struct{}), ready: make(chan error, 1)}
	c.status = Status{Name: p.Name, State: Starting, Since: time.Now()}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	s.mu.Lock()
	switch {
	case s.closed:
		s.mu.Unlock()
		return errors.New("the fleet is stopping")
	case slices.ContainsFunc(s.children, func(o *child) bool { return o.spec.Name == p.Name }):
		s.mu.Unlock()
		return fmt.Errorf("process %s is already there", p.Name)
	}
	s.children = append(s.children, c)
	s.mu.Unlock()
	go c.run()
	select {
	case err := <-c.ready:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%s is not ready: %w\n%s", p.Name, ctx.Err(), s.Tail(p.Name, 15))
	}
}

// Stop ends one child in order, without a restart, and waits for it.
func (s *Supervisor) Stop(name string) {
	if c := s.find(name); c != nil {
		c.cancel()
		<-c.done
	}
}

// Close ends all children, the last started first; names in one group stop together. Children that no group names end last.
func (s *Supervisor) Close(groups ...[]string) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	rest := slices.Clone(s.children)
	s.mu.Unlock()
	slices.Reverse(rest)
	for _, group := range groups {
		var wg sync.WaitGroup
		for _, name := range group {
			wg.Go(func() { s.Stop(name) })
		}
		wg.Wait()
	}
	for _, c := range rest {
		s.Stop(c.spec.Name)
	}
	s.fork.close()
}

// Kill sends SIGKILL to a child, as a fault would; the supervisor brings it back.
func (s *Supervisor) Kill(name string) error { return s.signal(name, syscall.SIGKILL) }

func (s *Supervisor) signal(name string, sig syscall.Signal) error {
	c := s.find(name)
	if c == nil {
		return fmt.Errorf("no process is named %q", name)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.status.PID == 0 {
		return fmt.Errorf("%s is not running", name)
	}
	return syscall.Kill(c.status.PID, sig)
}

// Ready asks a child's readiness probe once.
func (s *Supervisor) Ready(ctx context.Context, name string) error {
	c := s.find(name)
	if c == nil {
		return fmt.Errorf("no process is named %q", name)
	}
	if c.spec.Ready == nil {
		return nil
	}
	return c.spec.Ready(ctx)
}

// Status lists all children in the order of their start.
func (s *Supervisor) Status() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Status, len(s.children))
	for i, c := range s.children {
		c.mu.Lock()
		out[i] = c.status
		c.mu.Unlock()
	}
	return out
}

// Tail is the end of a child's log.
func (s *Supervisor) Tail(name string, lines int) string {
	raw, err := os.ReadFile(s.logFile(name))
	if err != nil {
		return ""
	}
	end := len(raw)
	for i := len(raw) - 2; i >= 0; i-- {
		if raw[i] == '\n' {
			if lines--; lines == 0 {
				return string(raw[i+1 : end])
			}
		}
	}
	return string(raw)
}

func (s *Supervisor) find(name string) *child {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.children {
		if c.spec.Name == name {
			return c
		}
	}
	return nil
}

func (s *Supervisor) logFile(name string) string { return filepath.Join(s.logDir, name+".log") }
