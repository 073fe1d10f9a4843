package supervise

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// forker starts commands on one operating-system thread.
type forker struct {
	requests chan forkRequest
}

type forkRequest struct {
	cmd  *exec.Cmd
	done chan error
}

func newForker() *forker {
	f := &forker{requests: make(chan forkRequest)}
	go func() {
		// Never unlocked: when this goroutine returns its thread ends with it, and the children's parent-death signal fires
		// for whatever is still there.
		runtime.LockOSThread()
		for r := range f.requests {
			r.done <- r.cmd.Start()
		}
	}()
	return f
}

func (f *forker) start(cmd *exec.Cmd) error {
	r := forkRequest{cmd: cmd, done: make(chan error, 1)}
	f.requests <- r
	return <-r.done
}

func (f *forker) close() { close(f.requests) }

// launch starts the program of a child.
func (f *forker) launch(p Process, log *os.File) (Instance, error) {
	cmd := exec.Command(p.Path, p.Args...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = p.Env, p.Dir, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := f.start(cmd); err != nil {
		return nil, err
	}
	pr := &program{cmd: cmd, done: make(chan struct{})}
	go pr.wait()
	return pr, nil
}

// program is one life of a program.
type program struct {
	cmd  *exec.Cmd
	done chan struct{}
	exit error // valid when done is closed
}

func (p *program) wait() {
	if p.exit = p.cmd.Wait(); p.exit == nil {
		p.exit = errors.New("exit status 0")
	}
	// What the program itself started must not outlive it and hold its port or its files.
	p.killGroup()
	close(p.done)
}

func (p *program) PID() int              { return p.cmd.Process.Pid }
func (p *program) Done() <-chan struct{} { return p.done }
func (p *program) Exit() error           { return p.exit }

func (p *program) Stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(stopTimeout):
		p.killGroup()
		<-p.done
	}
	return p.exit
}

func (p *program) killGroup() { _ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }
