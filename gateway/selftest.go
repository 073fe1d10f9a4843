package gateway

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/selftest"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

// selfTest asks, beside the running gateway and with its identity, whether every service and the broker know it and refuse others.
func selfTest(ctx context.Context, cfg Config, out io.Writer) error {
	own, err := tlsfile.Open(cfg.identity())
	if err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	peers, err := cfg.peers()
	if err != nil {
		return err
	}
	checks := append(selftest.Peers(own, peers), selftest.Check{
		Name: "nats knows this identity and is who it says", Run: func(ctx context.Context) (string, error) { return "connected", broker(ctx, cfg, own) },
	})
	return selftest.Run(ctx, out, checks)
}

func broker(ctx context.Context, cfg Config, own *tlsfile.Source) error {
	b, err := bus.Connect(bus.Config{URL: cfg.NATSURL, Name: name + "-selftest", TLS: own.Client("nats")})
	if err != nil {
		return err
	}
	defer b.Close()
	const between = 200 * time.Millisecond
	for {
		err := b.Ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not in time: %w", err)
		case <-time.After(between):
		}
	}
}
