package app

import (
	"context"
	"crypto/x509"
	"log/slog"

	"github.com/fusionems/quantum/services/carefusion/internal/broker"
	"github.com/fusionems/quantum/services/carefusion/internal/config"
	"github.com/fusionems/quantum/services/carefusion/internal/outbox"
	"github.com/fusionems/quantum/services/carefusion/internal/reminder"
)

// brokerOf is the NATS that the settings name, or nil.
func brokerOf(cfg config.Config, log *slog.Logger) (*broker.Broker, error) {
	if cfg.NATSURL == "" {
		return nil, nil
	}
	o := broker.Options{URL: cfg.NATSURL, CredsFile: cfg.NATSCredsFile, Log: log}
	if cfg.NATSCAFile != "" {
		pool, err := poolOf(cfg.NATSCAFile, "CAREFUSION_NATS_CA_FILE")
		if err != nil {
			return nil, err
		}
		o.CA = pool
	}
	return broker.Connect(o)
}

// senderOf is how reminders go out, or nil.
func senderOf(cfg config.Config) (reminder.Sender, error) {
	switch {
	case cfg.ReminderDir != "":
		return reminder.Files{Dir: cfg.ReminderDir}, nil
	case cfg.SMTPURLFile == "":
		return nil, nil
	}
	address, err := config.Secret(cfg.SMTPURLFile)
	if err != nil {
		return nil, err
	}
	var ca *x509.CertPool
	if cfg.SMTPCAFile != "" {
		if ca, err = poolOf(cfg.SMTPCAFile, "CAREFUSION_SMTP_CA_FILE"); err != nil {
			return nil, err
		}
	}
	return reminder.NewSMTP(address, cfg.SMTPFrom, ca)
}

// events are the parts that pass on what happens: through the broker to all processes, or without one to this process.
func (a *App) events() []func(ctx context.Context) error {
	relay := &outbox.Relay{DB: a.DB, Publish: func(_ context.Context, e outbox.Event) error { a.hub.Publish(e); return nil }}
	run := func(ctx context.Context) error { return relay.Run(ctx, a.log) }
	if a.broker == nil {
		return []func(ctx context.Context) error{run}
	}
	relay.Publish = a.broker.Publish
	a.metrics.Connected("broker", a.broker.Connected)
	out := []func(ctx context.Context) error{run, func(ctx context.Context) error { a.broker.Follow(ctx, a.hub.Publish); return nil }}
	if a.Reminder == nil {
		return out
	}
	return append(out, func(ctx context.Context) error {
		a.broker.Consume(ctx, reminder.Consumer, "reminder", func(ctx context.Context, e outbox.Event) error { return a.Reminder.Handle(ctx, e.ID, e.Appointment) })
		return nil
	})
}
