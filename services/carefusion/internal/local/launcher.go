package local

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/services/carefusion/internal/postgres"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

const (
	database = "carefusion"
	// hopeless is how often the service may die before it was ever ready.
	hopeless = 4
)

// Options is what a start is told.
type Options struct {
	Layout Layout
	// Binary is the service's program, Self the launcher's, which is also the video server's and the broker's.
	Binary, Self string
	// Ready is called once everything answers.
	Ready func(State)
}

// launcher is one start.
type launcher struct {
	Options
	people People
	claims *claims
	mu     sync.Mutex
	state  State
	held   error
}

// Up starts CareFusion and stays until the context is over.
func Up(ctx context.Context, o Options) (err error) {
	if _, err := os.Stat(o.Binary); err != nil {
		return fmt.Errorf("local: the service's program is missing: %w", err)
	}
	lock, err := o.Layout.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	l := &launcher{Options: o, claims: newClaims(os.TempDir())}
	defer func() { err = errors.Join(err, l.claims.Close()) }()
	if err := l.prepare(); err != nil {
		return err
	}
	dir, err := o.Layout.cluster()
	if err != nil {
		return err
	}
	pg, err := cluster(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pg.Stop()) }()
	if err := l.schema(ctx, pg.URL); err != nil {
		return err
	}
	return l.serve(ctx)
}

// cluster starts PostgreSQL. After a launcher was killed its server may still be on its way down, and keeps the folder meanwhile.
func cluster(ctx context.Context, dir string) (*postgres.Server, error) {
	for end := time.Now().Add(leaving); ; time.Sleep(500 * time.Millisecond) {
		pg, err := postgres.Start(ctx, dir, true)
		if err == nil || !exists(filepath.Join(dir, "postmaster.pid")) || time.Now().After(end) || ctx.Err() != nil {
			return pg, err
		}
	}
}

// prepare writes everything that the service reads.
func (l *launcher) prepare() error {
	before, err := l.Layout.State()
	if err != nil {
		return err
	}
	l.state = before
	l.state.Launcher, l.state.Ready, l.state.Processes = os.Getpid(), false, nil
	for _, p := range []struct {
		port      *int
		preferred int
	}{{&l.state.Edge, 9443}, {&l.state.Admin, 9490}, {&l.state.Video, 9480}, {&l.state.Media, 9482}, {&l.state.Hook, 9491}, {&l.state.Broker, 9484}} {
		if *p.port, err = l.claims.port(*p.port, p.preferred); err != nil {
			return err
		}
	}
	l.state.URL = "https://127.0.0.1:" + strconv.Itoa(l.state.Edge)
	if err := l.Layout.tell(l.state); err != nil {
		return err
	}
	if l.people, err = l.Layout.people(); err != nil {
		return err
	}
	_, err = l.Layout.dataKey()
	_, verr := l.Layout.videoKey()
	return errors.Join(err, verr, l.Layout.certify(time.Now()), l.Layout.realm(l.people, l.state.URL), os.MkdirAll(l.Layout.path("reminders"), 0o700))
}

// schema makes the database with its roles, as an administrator would, and brings it to the newest version.
func (l *launcher) schema(ctx context.Context, super string) error {
	conn, err := pgx.Connect(ctx, super)
	if err != nil {
		return fmt.Errorf("local: PostgreSQL: %w", err)
	}
	var there bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, database).Scan(&there)
	if err == nil && !there {
		_, err = conn.Exec(ctx, `CREATE DATABASE `+database)
	}
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		return fmt.Errorf("local: database: %w", err)
	}
	owner, err := pgx.Connect(ctx, as(super, ""))
	if err != nil {
		return fmt.Errorf("local: PostgreSQL: %w", err)
	}
	_, err = owner.Exec(ctx, store.Roles())
	if err := errors.Join(err, owner.Close(ctx)); err != nil {
		return fmt.Errorf("local: roles: %w", err)
	}
	if _, err := store.Migrate(ctx, as(super, "carefusion_migrator")); err != nil {
		return err
	}
	l.state.Database = as(super, "")
	return errors.Join(
		l.Layout.write(as(super, "carefusion_login"), "secrets", "database-url"),
		l.Layout.write(as(super, "carefusion_migrator"), "secrets", "migrator-database-url"))
}

// as names another user of CareFusion's database; the superuser if none is named.
func as(super, user string) string {
	u, err := url.Parse(super)
	if err != nil {
		return super
	}
	if user != "" {
		u.User = url.User(user)
	}
	u.Path = "/" + database
	return u.String()
}

// serve runs the service with its video server and its broker, makes the demo data at the first start and stays.
func (l *launcher) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	service := l.child("carefusion", func() *exec.Cmd { return exec.Command(l.Binary, "serve") })
	children := []*child{service}
	for _, name := range []string{"broker", "video"} {
		children = append(children, l.child(name, func() *exec.Cmd { return exec.Command(l.Self, "-dir", l.Layout.Dir, name) }))
	}
	done := make(chan error, len(children))
	for _, c := range children {
		go func() { done <- c.run(ctx); cancel() }()
	}
	err := l.begin(ctx, service)
	if err == nil {
		<-ctx.Done()
	}
	cancel()
	for range children {
		err = errors.Join(err, <-done)
	}
	return errors.Join(err, l.told())
}

func (l *launcher) child(name string, command func() *exec.Cmd) *child {
	return &child{name: name, log: l.Layout.Log(name), changed: l.changed, command: func() *exec.Cmd {
		cmd := command()
		cmd.Env, cmd.Dir = l.settings(), "/"
		return cmd
	}}
}

func (l *launcher) begin(ctx context.Context, service *child) error {
	if err := l.await(ctx, service); err != nil {
		return err
	}
	if !exists(l.Layout.path("seeded")) {
		a, err := newAPI(l.Layout, l.state.URL, l.people)
		if err != nil {
			return err
		}
		if err := a.seed(ctx, time.Now()); err != nil {
			return fmt.Errorf("local: demo data: %w", err)
		}
		if err := l.Layout.write("", "seeded"); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Ready = true
	if err := l.Layout.tell(l.state); err != nil {
		return err
	}
	l.Ready(l.state)
	return nil
}

// await fails when the service dies again and again before it ever answered.
func (l *launcher) await(ctx context.Context, service *child) error {
	client := &http.Client{Timeout: 2 * time.Second}
	target := "http://127.0.0.1:" + strconv.Itoa(l.state.Admin) + "/readyz"
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
		if err != nil {
			return err
		}
		if res, err := client.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		if service.restarts() >= hopeless {
			return fmt.Errorf("local: the service does not start; its log ends:\n%s", tail(l.Layout.Log("carefusion")))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// changed keeps the state true when a process starts again; a failure to write it is told at the end.
func (l *launcher) changed(p Process) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Processes = append(slices.DeleteFunc(l.state.Processes, func(q Process) bool { return q.Name == p.Name }), p)
	slices.SortFunc(l.state.Processes, func(a, b Process) int { return strings.Compare(a.Name, b.Name) })
	l.held = errors.Join(l.held, l.Layout.tell(l.state))
}

func (l *launcher) told() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Ready, l.state.Launcher, l.state.Processes = false, 0, nil
	return errors.Join(l.held, l.Layout.tell(l.state))
}

func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return filepath.Base(path) + " is not there"
	}
	return string(text[max(0, len(text)-2000):])
}
