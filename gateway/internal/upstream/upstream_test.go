package upstream_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/fusionems/quantum/gateway/internal/route"
	"github.com/fusionems/quantum/gateway/internal/upstream"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/rpc"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
)

// flaky fails the first calls of each method as a restarting service does.
type flaky struct {
	agencyv1.UnimplementedMeServiceServer
	agencyv1.UnimplementedModuleServiceServer
	grpc_health_v1.UnimplementedHealthServer
	reads, writes atomic.Int32
	problem       string
}

func (f *flaky) GetMe(context.Context, *agencyv1.GetMeRequest) (*agencyv1.Me, error) {
	if f.reads.Add(1) < 3 {
		return nil, status.Error(codes.Unavailable, "restarting")
	}
	return &agencyv1.Me{Subject: "u-1"}, nil
}

func (f *flaky) UpdateModule(context.Context, *agencyv1.UpdateModuleRequest) (*agencyv1.Module, error) {
	f.writes.Add(1)
	return nil, status.Error(codes.Unavailable, "restarting")
}

func (f *flaky) Check(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	if f.problem == "" {
		return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVING}, nil
	}
	if err := grpc.SetHeader(ctx, metadata.Pairs(rpc.HeaderNotReady, f.problem)); err != nil {
		return nil, err
	}
	return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_NOT_SERVING}, nil
}

func dial(t *testing.T, f *flaky) *grpc.ClientConn {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	agencyv1.RegisterMeServiceServer(s, f)
	agencyv1.RegisterModuleServiceServer(s, f)
	grpc_health_v1.RegisterHealthServer(s, f)
	go func() { _ = s.Serve(ln) }()
	t.Cleanup(s.Stop)
	rules, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	routes, err := route.Load(rules)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := upstream.DialWith(routes, "agency", ln.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestReadsAreRepeatedAndWritesAreNot(t *testing.T) {
	f := &flaky{}
	conn := dial(t, f)
	if me, err := agencyv1.NewMeServiceClient(conn).GetMe(t.Context(), &agencyv1.GetMeRequest{}); err != nil || me.GetSubject() != "u-1" {
		t.Fatalf("a read: %v after %d tries", err, f.reads.Load())
	}
	_, err := agencyv1.NewModuleServiceClient(conn).UpdateModule(t.Context(), &agencyv1.UpdateModuleRequest{})
	if status.Code(err) != codes.Unavailable || f.writes.Load() != 1 {
		t.Fatalf("a write: %v after %d tries", err, f.writes.Load())
	}
}

func TestServiceReady(t *testing.T) {
	f := &flaky{}
	ready := upstream.ServiceReady(dial(t, f))
	if err := ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.problem = "database: dial tcp 10.0.0.5:5432: password of qa_login; nats: not connected"
	if err := ready(t.Context()); err == nil || err.Error() != "not ready: database, nats" {
		t.Fatalf("got %v", err)
	}
	conn, err := grpc.NewClient("127.0.0.1:1", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := upstream.ServiceReady(conn)(t.Context()); err == nil || err.Error() != "does not answer (Unavailable)" {
		t.Fatalf("got %v", err)
	}
}

func TestBoard(t *testing.T) {
	var asked, waited atomic.Int32
	var b upstream.Board
	b.Add("good", func(context.Context) error { asked.Add(1); return nil })
	b.Add("bad", func(context.Context) error { return errors.New("not ready: database") })
	b.Add("deaf", func(ctx context.Context) error { waited.Add(1); <-ctx.Done(); return errors.New("does not answer") })
	for range 50 {
		got := b.Check(t.Context())
		if len(got) != 2 || got["bad"] != "not ready: database" || got["deaf"] != "does not answer" {
			t.Fatalf("%v", got)
		}
	}
	// One that does not answer is waited for once and not by every reader of the board.
	if asked.Load() != 1 || waited.Load() != 1 {
		t.Fatalf("asked %d times, waited %d times", asked.Load(), waited.Load())
	}
	if b.Ask("good")(t.Context()) != nil || b.Ask("bad")(t.Context()) == nil {
		t.Fatal("one condition is not what the board says")
	}
}
