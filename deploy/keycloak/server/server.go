package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/fusionems/quantum/deploy/local/supervise"
)

// Options say how a Keycloak runs.
type Options struct {
	// Home is what Prepare answered. Dir is the server's own, made where it is missing; what it stores is there.
	Home, Dir string
	// Port serves people and machines, ManagementPort its health, both over TLS on the loopback address.
	Port, ManagementPort      int
	CertFile, KeyFile, CAFile string
	// Realms are the files that are imported where their realms do not exist.
	Realms []string
	// Values fill the ${…} of the files.
	Values map[string]string
	// AdminPassword is that of the user admin of the realm master.
	AdminPassword string
}

// Server is a running Keycloak.
type Server struct {
	opts   Options
	super  *supervise.Supervisor
	client *http.Client
}

// AdminUser may do everything in every realm.
const AdminUser = "admin"

const name = "keycloak"

// Start starts a Keycloak and returns when it serves.
func Start(ctx context.Context, o Options) (*Server, error) {
	home := filepath.Join(o.Dir, "home")
	if _, err := os.Stat(home); err != nil {
		if err := link(o.Home, home); err != nil {
			return nil, err
		}
	}
	imports := filepath.Join(home, "data", "import")
	if err := os.MkdirAll(imports, 0o755); err != nil {
		return nil, err
	}
	for _, f := range o.Realms {
		if err := replace(f, filepath.Join(imports, filepath.Base(f))); err != nil {
			return nil, err
		}
	}
	client, err := trusting(o.CAFile)
	if err != nil {
		return nil, err
	}
	super, err := supervise.New(filepath.Join(o.Dir, "logs"), nil)
	if err != nil {
		return nil, err
	}
	s := &Server{opts: o, super: super, client: client}
	err = super.Start(ctx, supervise.Process{
		Name: name, Path: filepath.Join(home, "bin", "kc.sh"), Args: o.arguments(), Dir: home, Env: o.environment(), Ready: s.ready,
	})
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, super.Tail(name, 30))
		super.Close()
		return nil, err
	}
	return s, nil
}

// replace writes a realm file anew; the file of a start before may be another.
func replace(from, to string) error {
	if err := os.Remove(to); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return copyFile(from, to)
}

func (o Options) arguments() []string {
	return []string{
		"start", "--optimized", "--import-realm",
		"--http-host=127.0.0.1", "--https-port=" + strconv.Itoa(o.Port), "--hostname=" + o.URL(),
		"--http-management-port=" + strconv.Itoa(o.ManagementPort),
		"--https-certificate-file=" + o.CertFile, "--https-certificate-key-file=" + o.KeyFile,
		// One server, and nothing of it is announced to a network.
		"--cache=local",
	}
}

func (o Options) environment() []string {
	env := []string{
		"KC_BOOTSTRAP_ADMIN_USERNAME=" + AdminUser, "KC_BOOTSTRAP_ADMIN_PASSWORD=" + o.AdminPassword,
		// A test is over before the second compiler has earned what it costs.
		"JAVA_OPTS_KC_HEAP=-Xms64m -Xmx640m", "JAVA_OPTS_APPEND=-XX:TieredStopAtLevel=1",
	}
	for _, keep := range []string{"PATH", "HOME", "LANG", "TMPDIR", "JAVA_HOME"} {
		if v, ok := os.LookupEnv(keep); ok {
			env = append(env, keep+"="+v)
		}
	}
	for k, v := range o.Values {
		env = append(env, k+"="+v)
	}
	return env
}

// URL is the server's address.
func (o Options) URL() string { return "https://127.0.0.1:" + strconv.Itoa(o.Port) }

func trusting(caFile string) (*http.Client, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New(caFile + ": no certificate in it")
	}
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 8,
	}}, nil
}

func (s *Server) ready(ctx context.Context) error {
	at := "https://127.0.0.1:" + strconv.Itoa(s.opts.ManagementPort) + "/health/ready"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}

// URL is the server's address.
func (s *Server) URL() string { return s.opts.URL() }

// Issuer is the address of a realm.
func (s *Server) Issuer(realm string) string { return s.URL() + "/realms/" + realm }

// Client trusts the server's certificate.
func (s *Server) Client() *http.Client { return s.client }

// Stop stops the server; what it stored stays in its directory.
func (s *Server) Stop() { s.super.Close([]string{name}) }
