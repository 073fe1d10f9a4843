package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a running PostgreSQL.
type Server struct {
	// URL is the superuser's.
	URL string
	cmd *exec.Cmd
	end chan error
}

// Start makes a cluster in dir unless there is one, and runs it on a free port until Stop. Without durability it is for tests only.
func Start(ctx context.Context, dir string, durable bool) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	as, err := account(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, "PG_VERSION")); err != nil {
		initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", dir, "-U", "postgres", "--no-locale", "-E", "UTF8", "-A", "trust", "--no-sync", "--no-instructions")
		initdb.SysProcAttr, initdb.Dir, initdb.Env = as, "/", environment()
		if out, err := initdb.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("postgres: initdb: %w: %s", err, out)
		}
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	args := []string{"-D", dir, "-c", "listen_addresses=127.0.0.1", "-c", "port=" + strconv.Itoa(port), "-c", "unix_socket_directories=",
		"-c", "max_connections=200", "-c", "timezone=UTC",
		// Parameters are health information.
		"-c", "log_parameter_max_length=0", "-c", "log_parameter_max_length_on_error=0", "-c", "log_min_error_statement=panic", "-c", "log_error_verbosity=terse"}
	if !durable {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	s := &Server{cmd: exec.Command(filepath.Join(bin, "postgres"), args...), end: make(chan error, 1)}
	s.cmd.SysProcAttr, s.cmd.Dir, s.cmd.Env = as, "/", environment()
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	go func() { s.end <- s.cmd.Wait() }()
	s.URL = fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
	if err := s.await(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.URL)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case end := <-s.end:
			s.end <- end
			return fmt.Errorf("postgres: ended at once: %w", end)
		case <-ctx.Done():
			return fmt.Errorf("postgres: does not answer: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Stop ends the server and waits for it.
func (s *Server) Stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-s.end:
		return nil
	case <-time.After(20 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.end
		return errors.New("postgres: had to be killed")
	}
}

func binaries() (string, error) {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.Reverse(dirs)
	if found, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(found))
	}
	for _, d := range append([]string{os.Getenv("CAREFUSION_PG_BIN")}, dirs...) {
		if st, err := os.Stat(filepath.Join(d, "initdb")); d != "" && err == nil && st.Mode().IsRegular() {
			return d, nil
		}
	}
	return "", errors.New("postgres: not found: install the package postgresql, or name its bin folder in CAREFUSION_PG_BIN")
}

// account makes dir, owned by whom the server will run as: PostgreSQL refuses to run as root.
func account(dir string) (*syscall.SysProcAttr, error) {
	// Who starts a server ends it, also by being killed: a second server cannot have the folder while the first runs.
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if os.Geteuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, errors.New("postgres: running as root needs the user postgres (install the package postgresql)")
	}
	uid, uerr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gerr := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(uerr, gerr); err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(dir, int(uid), int(gid))
}

func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

func environment() []string {
	env := []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	if lib := os.Getenv("LD_LIBRARY_PATH"); lib != "" {
		env = append(env, "LD_LIBRARY_PATH="+strings.TrimSpace(lib))
	}
	return env
}
