package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/livekit/livekit-server/pkg/config"
	"github.com/livekit/livekit-server/pkg/routing"
	"github.com/livekit/livekit-server/pkg/service"
	"github.com/livekit/livekit-server/pkg/telemetry/prometheus"
	"github.com/livekit/protocol/logger"
)

// Options says where the server listens and whom it tells.
type Options struct {
	// Port (TCP) and UDPPort are on the loopback address; 0 takes one that is free.
	Port, UDPPort int
	// HookURL takes webhooks; empty: none.
	HookURL string
	// Key and Secret are made if they are empty.
	Key, Secret string
}

// Server is a server that runs.
type Server struct {
	// URL is for clients (ws), APIURL for the service (http).
	URL, APIURL string
	Key, Secret string
	// UDPPort carries media.
	UDPPort int
	server  *service.LivekitServer
	done    chan error
}

// settings are LiveKit's own. What they must hold, each for a reason that was found out the hard way:
// tcp_port 0, because another one listens on every address of the machine whatever bind_addresses says;
// stun_servers with an address of our own, because an empty list makes LiveKit name third parties' to clients;
// auto_create off, because otherwise any token that has not ended makes a closed room anew.
const settings = `
port: %d
bind_addresses: [127.0.0.1]
keys: {%s: %s}
logging: {level: error, pion_level: error}
room: {auto_create: false, empty_timeout: 86400, departure_timeout: 86400}
rtc:
  node_ip: 127.0.0.1
  use_external_ip: false
  enable_loopback_candidate: true
  udp_port: %d
  tcp_port: 0
  stun_servers: ["127.0.0.1:%d"]
  ips: {includes: [127.0.0.1/32]}
`

// patience is how long the server may take to answer its first request, on a machine that does other things too.
const patience = 30 * time.Second

// LogErrors has LiveKit log errors to standard error; without it LiveKit says nothing. What it logs with belongs to the whole
// process: whoever runs the process calls this once, before any server starts, since servers that run read it without a lock.
func LogErrors() {
	config.InitLoggerFromConfig(&config.LoggingConfig{Config: logger.Config{Level: "error"}, PionLevel: "error"})
}

// Start runs a server. Stop must follow.
func Start(ctx context.Context, o Options) (*Server, error) {
	s, err := prepare(o)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf(settings, portOf(s.APIURL), s.Key, s.Secret, s.UDPPort, s.UDPPort)
	if o.HookURL != "" {
		text += fmt.Sprintf("webhook: {api_key: %s, urls: [%q]}\n", s.Key, o.HookURL)
	}
	conf, err := config.NewConfig(text, true, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	node, err := routing.NewLocalNode(conf)
	if err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	// LiveKit counts in every room and fails where its counters were not made.
	if err := prometheus.Init(string(node.NodeID()), node.NodeType()); err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	if s.server, err = service.InitializeServer(conf, node); err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	go func() { s.done <- s.server.Start() }()
	if err := s.await(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func prepare(o Options) (*Server, error) {
	tcp, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port)))
	if err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	defer func() { _ = tcp.Close() }()
	udp, err := net.ListenPacket("udp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.UDPPort)))
	if err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	defer func() { _ = udp.Close() }()
	_, port, _ := strings.Cut(udp.LocalAddr().String(), ":")
	s := &Server{URL: "ws://" + tcp.Addr().String(), APIURL: "http://" + tcp.Addr().String(), Key: o.Key, Secret: o.Secret, done: make(chan error, 1)}
	if s.UDPPort, err = strconv.Atoi(port); err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	if s.Key == "" {
		s.Key, s.Secret = "API"+rand.Text(), rand.Text()+rand.Text()
	}
	return s, nil
}

func portOf(address string) int {
	n, _ := strconv.Atoi(address[strings.LastIndex(address, ":")+1:])
	return n
}

func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !s.server.IsRunning() {
		select {
		case err := <-s.done:
			s.done <- err
			return errors.Join(errors.New("embedded: the server ended"), err)
		case <-ctx.Done():
			return errors.New("embedded: the server did not start")
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// Stop ends all calls and the server.
func (s *Server) Stop() {
	s.server.Stop(true)
	select {
	case <-s.done:
	case <-time.After(patience):
	}
}
