package pg

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// process is a child that dies with us.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
	last *lastBytes
}

// launch starts the child on an OS thread of its own: the kernel sends Pdeathsig when the *thread* that forked ends, and
// the Go runtime ends idle threads.
func launch(path string, args []string, who *credential, opts Options) (*process, error) {
	p := &process{cmd: exec.Command(path, args...), done: make(chan struct{}), last: &lastBytes{}}
	out := io.Writer(p.last)
	if opts.Log != nil {
		out = io.MultiWriter(p.last, opts.Log)
	}
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.Dir = "/"
	p.cmd.Env = cleanEnv()
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if !opts.KeepOnParentDeath {
		p.cmd.SysProcAttr.Pdeathsig = syscall.SIGINT
	}
	who.apply(p.cmd)
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := p.cmd.Start(); err != nil {
			started <- err
			close(p.done)
			return
		}
		started <- nil
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p, <-started
}

// stop asks for a fast shutdown and insists after a while.
func (p *process) stop(patience time.Duration) error {
	if p == nil || p.cmd.Process == nil {
		return nil
	}
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		_ = p.cmd.Process.Signal(sig)
		select {
		case <-p.done:
			return nil
		case <-time.After(patience / 2):
		}
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
	return errors.New("pg: postgres had to be killed")
}

func (p *process) tail() string { return p.last.String() }

// credential is the user that the server runs as when we are root, since PostgreSQL refuses to run as root.
type credential struct{ uid, gid int }

func runAs() (*credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, errors.New("pg: running as root needs the user postgres (install the package postgresql)")
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return &credential{uid: uid, gid: gid}, nil
}

func (c *credential) apply(cmd *exec.Cmd) {
	if c == nil {
		return
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(c.uid), Gid: uint32(c.gid)} //nolint:gosec // from the user database
}

func (c *credential) own(path string) error {
	if c == nil {
		return nil
	}
	return os.Chown(path, c.uid, c.gid)
}

// cleanEnv drops the variables that would steer PostgreSQL's programs.
func cleanEnv() []string {
	env := []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	if lib := os.Getenv("LD_LIBRARY_PATH"); lib != "" {
		env = append(env, "LD_LIBRARY_PATH="+lib)
	}
	return env
}

// lastBytes keeps the end of what the server said, for error messages.
type lastBytes struct {
	mu  sync.Mutex
	buf []byte
}

const keepBytes = 4096

func (l *lastBytes) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf = append(l.buf, b...)
	if n := len(l.buf) - keepBytes; n > 0 {
		l.buf = append([]byte(nil), l.buf[n:]...)
	}
	return len(b), nil
}

func (l *lastBytes) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(bytes.TrimSpace(l.buf))
}
