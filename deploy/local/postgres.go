package local

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/deploy/local/supervise"
	"github.com/fusionems/quantum/pkg/testkit/pg"
)

// minPostgres is the oldest major version whose views can be security invokers, which the schemas rely on.
const minPostgres = 15

// ensurePostgres sees to it that a PostgreSQL is installed: Debian's package, where this process may install one. The package
// would also create and start a cluster of its own, which nobody asked for; the setting that prevents it is written first.
func ensurePostgres(ctx context.Context, say func(string, ...any)) error {
	if debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb"); len(debian) > 0 {
		return nil
	}
	if _, err := exec.LookPath("initdb"); err == nil {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return errors.New("no PostgreSQL found: install it (on Debian `sudo apt-get install postgresql`) or name a server in DATABASE_URL")
	}
	say("Installing PostgreSQL")
	const setting = "/etc/postgresql-common/createcluster.conf"
	if _, err := os.Stat(setting); errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(setting), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(setting, []byte("create_main_cluster = false\n"), 0o644); err != nil {
			return err
		}
	}
	for _, args := range [][]string{
		{"update", "-q"},
		{"install", "-y", "-q", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", "postgresql"},
	} {
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", args[0], err, lastLines(out, 10))
		}
	}
	return nil
}

// postgresData is where the server's data lives. A server that may not run as root cannot reach into a directory that only
// root may enter, as /root is on Debian; then the data goes to /var/lib, under a name made of the fleet's directory.
func postgresData(l layout) (string, error) {
	if os.Geteuid() != 0 {
		return l.path("postgres"), nil
	}
	for d := l.dir; ; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		if err != nil {
			return "", err
		}
		if info.Mode().Perm()&0o001 == 0 {
			return externalData(l.dir), os.MkdirAll(externalData(l.dir), 0o755)
		}
		if d == filepath.Dir(d) {
			return l.path("postgres"), nil
		}
	}
}

func externalData(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join("/var/lib/fusionems", hex.EncodeToString(sum[:6]), "postgres")
}

// RemoveData deletes the fleet's directory and what it keeps outside of it.
func RemoveData(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(filepath.Dir(externalData(dir))), os.RemoveAll(dir))
}

func (f *Fleet) postgresOptions(password string) (pg.Options, error) {
	data, err := postgresData(f.layout)
	if err != nil {
		return pg.Options{}, err
	}
	return pg.Options{
		DataDir: data, Durable: true, Port: f.port("postgres"), Password: password,
		TLSCertFile: f.auth.certFile("postgres"), TLSKeyFile: f.auth.keyFile("postgres"), TLSCAFile: f.auth.caFile(),
		Settings: map[string]string{"max_connections": "200", "log_min_messages": "warning"},
	}, nil
}

// startPostgres starts the private server, or takes the one that DATABASE_URL names, and prepares it.
func (f *Fleet) startPostgres(ctx context.Context) error {
	if !f.embedded("DATABASE_URL") {
		f.env["DATABASE_URL"] = f.opts.Getenv("DATABASE_URL")
		return f.prepareDatabase(ctx, f.env["DATABASE_URL"])
	}
	if err := ensurePostgres(ctx, f.say); err != nil {
		return err
	}
	f.say("Starting PostgreSQL")
	password, err := f.layout.ensureSecret("postgres", randomSecret)
	if err != nil {
		return err
	}
	opts, err := f.postgresOptions(password)
	if err != nil {
		return err
	}
	var url func(database string) string
	err = f.super.Start(ctx, supervise.Process{Name: "postgres", Launch: func(ctx context.Context, log io.Writer) (supervise.Instance, error) {
		o := opts
		o.Log = log
		server, err := pg.Start(ctx, o)
		if err != nil {
			return nil, err
		}
		url = server.URL
		return server, nil
	}})
	if err != nil {
		return err
	}
	admin, database := url("postgres"), url(databaseName)
	if err := createDatabase(ctx, admin); err != nil {
		return err
	}
	f.env["DATABASE_URL"] = database
	return f.prepareDatabase(ctx, database)
}

func createDatabase(ctx context.Context, admin string) error {
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var exists bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, databaseName).Scan(&exists)
	if err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+databaseName+" TEMPLATE template0 ENCODING 'UTF8'")
	return err
}

func lastLines(out []byte, n int) string {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return string(bytes.Join(lines, []byte("\n")))
}
