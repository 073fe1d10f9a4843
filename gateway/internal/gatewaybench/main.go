package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"google.golang.org/grpc"

	"github.com/fusionems/quantum/pkg/run"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	qav1 "github.com/fusionems/quantum/proto/gen/go/fleet/qa/v1"
)

func main() {
	ctx, cancel := run.SignalContext()
	err := dispatch(ctx, os.Args[1:])
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "gatewaybench:", err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("usage: gatewaybench backend | serve -backend ADDR -redis URL [-ratio R] [-log FILE]")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	backend := flags.String("backend", "", "address of the backend")
	redis := flags.String("redis", "", "URL of the Redis-protocol server")
	ratio := flags.Float64("ratio", 0.01, "share of traces that are recorded in the variant traced")
	log := flags.String("log", os.DevNull, "file of the access records")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	switch args[0] {
	case "backend":
		return serveBackend(ctx)
	case "serve":
		return serveGateways(ctx, *backend, *redis, *log, *ratio)
	default:
		return fmt.Errorf("no command %q", args[0])
	}
}

// canned answers every call at once.
type canned struct {
	qav1.UnimplementedCaseServiceServer
	agencyv1.UnimplementedModuleRegistryServiceServer
}

func (canned) GetCase(_ context.Context, r *qav1.GetCaseRequest) (*qav1.Case, error) {
	return &qav1.Case{Id: r.GetId(), AgencyId: 7, ChartId: r.GetId(), ChartVersion: 1}, nil
}

func (canned) GetModuleRegistry(context.Context, *agencyv1.GetModuleRegistryRequest) (*agencyv1.GetModuleRegistryResponse, error) {
	return &agencyv1.GetModuleRegistryResponse{Revision: 1}, nil
}

func serveBackend(ctx context.Context) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := grpc.NewServer()
	qav1.RegisterCaseServiceServer(s, canned{})
	agencyv1.RegisterModuleRegistryServiceServer(s, canned{})
	context.AfterFunc(ctx, s.Stop)
	if err := announce(map[string]any{"pid": os.Getpid(), "address": ln.Addr().String()}); err != nil {
		return err
	}
	return s.Serve(ln)
}

func announce(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }

// listen serves a handler on a port of its own until ctx ends.
func listen(ctx context.Context, h http.Handler) (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	go func() { _ = srv.Serve(ln) }()
	return ln.Addr().String(), nil
}
