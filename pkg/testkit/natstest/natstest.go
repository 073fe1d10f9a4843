package natstest

import (
	"crypto/tls"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fusionems/quantum/pkg/bus"
)

// Server is a server that a test may stop and start again on the same port and the same files.
type Server struct {
	t    testing.TB
	opts server.Options
	ns   *server.Server
}

const readyWait = time.Minute

// Start runs a server until the test ends. tlsConfig is the server's; nil for none.
func Start(t testing.TB, tlsConfig *tls.Config) *Server {
	t.Helper()
	s := &Server{t: t, opts: server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
		TLSConfig: tlsConfig, TLSVerify: tlsConfig != nil, TLSTimeout: 5,
	}}
	s.Up()
	t.Cleanup(s.Down)
	return s
}

// Up starts the server, after Down with what it had stored.
func (s *Server) Up() {
	s.t.Helper()
	opts := s.opts
	ns, err := server.NewServer(&opts)
	if err != nil {
		s.t.Fatalf("nats: %v", err)
	}
	ns.Start()
	if !ns.ReadyForConnections(readyWait) {
		s.t.Fatal("nats: not ready")
	}
	s.opts.Port = opts.Port
	s.ns = ns
}

// Down stops the server; its files stay until the test ends.
func (s *Server) Down() {
	if s.ns != nil {
		s.ns.Shutdown()
		s.ns.WaitForShutdown()
		s.ns = nil
	}
}

// URL is where it listens.
func (s *Server) URL() string { return s.ns.ClientURL() }

// Bus connects to it, with the fleet's streams in place.
func (s *Server) Bus(name string) *bus.Bus {
	s.t.Helper()
	b, err := bus.Connect(bus.Config{URL: s.URL(), Name: name})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(b.Close)
	if err := b.Ensure(s.t.Context(), bus.Streams()...); err != nil {
		s.t.Fatal(err)
	}
	return b
}
