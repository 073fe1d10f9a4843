package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/obs"
	"github.com/fusionems/quantum/pkg/page"
	"github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/run"
	"github.com/fusionems/quantum/pkg/selftest"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

// Kit is what a service is built from. Register fills it; Run starts what is in it.
type Kit struct {
	Name     string
	Settings Settings
	Log      *slog.Logger
	DB       *db.DB
	Bus      *bus.Bus
	Server   grpc.ServiceRegistrar
	Table    *authz.Table
	Clock    clock.Clock
	Pages    *page.Sealer
	Metrics  *prometheus.Registry
	Ready    *obs.Readiness

	tls      *tlsfile.Source
	peers    map[string]string
	conns    map[string]*grpc.ClientConn
	handlers []inbox.Handler
	group    run.Group

	selftests []selftest.Check
}

// Conn returns the connection to another service, made when first used. A call inside a database transaction fails: rows
// would stay locked for as long as somebody else takes to answer.
func (k *Kit) Conn(service string) (*grpc.ClientConn, error) {
	if c, ok := k.conns[service]; ok {
		return c, nil
	}
	addr, ok := k.peers[service]
	if !ok {
		return nil, fmt.Errorf("service: %sPEERS has no address of %q", "FLEET_", service)
	}
	c, err := rpc.Dial(k.tls, service, addr, grpc.WithChainUnaryInterceptor(outsideTransactions, rpc.ForAgency))
	if err != nil {
		return nil, err
	}
	k.conns[service] = c
	return c, nil
}

var errInTransaction = errors.New("service: a call to another service inside a transaction")

func outsideTransactions(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if db.InTransaction(ctx) {
		return errInTransaction
	}
	return invoke(ctx, method, req, reply, cc, opts...)
}

// Consume handles events of other services.
func (k *Kit) Consume(handlers ...inbox.Handler) { k.handlers = append(k.handlers, handlers...) }

// Run adds background work; it must end when its context does, and not before.
func (k *Kit) Run(name string, f func(ctx context.Context) error) { k.group.Add(name, f) }

func parsePeers(s string) (map[string]string, error) {
	peers := map[string]string{}
	for _, entry := range strings.Split(s, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		name, addr, ok := strings.Cut(entry, "=")
		if !ok || name == "" || addr == "" {
			return nil, fmt.Errorf("service: FLEET_PEERS entry %q is not name=host:port", entry)
		}
		peers[name] = addr
	}
	return peers, nil
}
