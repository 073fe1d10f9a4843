package pg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
)

const tempPrefix = "fleet-pg-"

// findBinaries looks where it was told, then in FLEET_PG_BIN, PATH and Debian's folders, newest first.
func findBinaries(told string) (string, error) {
	places := []string{told, os.Getenv("FLEET_PG_BIN")}
	if p, err := exec.LookPath("postgres"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			places = append(places, filepath.Dir(p))
		}
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	sort.Slice(debian, func(i, j int) bool { return majorOf(debian[i]) > majorOf(debian[j]) })
	for _, dir := range append(places, debian...) {
		if dir == "" {
			continue
		}
		if isFile(filepath.Join(dir, "initdb")) && isFile(filepath.Join(dir, "postgres")) {
			return dir, nil
		}
	}
	return "", errors.New("pg: no PostgreSQL found: install the package postgresql, or name its bin folder in FLEET_PG_BIN")
}

func majorOf(dir string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return n
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

// initialize makes the cluster, unless there is one.
func initialize(ctx context.Context, bin, dir string, who *credential, opts Options) error {
	if isFile(filepath.Join(dir, "PG_VERSION")) {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := who.own(dir); err != nil {
		return err
	}
	args := []string{"-D", dir, "-U", "postgres", "--no-locale", "-E", "UTF8", "--no-instructions"}
	if !opts.Durable {
		args = append(args, "--no-sync")
	}
	if opts.Password == "" {
		args = append(args, "-A", "trust")
	} else {
		file, err := passwordFile(opts.Password, who)
		if err != nil {
			return err
		}
		defer func() { _ = os.Remove(file) }()
		args = append(args, "-A", "scram-sha-256", "--pwfile", file)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), args...)
	cmd.Env, cmd.Dir = cleanEnv(), "/"
	who.apply(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pg: initdb: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

func passwordFile(password string, who *credential) (string, error) {
	f, err := os.CreateTemp("", tempPrefix+"pw-")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(password + "\n")
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = who.own(f.Name())
	}
	return f.Name(), err
}

// args are the command line of postgres. Everything is given there: files in the data directory stay as initdb made them.
func (s *Server) args(who *credential) ([]string, error) {
	set := map[string]string{
		"listen_addresses":        s.host,
		"port":                    strconv.Itoa(s.port),
		"unix_socket_directories": "",
		"max_connections":         "300",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		// Parameters may be protected data.
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
		"log_error_verbosity":               "terse",
		"log_min_error_statement":           "panic",
	}
	if !s.opts.Durable {
		set["fsync"], set["synchronous_commit"], set["full_page_writes"] = "off", "off", "off"
	}
	if s.opts.TLSCertFile != "" {
		if err := s.enableTLS(set, who); err != nil {
			return nil, err
		}
	}
	for k, v := range s.opts.Settings {
		set[k] = v
	}
	keys := make([]string, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	args := []string{"-D", s.dir}
	for _, k := range keys {
		args = append(args, "-c", k+"="+set[k])
	}
	return args, nil
}

// enableTLS copies certificate and key to where the server's user owns them, and lets in only TLS over TCP.
func (s *Server) enableTLS(set map[string]string, who *credential) error {
	for name, from := range map[string]string{"server.crt": s.opts.TLSCertFile, "server.key": s.opts.TLSKeyFile} {
		b, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := s.ownFile(name, b, who); err != nil {
			return err
		}
	}
	method := "scram-sha-256"
	if s.opts.Password == "" {
		method = "trust"
	}
	hba := fmt.Sprintf("hostssl all all all %s\n", method)
	if err := s.ownFile("pg_hba.conf", []byte(hba), who); err != nil {
		return err
	}
	set["ssl"], set["ssl_cert_file"], set["ssl_key_file"] = "on", "server.crt", "server.key"
	set["ssl_min_protocol_version"] = "TLSv1.3"
	return nil
}

func (s *Server) ownFile(name string, content []byte, who *credential) error {
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return err
	}
	return who.own(path)
}

// sweep removes clusters of test processes that were killed before they could.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), tempPrefix+"[0-9]*-*"))
	for _, d := range dirs {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(d), tempPrefix), "-")
		n, err := strconv.Atoi(pid)
		if err == nil && errors.Is(syscall.Kill(n, 0), syscall.ESRCH) {
			_ = os.RemoveAll(d)
		}
	}
}
