//go:build e2e && !keycloak

package servers

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/redis/rueidis"

	"github.com/fusionems/quantum/deploy/local"
	"github.com/fusionems/quantum/deploy/local/supervise"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/pkg/testkit/pki"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

// servers are what the fleet stands on, and the variables that name them.
type servers struct {
	env       map[string]string
	authority *pki.CA
	super     *supervise.Supervisor
}

func startServers(t *testing.T) *servers {
	t.Helper()
	redisServer, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no redis-server on this machine")
		}
		t.Skip("there is no redis-server on this machine (apt-get install redis-server)")
	}
	dir := openDir(t)
	w := &servers{env: map[string]string{}}
	w.authority = w.saved(t, dir, tlsfile.TrustDomain, "CA")
	billing := w.saved(t, dir, "billing."+tlsfile.TrustDomain, "BILLING_CA")
	both := filepath.Join(dir, "both.crt")
	if err := pki.WriteBundle(both, w.authority, billing); err != nil {
		t.Fatal(err)
	}
	files := map[string]tlsfile.Files{}
	for _, name := range []string{"postgres", "nats", "redis"} {
		if files[name], err = w.authority.WriteFiles(dir, name); err != nil {
			t.Fatal(err)
		}
	}
	password := rand.Text()

	db, err := pg.Start(t.Context(), pg.Options{
		Password: password, TLSCertFile: files["postgres"].Cert, TLSKeyFile: files["postgres"].Key, TLSCAFile: files["postgres"].CA,
		Settings: map[string]string{"max_connections": "200"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Stop(); err != nil {
			t.Error(err)
		}
	})
	w.env["DATABASE_URL"] = db.URL("postgres")

	ports, err := local.FreePorts("nats", "redis")
	if err != nil {
		t.Fatal(err)
	}
	if w.super, err = supervise.New(filepath.Join(dir, "logs"), func() {}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.super.Close([]string{"nats", "redis"}) })
	config := filepath.Join(dir, "nats.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, natsConfig, ports["nats"], filepath.Join(dir, "streams"), files["nats"].Cert, files["nats"].Key, both), 0o600); err != nil {
		t.Fatal(err)
	}
	w.start(t, "nats", buildNATS(t, dir), ports["nats"], "-c", config)
	w.env["NATS_URL"] = fmt.Sprintf("tls://127.0.0.1:%d", ports["nats"])
	w.start(t, "redis", redisServer, ports["redis"], "--port", "0", "--tls-port", strconv.Itoa(ports["redis"]), "--bind", "127.0.0.1", "--dir", dir,
		"--requirepass", password, "--tls-cert-file", files["redis"].Cert, "--tls-key-file", files["redis"].Key,
		"--tls-ca-cert-file", files["redis"].CA, "--tls-auth-clients", "no")
	w.env["REDIS_URL"] = fmt.Sprintf("rediss://:%s@127.0.0.1:%d", password, ports["redis"])
	return w
}

const natsConfig = `server_name: theirs
listen: "127.0.0.1:%d"
max_payload: 8MB
jetstream { store_dir: %q }
tls { cert_file: %q, key_file: %q, ca_file: %q, verify: true }
`

func (w *servers) start(t *testing.T, name, path string, port int, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := w.super.Start(ctx, supervise.Process{Name: name, Path: path, Args: args, Ready: func(ctx context.Context) error {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return err
		}
		return conn.Close()
	}})
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, w.super.Tail(name, 20))
	}
}

// saved makes the authority of a trust domain and names it to the fleet: who lets the fleet in must know who signs for it.
func (w *servers) saved(t *testing.T, dir, domain, variable string) *pki.CA {
	t.Helper()
	ca, err := pki.NewFor(domain)
	if err != nil {
		t.Fatal(err)
	}
	w.env[variable+"_CERT_FILE"], w.env[variable+"_KEY_FILE"] = filepath.Join(dir, variable+".crt"), filepath.Join(dir, variable+".key")
	if err := ca.Save(w.env[variable+"_CERT_FILE"], w.env[variable+"_KEY_FILE"]); err != nil {
		t.Fatal(err)
	}
	return ca
}

// keys counts what the Redis server remembers.
func (w *servers) keys(ctx context.Context, t *testing.T) int64 {
	t.Helper()
	opts, err := rueidis.ParseURL(w.env["REDIS_URL"])
	if err != nil {
		t.Fatal(err)
	}
	if opts.TLSConfig, err = w.authority.TLS("operator"); err != nil {
		t.Fatal(err)
	}
	c, err := rueidis.NewClient(opts)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	n, err := c.Do(ctx, c.B().Dbsize().Build()).AsInt64()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// openDir is a directory that servers which run as somebody else can reach.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "fleet-servers-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // PostgreSQL runs as another user
		t.Fatal(err)
	}
	return dir
}

// buildNATS builds the server as its makers deliver it, at the version that is pinned.
func buildNATS(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "nats-server")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}
