package local

import (
	"context"

	"github.com/fusionems/quantum/services/carefusion/internal/broker/embedded"
)

// Broker runs the broker of an installation until the context is over, in a process of its own.
func Broker(ctx context.Context, l Layout) error {
	s, err := l.State()
	if err != nil {
		return err
	}
	server, err := embedded.Start(embedded.Options{Port: s.Broker, Dir: l.path("nats")})
	if err != nil {
		return err
	}
	<-ctx.Done()
	server.Stop()
	return nil
}
