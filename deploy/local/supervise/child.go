package supervise

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

type child struct {
	spec   Process
	super  *Supervisor
	ctx    context.Context // ends when the child is to stop for good
	cancel context.CancelFunc
	done   chan struct{} // closed when it has
	ready  chan error    // gets the outcome of the start, once

	mu     sync.Mutex
	status Status
}

// run keeps the child alive until it is to stop.
func (c *child) run() {
	defer close(c.done)
	defer c.set(func(s *Status) { s.State, s.PID = Stopped, 0 })
	backoff, deaths, wasReady := firstBackoff, 0, false
	for c.ctx.Err() == nil {
		began := time.Now()
		ready, err := c.once()
		wasReady = wasReady || ready
		if c.ctx.Err() != nil {
			return
		}
		if deaths++; !wasReady && deaths >= startAttempts {
			c.report(fmt.Errorf("%s does not start: %w\n%s", c.spec.Name, err, c.super.Tail(c.spec.Name, 15)))
			return
		}
		if time.Since(began) >= steadyAfter {
			backoff = firstBackoff
		}
		c.set(func(s *Status) {
			s.State, s.PID, s.LastExit = Restarting, 0, err.Error()
			s.Restarts++
		})
		select {
		case <-c.ctx.Done():
		case <-time.After(backoff):
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// once runs the child until it ends and says whether it became ready and how it ended.
func (c *child) once() (bool, error) {
	log, err := c.openLog()
	if err != nil {
		return false, err
	}
	defer log.Close()
	instance, err := c.launch(log)
	if err != nil {
		return false, err
	}
	c.set(func(s *Status) { s.State, s.PID, s.Since = Starting, instance.PID(), time.Now() })
	becameReady := make(chan struct{})
	probing, stopProbing := context.WithCancel(c.ctx)
	defer stopProbing()
	go c.probe(probing, becameReady)
	ready := false
	for {
		select {
		case <-instance.Done():
			return ready, exitOf(instance)
		case <-becameReady:
			ready, becameReady = true, nil
			c.set(func(s *Status) { s.State = Running })
			c.report(nil)
		case <-c.ctx.Done():
			return ready, instance.Stop()
		}
	}
}

func (c *child) launch(log *os.File) (Instance, error) {
	if c.spec.Launch != nil {
		return c.spec.Launch(c.ctx, log)
	}
	return c.super.fork.launch(c.spec, log)
}

// exitOf says how an instance ended, where it can tell.
func exitOf(i Instance) error {
	if e, ok := i.(interface{ Exit() error }); ok {
		return e.Exit()
	}
	return errors.New("ended")
}

func (c *child) probe(ctx context.Context, ready chan<- struct{}) {
	for c.spec.Ready != nil {
		probe, cancel := context.WithTimeout(ctx, readyProbe)
		err := c.spec.Ready(probe)
		cancel()
		if err == nil {
			break
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(readyInterval):
		}
	}
	close(ready)
}

func (c *child) report(err error) {
	select {
	case c.ready <- err:
	default: // only the first outcome is of interest to whoever started it
	}
}

func (c *child) set(change func(*Status)) {
	c.mu.Lock()
	change(&c.status)
	c.mu.Unlock()
	c.super.onChange()
}

// openLog opens the log for appending. A log that has grown beyond its bound starts over: nothing rotates logs here.
func (c *child) openLog() (*os.File, error) {
	path := c.super.logFile(c.spec.Name)
	flags := os.O_CREATE | os.O_WRONLY | os.O_APPEND
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		flags |= os.O_TRUNC
	}
	return os.OpenFile(path, flags, 0o600)
}
