package broker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/fusionems/quantum/services/carefusion/internal/outbox"
)

const (
	// Stream holds the events, for as long as a consumer may be away.
	Stream  = "CAREFUSION"
	prefix  = "carefusion."
	keep    = 7 * 24 * time.Hour
	repeats = 10 * time.Minute
	// patience bounds one call, retry is the pause after one that failed.
	patience = 5 * time.Second
	retry    = time.Second
)

// Options names a server.
type Options struct {
	URL string
	// CredsFile holds a JWT with its key; empty: none.
	CredsFile string
	// CA is nil for the system's.
	CA  *x509.CertPool
	Log *slog.Logger
}

// Broker is a connection that comes back by itself.
type Broker struct {
	conn *nats.Conn
	js   jetstream.JetStream
	log  *slog.Logger
	mu   sync.Mutex
	made bool
}

// Connect does not wait for the server: the service works without, and events wait in the outbox.
func Connect(o Options) (*Broker, error) {
	opts := []nats.Option{nats.Name("carefusion"), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(retry), nats.Timeout(patience),
		// What could not be sent is in the outbox; a second copy would be sent out of order.
		nats.ReconnectBufSize(-1)}
	if o.CredsFile != "" {
		opts = append(opts, nats.UserCredentials(o.CredsFile))
	}
	if o.CA != nil {
		opts = append(opts, nats.Secure(&tls.Config{RootCAs: o.CA, MinVersion: tls.VersionTLS12}))
	}
	conn, err := nats.Connect(o.URL, opts...)
	if err != nil {
		return nil, errors.New("broker: the address or the credentials are not valid")
	}
	js, err := jetstream.New(conn)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("broker: %w", err)
	}
	return &Broker{conn: conn, js: js, log: o.Log}, nil
}

// Close ends the connection.
func (b *Broker) Close() { b.conn.Close() }

// Connected reports whether the server answers.
func (b *Broker) Connected() bool { return b.conn.IsConnected() }

// ensure makes the stream unless an operator has, whose choices (replicas, limits) stay.
func (b *Broker) ensure(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.made {
		return nil
	}
	_, err := b.js.Stream(ctx, Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		_, err = b.js.CreateStream(ctx, jetstream.StreamConfig{Name: Stream, Subjects: []string{prefix + ">"}, MaxAge: keep, Duplicates: repeats, Storage: jetstream.FileStorage})
	}
	if err != nil {
		return fmt.Errorf("broker: stream: %w", err)
	}
	b.made = true
	return nil
}

// Publish returns when the stream holds the event. Its id keeps a repeated one out.
func (b *Broker) Publish(ctx context.Context, e outbox.Event) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if !b.conn.IsConnected() {
		return errors.New("broker: not connected")
	}
	if err := b.ensure(ctx); err != nil {
		return err
	}
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err = b.js.Publish(ctx, prefix+e.Subject, body, jetstream.WithMsgID(e.ID.String())); err != nil {
		b.forget()
		return fmt.Errorf("broker: publish: %w", err)
	}
	return nil
}

// forget makes the next call look for the stream again: the server may have come back without it.
func (b *Broker) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.made = false
}

// Follow tells every event from now on, in this process; what happens while the server is away is missed.
func (b *Broker) Follow(ctx context.Context, fn func(e outbox.Event)) {
	b.again(ctx, "live updates", func(ctx context.Context) error {
		c, err := b.js.OrderedConsumer(ctx, Stream, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverNewPolicy})
		if err != nil {
			return err
		}
		return each(ctx, c, func(m jetstream.Msg) {
			if e, ok := parse(m); ok {
				fn(e)
			}
		})
	})
}

// Consume hands the events of one subject to one of all processes, again until fn succeeds.
func (b *Broker) Consume(ctx context.Context, consumer, subject string, fn func(ctx context.Context, e outbox.Event) error) {
	b.again(ctx, consumer, func(ctx context.Context) error {
		c, err := b.js.CreateOrUpdateConsumer(ctx, Stream, jetstream.ConsumerConfig{Durable: consumer, FilterSubject: prefix + subject,
			AckPolicy: jetstream.AckExplicitPolicy, AckWait: 30 * time.Second, BackOff: []time.Duration{30 * time.Second, time.Minute, 5 * time.Minute}, MaxDeliver: -1})
		if err != nil {
			return err
		}
		return each(ctx, c, func(m jetstream.Msg) {
			e, ok := parse(m)
			if !ok {
				// Not one of ours: it will not become one.
				_ = m.Term()
				return
			}
			if err := fn(ctx, e); err != nil {
				b.log.WarnContext(ctx, "an event comes again", "consumer", consumer, "event", e.ID, "error", err)
				_ = m.NakWithDelay(retry)
				return
			}
			_ = m.Ack()
		})
	})
}

func parse(m jetstream.Msg) (outbox.Event, bool) {
	var e outbox.Event
	return e, json.Unmarshal(m.Data(), &e) == nil
}

// each reads until the context is over or the consumer is gone.
func each(ctx context.Context, c jetstream.Consumer, fn func(m jetstream.Msg)) error {
	it, err := c.Messages()
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, it.Stop)
	defer stop()
	defer it.Stop()
	for {
		m, err := it.Next()
		if err != nil {
			return err
		}
		fn(m)
	}
}

// again repeats what ended before the context, with a pause.
func (b *Broker) again(ctx context.Context, what string, fn func(ctx context.Context) error) {
	failing := false
	for ctx.Err() == nil {
		err := b.ensure(ctx)
		if err == nil {
			failing = false
			err = fn(ctx)
		}
		if err != nil && ctx.Err() == nil && !failing {
			failing = true
			b.log.WarnContext(ctx, "the broker is away", "what", what, "error", err)
		}
		b.forget()
		select {
		case <-ctx.Done():
		case <-time.After(retry):
		}
	}
}
