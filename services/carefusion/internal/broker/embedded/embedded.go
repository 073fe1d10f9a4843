package embedded

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Options says where the server listens and keeps its streams.
type Options struct {
	// Port is on the loopback address; 0 takes one that is free.
	Port int
	// Dir keeps streams across restarts.
	Dir string
}

// Server is a server that runs.
type Server struct {
	URL    string
	Port   int
	server *server.Server
}

const patience = 30 * time.Second

// Start runs a server. Stop must follow.
func Start(o Options) (*Server, error) {
	port := o.Port
	if port == 0 {
		port = server.RANDOM_PORT
	}
	n, err := server.NewServer(&server.Options{ServerName: "carefusion", Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: o.Dir, NoSigs: true, NoLog: true,
		// A confirmed event must survive the machine, not only the process.
		SyncAlways: true})
	if err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	go n.Start()
	if !n.ReadyForConnections(patience) {
		n.Shutdown()
		return nil, errors.New("embedded: NATS did not start")
	}
	s := &Server{URL: n.ClientURL(), server: n}
	if _, err := fmt.Sscanf(n.Addr().String(), "127.0.0.1:%d", &s.Port); err != nil {
		n.Shutdown()
		return nil, fmt.Errorf("embedded: %w", err)
	}
	return s, nil
}

// Stop ends the server when it has written what it holds.
func (s *Server) Stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}
