package controlplane

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// process is one server of a control plane.
type process struct {
	name   string
	pid    int
	log    string
	cancel context.CancelFunc
	ended  chan struct{}
}

// launch starts a binary that ends with this process, however this process ends: the kernel kills it when the thread that started it is
// gone. So that thread is held until the child ends; a thread that Go retires earlier would take the child with it.
func launch(ctx context.Context, folder, binary string, args ...string) (*process, error) {
	ctx, cancel := context.WithCancel(ctx)
	p := &process{name: filepath.Base(binary), log: filepath.Join(folder, filepath.Base(binary)+".log"), cancel: cancel, ended: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		cancel()
		return nil, err
	}
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, log, log
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "TMPDIR=" + folder}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.ended)
		defer func() { _ = log.Close() }()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		p.pid = cmd.Process.Pid
		started <- nil
		_ = cmd.Wait() // How it ended is in its log; stop asks for no more.
	}()
	if err := <-started; err != nil {
		cancel()
		return nil, fmt.Errorf("%s: %w", binary, err)
	}
	return p, nil
}

// stop kills: what the process kept is thrown away with it, and an orderly end would take the apiserver a minute.
func (p *process) stop() {
	p.cancel()
	<-p.ended
}

func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// tail is the end of what the process wrote.
func (p *process) tail() string {
	raw, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-15):], []byte("\n")))
}

// until polls until a condition holds, a process has ended, or the time is up.
func until(ctx context.Context, p *process, what string, holds func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	for {
		err := holds(ctx)
		if err == nil {
			return nil
		}
		if !p.alive() {
			return fmt.Errorf("%s ended before %s; it wrote:\n%s", p.name, what, p.tail())
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w; %s wrote:\n%s", what, err, p.name, p.tail())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
