package local

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	firstPause = 100 * time.Millisecond
	longPause  = 5 * time.Second
	// steady is how long a process must have run for the next pause to be short again.
	steady = 30 * time.Second
	// grace is how long a process may take to end.
	grace = 20 * time.Second
)

// child is a process that is started again whenever it ends.
type child struct {
	name, log string
	command   func() *exec.Cmd
	// changed is called with every start.
	changed func(Process)

	mu  sync.Mutex
	now Process
}

// run keeps the process running until the context is over. It holds its thread: the kernel's signal on the parent's death is
// sent when the thread ends that started the child.
func (c *child) run(ctx context.Context) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pause := firstPause
	for restarts := 0; ; restarts++ {
		began := time.Now()
		if err := c.once(ctx, restarts); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(began) > steady {
			pause = firstPause
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, longPause)
	}
}

func (c *child) once(ctx context.Context, restarts int) error {
	out, err := os.OpenFile(c.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("local: %w", err)
	}
	defer func() { _ = out.Close() }()
	cmd := c.command()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("local: %s: %w", c.name, err)
	}
	c.mu.Lock()
	c.now = Process{Name: c.name, PID: cmd.Process.Pid, Restarts: restarts, Since: time.Now()}
	c.changed(c.now)
	c.mu.Unlock()
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(grace):
		_ = cmd.Process.Kill()
		<-ended
	}
	return nil
}

func (c *child) restarts() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now.Restarts
}
