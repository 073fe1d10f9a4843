package bus

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/outbox"
)

// Config says how to reach NATS.
type Config struct {
	URL string
	// Name of the client, as the server's monitoring shows it.
	Name string
	// TLS holds client certificate and authorities; nil only against a server in the same process.
	TLS *tls.Config
	Log *slog.Logger
}

const (
	reconnectWait = 250 * time.Millisecond
	pingInterval  = 5 * time.Second
	apiTimeout    = 5 * time.Second
	ackTimeout    = 10 * time.Second
	maxPending    = 4000
)

// Bus is a connection that is kept up for ever.
type Bus struct {
	nc *nats.Conn
	js jetstream.JetStream
}

// Connect returns at once even if the server is away: the connection comes when the server does.
func Connect(cfg Config) (*Bus, error) {
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	opts := []nats.Option{
		nats.Name(cfg.Name),
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.PingInterval(pingInterval),
		nats.MaxPingsOutstanding(2),
		// Nothing is buffered while the server is away: publishing fails at once and the row stays in the outbox.
		nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { log.Warn("nats: disconnected", "error", text(err)) }),
		nats.ReconnectHandler(func(*nats.Conn) { log.Info("nats: connected again") }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("nats: error", "error", text(err)) }),
	}
	if cfg.TLS != nil {
		opts = append(opts, nats.Secure(cfg.TLS))
	}
	nc, err := nats.Connect(cfg.URL, opts...)
	if err != nil {
		return nil, fmt.Errorf("bus: connecting: %w", err)
	}
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(maxPending),
		jetstream.WithPublishAsyncTimeout(ackTimeout), jetstream.WithDefaultTimeout(apiTimeout))
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("bus: jetstream: %w", err)
	}
	return &Bus{nc: nc, js: js}, nil
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Close flushes what was sent and closes the connection.
func (b *Bus) Close() {
	_ = b.nc.FlushTimeout(time.Second)
	b.nc.Close()
}

// Ready says why the bus cannot be used, or nil.
func (b *Bus) Ready(ctx context.Context) error {
	if !b.nc.IsConnected() {
		return errors.New("nats: not connected")
	}
	if _, err := b.js.AccountInfo(ctx); err != nil {
		return fmt.Errorf("nats: jetstream: %w", err)
	}
	return nil
}

// JetStream is the client that pkg/inbox reads with.
func (b *Bus) JetStream() jetstream.JetStream { return b.js }

// SubjectOf is the NATS subject that the type of an event message declares in its option.
func SubjectOf(msg proto.Message) (string, error) { return outbox.SubjectOf(msg) }
