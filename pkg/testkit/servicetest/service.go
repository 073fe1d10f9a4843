package servicetest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/config"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/service"
	"github.com/fusionems/quantum/pkg/testkit/natstest"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/pkg/testkit/pki"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

// Options vary how the service under test runs.
type Options struct {
	// AuthzOpen switches its own rule check off.
	AuthzOpen bool
	// Settings fills settings of its own, e.g. a key file.
	Settings func(s service.Settings)
	// Peers are services that it calls: real servers with the certificate of the name, made of what each function registers.
	Peers map[string]func(grpc.ServiceRegistrar)
}

// Running is a service at work.
type Running struct {
	// Database of the service, for a look as superuser.
	Database *pg.Database
	NATS     *natstest.Server

	t      testing.TB
	name   string
	addr   string
	ca     *pki.CA
	signer *identity.Signer
	table  *authz.Table
	def    service.Definition
	opts   Options
	config service.Config
}

// Start runs the service until the test ends.
func Start(t testing.TB, def service.Definition, opts Options) *Running {
	t.Helper()
	r := &Running{t: t, name: def.Name, NATS: natstest.Start(t, nil), def: def, opts: opts}
	var err error
	if r.ca, err = pki.New(); err != nil {
		t.Fatal(err)
	}
	if r.table, err = authz.Load(); err != nil {
		t.Fatal(err)
	}
	r.Database = pg.Migrated(t, pg.Service{Schema: def.Name, Migrations: def.Migrations})
	r.config = r.settings()
	settings := r.fill(r.config)
	ctx, cancel := context.WithCancel(context.Background())
	s, err := service.Open(ctx, def, settings, service.Options{AuthzOpen: opts.AuthzOpen, LogTo: logTo(), PlainNATS: true})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	r.addr = s.Addr()
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the service stopped with: %v", err)
		}
	})
	return r
}

func logTo() *os.File {
	if testing.Verbose() {
		return os.Stderr
	}
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return os.Stderr
	}
	return f
}

func (r *Running) settings() service.Config {
	r.t.Helper()
	dir := r.t.TempDir()
	files := r.files(r.name)
	return service.Config{
		ListenAddr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0",
		TLSCertFile: files.Cert, TLSKeyFile: files.Key, TLSCAFile: files.CA,
		DatabaseURL: config.Secret(r.Database.As(r.t, r.name+"_login", pg.LoginPassword)), DatabaseConns: 6,
		NATSURL: r.NATS.URL(), PrincipalKeysFile: r.principalKeys(dir), PageTokenKey: pageKey(r.t),
		Peers: r.peers(r.opts.Peers), LogLevel: "info",
	}
}

// fill makes the settings of the service with the common part given.
func (r *Running) fill(c service.Config) service.Settings {
	var s service.Settings = &service.Config{}
	if r.def.NewSettings != nil {
		s = r.def.NewSettings()
	}
	*s.Base() = c
	if r.opts.Settings != nil {
		r.opts.Settings(s)
	}
	return s
}

// SelfTest runs the service's self-test beside it, with further peers, and answers the lines that it prints by name: "" for what holds, and what
// is wrong otherwise.
func (r *Running) SelfTest(ctx context.Context, peers map[string]string) (map[string]string, error) {
	r.t.Helper()
	c := r.config
	list := []string{c.Peers, r.name + "=" + r.addr}
	for name, addr := range peers {
		list = append(list, name+"="+addr)
	}
	c.Peers = strings.Join(list, ",")
	var out bytes.Buffer
	err := service.SelfTest(ctx, r.def, r.fill(c), service.Options{PlainNATS: true, LogTo: logTo()}, &out)
	lines := map[string]string{}
	for line := range strings.Lines(out.String()) {
		verdict, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, detail, _ := strings.Cut(strings.TrimSpace(rest), ": ")
		if verdict == "ok" {
			detail = ""
		}
		lines[name] = detail
	}
	return lines, err
}

func pageKey(t testing.TB) config.Secret {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		t.Fatal(err)
	}
	return config.Secret(base64.StdEncoding.EncodeToString(key))
}

func (r *Running) principalKeys(dir string) string {
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		r.t.Fatal(err)
	}
	if r.signer, err = identity.NewSigner(priv, "test", clock.System{}.Now); err != nil {
		r.t.Fatal(err)
	}
	raw, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: pub, KeyID: "test", Algorithm: "EdDSA"}}})
	if err != nil {
		r.t.Fatal(err)
	}
	path := filepath.Join(dir, "principal-keys.json")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}

func (r *Running) files(name string) tlsfile.Files {
	f, err := r.ca.WriteFiles(r.t.TempDir(), name)
	if err != nil {
		r.t.Fatal(err)
	}
	return f
}

func (r *Running) source(name string) *tlsfile.Source {
	s, err := tlsfile.Open(r.files(name))
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func (r *Running) peers(servers map[string]func(grpc.ServiceRegistrar)) string {
	var list []string
	for name, register := range servers {
		list = append(list, name+"="+r.Peer(name, register))
	}
	return strings.Join(list, ",")
}

// Peer starts a server with the certificate of a service of the fleet and answers its address.
func (r *Running) Peer(name string, register func(grpc.ServiceRegistrar)) string {
	r.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	srv := grpc.NewServer(grpc.Creds(credentials.NewTLS(r.source(name).Server())))
	register(srv)
	go func() { _ = srv.Serve(ln) }()
	r.t.Cleanup(srv.Stop)
	return ln.Addr().String()
}

// Again runs a second process of the service on the same database until ctx ends, or until it gives up; its log goes to log.
func (r *Running) Again(ctx context.Context, log io.Writer) error {
	r.t.Helper()
	s, err := service.Open(ctx, r.def, r.fill(r.config), service.Options{LogTo: log, PlainNATS: true})
	if err != nil {
		return err
	}
	return s.Run(ctx)
}
