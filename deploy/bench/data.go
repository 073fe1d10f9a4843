package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/fusionems/quantum/deploy/local/demo"
	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/testkit/databench"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/pkg/testkit/ratio"
	auditbench "github.com/fusionems/quantum/services/audit/bench"
	"github.com/fusionems/quantum/services/clinical/importbench"
)

// database runs a PostgreSQL that keeps what it is told, as in production.
func database(ctx context.Context) (*pg.Server, error) {
	return pg.Start(ctx, pg.Options{Durable: true, Settings: map[string]string{"shared_buffers": "512MB"}})
}

func dataFigures(ctx context.Context) (figures []ratio.Figure, err error) {
	s, err := database(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	b, err := databench.Open(ctx, s.URL("postgres"))
	if err != nil {
		return nil, err
	}
	defer b.Close()
	nats, stop, err := jetStream(ctx)
	if err != nil {
		return nil, err
	}
	defer stop()
	for _, measure := range []func(context.Context) (ratio.Figure, error){
		b.Read, b.Agencies, b.Write, b.WriteWithResult,
		func(ctx context.Context) (ratio.Figure, error) { return b.Pipeline(ctx, nats) },
	} {
		f, err := measure(ctx)
		if err != nil {
			return figures, err
		}
		figures = append(figures, f)
	}
	return figures, nil
}

// jetStream runs a NATS server with the fleet's streams and connects to it.
func jetStream(ctx context.Context) (*bus.Bus, func(), error) {
	dir, err := os.MkdirTemp("", "fleet-bench-nats-")
	if err != nil {
		return nil, nil, err
	}
	ns, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true})
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	ns.Start()
	stop := func() {
		ns.Shutdown()
		ns.WaitForShutdown()
		_ = os.RemoveAll(dir)
	}
	if !ns.ReadyForConnections(10 * time.Second) {
		stop()
		return nil, nil, errors.New("nats: does not accept connections")
	}
	b, err := bus.Connect(bus.Config{URL: ns.ClientURL(), Name: "bench"})
	if err != nil {
		stop()
		return nil, nil, err
	}
	if err := b.Ensure(ctx, bus.Streams()...); err != nil {
		b.Close()
		stop()
		return nil, nil, err
	}
	return b, func() { b.Close(); stop() }, nil
}

// auditBatch is how many entries share a transaction in the figures that the budget comes from.
const auditBatch = 500

func auditFigures(ctx context.Context) (figures []ratio.Figure, err error) {
	s, err := database(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	b, err := auditbench.Open(ctx, s.URL("postgres"), auditBatch)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	f, err := ratio.Figure{Name: "audit append with tree and checkpoint / COPY of the rows", Unit: "entries/s", Least: 0.5}.Compare(ctx, b.Append, b.Copy)
	return []ratio.Figure{f}, err
}

func chartFigures(ctx context.Context) ([]ratio.Figure, error) {
	documents, err := demo.Documents(time.Now())
	if err != nil {
		return nil, err
	}
	var docs [][]byte
	for _, d := range documents {
		docs = append(docs, d.XML)
	}
	b, err := importbench.New(docs)
	if err != nil {
		return nil, err
	}
	f, err := ratio.Figure{Name: "chart import / token loop of encoding/xml, CPU", Unit: "MB/s", Least: 0.4}.Compare(ctx, b.Import, b.TokenLoop)
	return []ratio.Figure{f}, err
}
