package clinical_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/bus"
	"github.com/fusionems/quantum/pkg/config"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/service"
	"github.com/fusionems/quantum/pkg/testkit/natstest"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/pkg/testkit/pki"
	"github.com/fusionems/quantum/pkg/tlsfile"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	"github.com/fusionems/quantum/services/clinical"
	"github.com/fusionems/quantum/services/clinical/democharts"
)

const (
	north int64 = 11
	south int64 = 22
)

// fleet is the service as it runs, with real PostgreSQL, NATS and mutual TLS, and an agency service that answers from a table.
type fleet struct {
	t      testing.TB
	ca     *pki.CA
	dir    string
	addr   string
	nats   *natstest.Server
	pg     *pg.Database
	signer *identity.Signer
	table  *authz.Table
	agency *grpc.Server
}

func boot(t testing.TB) *fleet {
	t.Helper()
	f := &fleet{t: t, dir: t.TempDir()}
	var err error
	if f.ca, err = pki.New(); err != nil {
		t.Fatal(err)
	}
	if f.table, err = authz.Load(); err != nil {
		t.Fatal(err)
	}
	natsTLS, err := f.ca.TLS("nats")
	if err != nil {
		t.Fatal(err)
	}
	f.nats = natstest.Start(t, natsTLS)
	def := clinical.Definition()
	f.pg = pg.Migrated(t, pg.Service{Schema: "clinical", Migrations: def.Migrations})
	settings := f.settings(f.agencyService())
	s, err := service.Open(t.Context(), def, settings, service.Options{LogTo: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	f.addr = s.Addr()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the service ended with %v", err)
		}
	})
	return f
}

func (f *fleet) settings(agencyAddr string) *clinical.Settings {
	files, err := f.ca.WriteFiles(f.dir, "clinical")
	if err != nil {
		f.t.Fatal(err)
	}
	return &clinical.Settings{
		Config: service.Config{
			ListenAddr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0",
			TLSCertFile: files.Cert, TLSKeyFile: files.Key, TLSCAFile: files.CA,
			DatabaseURL: config.Secret(f.pg.As(f.t, "clinical_login", pg.LoginPassword)), DatabaseConns: 8,
			NATSURL: f.nats.URL(), PrincipalKeysFile: f.principalKeys(), PageTokenKey: config.Secret(f.random()),
			Peers: "agency=" + agencyAddr, LogLevel: "error",
		},
		KEK: config.Secret(f.random()),
	}
}

func (f *fleet) random() string {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		f.t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}

func (f *fleet) principalKeys() string {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.t.Fatal(err)
	}
	if f.signer, err = identity.NewSigner(private, "k1", time.Now); err != nil {
		f.t.Fatal(err)
	}
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: public, KeyID: "k1", Algorithm: "EdDSA", Use: "sig"}}})
	if err != nil {
		f.t.Fatal(err)
	}
	path := filepath.Join(f.dir, "principals.jwks")
	if err := os.WriteFile(path, keys, 0o600); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// registry answers as the agency service would for the two agencies.
type registry struct {
	agencyv1.UnimplementedModuleRegistryServiceServer
}

func (registry) ResolveNemsisAgency(_ context.Context, req *agencyv1.ResolveNemsisAgencyRequest) (*agencyv1.ResolveNemsisAgencyResponse, error) {
	owner := map[string]int64{"N-1": north, "4701": north, "S-1": south, "4702": south}
	return &agencyv1.ResolveNemsisAgencyResponse{AgencyId: owner[req.GetStateUniqueId()+req.GetAgencyNumber()]}, nil
}

func (f *fleet) agencyService() string {
	cfg, err := f.ca.TLS("agency")
	if err != nil {
		f.t.Fatal(err)
	}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	f.agency = grpc.NewServer(grpc.Creds(credentials.NewTLS(cfg)))
	agencyv1.RegisterModuleRegistryServiceServer(f.agency, registry{})
	go func() { _ = f.agency.Serve(lis) }()
	f.t.Cleanup(f.agency.Stop)
	return lis.Addr().String()
}

// dial connects as another service of the fleet.
func (f *fleet) dial(as string, opts ...grpc.DialOption) *grpc.ClientConn {
	f.t.Helper()
	files, err := f.ca.WriteFiles(f.t.TempDir(), as)
	if err != nil {
		f.t.Fatal(err)
	}
	source, err := tlsfile.Open(files)
	if err != nil {
		f.t.Fatal(err)
	}
	conn, err := rpc.Dial(source, "clinical", f.addr, opts...)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// as is the metadata of a call that the gateway forwards for somebody with a role.
func (f *fleet) as(role string, agencyID int64, subject string) context.Context {
	f.t.Helper()
	p := identity.Principal{
		Subject: subject, Actor: identity.Human, Roles: []string{role}, Scopes: f.table.ScopesOf([]string{role}),
		AgencyID: agencyID, ACR: "2", AuthTime: time.Now(),
	}
	if role == "integration" {
		p.Actor, p.ACR = identity.Integration, ""
	}
	if agencyID == 0 {
		p.CrossAgency, p.AccessReason = true, "test"
	}
	token, err := f.signer.Sign(p)
	if err != nil {
		f.t.Fatal(err)
	}
	return metadata.AppendToOutgoingContext(f.t.Context(), rpc.HeaderPrincipal, token)
}

func demo(t testing.TB) map[int64]map[string]democharts.Document {
	t.Helper()
	medics := func(p string) []democharts.Medic {
		return []democharts.Medic{{ID: p + "100", Level: democharts.Paramedic}, {ID: p + "200", Level: democharts.EMT}}
	}
	docs, err := democharts.Generate(democharts.Config{
		Seed: 1, Base: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Agencies: []democharts.Agency{
			{UniqueID: "N-1", Number: "4701", State: "55", County: "55025", ZIP: "53703", Units: []string{"M1"}, Crew: medics("N")},
			{UniqueID: "S-1", Number: "4702", State: "55", County: "55079", ZIP: "53202", Units: []string{"A7"}, Crew: medics("S")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[int64]map[string]democharts.Document{north: {}, south: {}}
	for _, d := range docs {
		out[[]int64{north, south}[d.AgencyIndex]][d.Scenario] = d
	}
	return out
}

func eventually(t testing.TB, what string, check func() bool) {
	t.Helper()
	for range 1200 {
		if check() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("did not happen: %s", strings.TrimSpace(what))
}

// bus connects as qa, with the fleet's streams in place.
func (f *fleet) bus() *bus.Bus {
	f.t.Helper()
	cfg, err := f.ca.TLS("qa")
	if err != nil {
		f.t.Fatal(err)
	}
	b, err := bus.Connect(bus.Config{URL: f.nats.URL(), Name: "qa", TLS: cfg})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(b.Close)
	if err := b.Ensure(f.t.Context(), bus.Streams()...); err != nil {
		f.t.Fatal(err)
	}
	return b
}

// stream reads all messages of a stream.
func (f *fleet) stream(name string) [][]byte {
	f.t.Helper()
	s, err := f.bus().JetStream().Stream(f.t.Context(), name)
	if err != nil {
		f.t.Fatal(err)
	}
	info, err := s.Info(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	var out [][]byte
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq; seq++ {
		m, err := s.GetMsg(f.t.Context(), seq)
		if err != nil {
			f.t.Fatal(err)
		}
		out = append(out, m.Data)
	}
	return out
}
