package pg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options say how the cluster runs. The zero value is for tests: fast, not durable, gone afterwards.
type Options struct {
	// DataDir keeps the cluster; it is initialized when empty. "" means a temporary directory.
	DataDir string
	// Durable turns on fsync, full page writes and synchronous commit.
	Durable bool
	// Host and Port to listen on; "" is 127.0.0.1 and 0 is a free port.
	Host string
	Port int
	// Password of the superuser "postgres". With it every connection needs SCRAM; without it, all are trusted.
	Password string
	// TLSCertFile and TLSKeyFile turn TLS on, and TCP connections without it off.
	TLSCertFile, TLSKeyFile string
	// TLSCAFile is what clients of URL verify the server with.
	TLSCAFile string
	// Binaries is the folder of initdb and postgres; "" means FLEET_PG_BIN, PATH, or Debian's place.
	Binaries string
	// Settings are passed on as configuration parameters.
	Settings map[string]string
	// Log gets the server's output; nil drops it.
	Log io.Writer
	// KeepOnParentDeath leaves the server running when this process is killed.
	KeepOnParentDeath bool
}

// Server is a running cluster.
type Server struct {
	opts Options
	host string
	port int
	dir  string
	temp string // removed at Stop
	proc *process
	once sync.Once
}

const (
	startTimeout = time.Minute
	stopTimeout  = 20 * time.Second
	portTries    = 5
)

var errPortTaken = errors.New("pg: somebody else has the port")

// Start initializes the cluster if needed and returns when it accepts connections.
func Start(ctx context.Context, opts Options) (*Server, error) {
	bin, err := findBinaries(opts.Binaries)
	if err != nil {
		return nil, err
	}
	s := &Server{opts: opts, host: opts.Host, port: opts.Port, dir: opts.DataDir}
	if s.host == "" {
		s.host = "127.0.0.1"
	}
	if err := s.place(); err != nil {
		return nil, err
	}
	if err := s.boot(ctx, bin); err != nil {
		s.cleanUp()
		return nil, err
	}
	return s, nil
}

func (s *Server) boot(ctx context.Context, bin string) error {
	who, err := runAs()
	if err != nil {
		return err
	}
	if err := initialize(ctx, bin, s.dir, who, s.opts); err != nil {
		return err
	}
	for range portTries {
		if err = s.launch(ctx, bin, who); s.opts.Port != 0 || !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil && s.proc != nil {
		return errors.Join(err, s.Stop())
	}
	return err
}

// launch starts postgres on the port that it was given, or on one that is free now: whoever asks for any port at the same moment
// may be faster, so that this can fail and is tried again.
func (s *Server) launch(ctx context.Context, bin string, who *credential) (err error) {
	if s.opts.Port == 0 {
		if s.port, err = freePort(s.host); err != nil {
			return err
		}
	}
	args, err := s.args(who)
	if err != nil {
		return err
	}
	if s.proc, err = launch(filepath.Join(bin, "postgres"), args, who, s.opts); err != nil {
		return err
	}
	return s.awaitReady(ctx)
}

// place makes the temporary directory, after sweeping away what killed test processes left.
func (s *Server) place() error {
	if s.dir != "" {
		return nil
	}
	sweep()
	temp, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", tempPrefix, os.Getpid()))
	if err != nil {
		return err
	}
	// The server's user must be able to walk through it.
	if err := os.Chmod(temp, 0o711); err != nil { //nolint:gosec // only the way through, not the content
		return err
	}
	s.temp, s.dir = temp, filepath.Join(temp, "data")
	return nil
}

func (s *Server) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := s.answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.proc.done:
			if strings.Contains(s.proc.tail(), "Address already in use") {
				return fmt.Errorf("%w: %s", errPortTaken, s.proc.tail())
			}
			return fmt.Errorf("pg: postgres ended at once: %w: %s", s.proc.err, s.proc.tail())
		case <-ctx.Done():
			return fmt.Errorf("pg: postgres did not accept connections: %w: %s", err, s.proc.tail())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// answers connects, and looks whether it is this cluster that answers: another one that has the port would do so too.
func (s *Server) answers(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var dir string
	if err := conn.QueryRow(ctx, "SHOW data_directory").Scan(&dir); err != nil {
		return err
	}
	theirs, err := os.Stat(dir)
	if err != nil {
		return err
	}
	ours, err := os.Stat(s.dir)
	if err != nil {
		return err
	}
	if !os.SameFile(ours, theirs) {
		return errPortTaken
	}
	return nil
}

// URL connects as superuser to a database of the cluster.
func (s *Server) URL(database string) string {
	return s.URLFor("postgres", s.opts.Password, database)
}

// URLFor connects as somebody to a database of the cluster.
func (s *Server) URLFor(user, password, database string) string {
	u := url.URL{Scheme: "postgres", Host: net.JoinHostPort(s.host, strconv.Itoa(s.port)), Path: "/" + database, User: url.User(user)}
	if password != "" {
		u.User = url.UserPassword(user, password)
	}
	q := url.Values{"sslmode": {"disable"}}
	if s.opts.TLSCertFile != "" {
		q.Set("sslmode", "require")
		if s.opts.TLSCAFile != "" {
			q.Set("sslmode", "verify-full")
			q.Set("sslrootcert", s.opts.TLSCAFile)
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// Port is the TCP port.
func (s *Server) Port() int { return s.port }

// PID is the process id of the postmaster.
func (s *Server) PID() int { return s.proc.cmd.Process.Pid }

// Done is closed when the server has ended, by whatever cause.
func (s *Server) Done() <-chan struct{} { return s.proc.done }

// Stop ends the server: at first sessions are cut off, in the end everything is killed. Temporary data is removed.
func (s *Server) Stop() error {
	var err error
	s.once.Do(func() {
		err = s.proc.stop(stopTimeout)
		s.cleanUp()
	})
	return err
}

func (s *Server) cleanUp() {
	if s.temp != "" {
		_ = os.RemoveAll(s.temp)
	}
}

func freePort(host string) (int, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
