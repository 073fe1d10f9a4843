package selftest_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/fusionems/quantum/pkg/selftest"
	"github.com/fusionems/quantum/pkg/testkit/pki"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

func authority(t *testing.T) *pki.CA {
	t.Helper()
	ca, err := pki.New()
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func source(t *testing.T, ca *pki.CA, name string) *tlsfile.Source {
	t.Helper()
	files, err := ca.WriteFiles(t.TempDir(), name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := tlsfile.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func serve(t *testing.T, creds credentials.TransportCredentials) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := grpc.NewServer(grpc.Creds(creds))
	grpc_health_v1.RegisterHealthServer(srv, health.NewServer())
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(srv.Stop)
	return ln.Addr().String()
}

// run answers the lines by name of the check: "ok" or the failure.
func run(t *testing.T, own *tlsfile.Source, peers map[string]string) (map[string]string, error) {
	t.Helper()
	var out bytes.Buffer
	err := selftest.Run(t.Context(), &out, selftest.Peers(own, peers))
	lines := map[string]string{}
	for line := range strings.Lines(out.String()) {
		verdict, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, detail, _ := strings.Cut(strings.TrimSpace(rest), ": ")
		if verdict == "ok" {
			detail = "ok"
		}
		lines[name] = detail
	}
	return lines, err
}

func TestAServerThatDemandsIdentitiesPasses(t *testing.T) {
	ca := authority(t)
	addr := serve(t, credentials.NewTLS(source(t, ca, "audit").Server()))
	lines, err := run(t, source(t, ca, "qa"), map[string]string{"audit": "dns:///" + addr})
	if err != nil || len(lines) != 3 {
		t.Fatalf("%v: %v", err, lines)
	}
	for name, got := range lines {
		if got != "ok" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestEachWeaknessOfAPeerIsFound(t *testing.T) {
	ca := authority(t)
	own := source(t, ca, "qa")
	anonymous := source(t, ca, "audit").Server()
	anonymous.ClientAuth, anonymous.VerifyConnection = tls.NoClientCert, nil
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := silent.Addr().String()
	_ = silent.Close()
	for name, c := range map[string]struct{ addr, check, says string }{
		"plain text":          {serve(t, insecure.NewCredentials()), "mtls audit refuses plain text", "serves whoever connects"},
		"no client asked":     {serve(t, credentials.NewTLS(anonymous)), "mtls audit refuses the nameless", "serves whoever connects"},
		"somebody else":       {serve(t, credentials.NewTLS(source(t, ca, "billing").Server())), "mtls audit answers this identity", "the server is"},
		"another authority":   {serve(t, credentials.NewTLS(source(t, authority(t), "audit").Server())), "mtls audit answers this identity", "unknown authority"},
		"nobody there":        {closed, "mtls audit refuses plain text", "refused"},
		"nobody there at all": {"nowhere.invalid:1", "mtls audit refuses the nameless", "lookup nowhere.invalid"},
	} {
		lines, err := run(t, own, map[string]string{"audit": c.addr})
		if !errors.Is(err, selftest.ErrFailed) || !strings.Contains(lines[c.check], c.says) {
			t.Errorf("%s: %v, %q does not say %q", name, err, lines[c.check], c.says)
		}
	}
}

func TestNoCheckAtAllIsAFailure(t *testing.T) {
	if err := selftest.Run(t.Context(), &bytes.Buffer{}, nil); !errors.Is(err, selftest.ErrFailed) {
		t.Errorf("got %v", err)
	}
	one := selftest.Check{Name: "one", Run: func(context.Context) (string, error) { return "fine", nil }}
	var out bytes.Buffer
	if err := selftest.Run(t.Context(), &out, []selftest.Check{one}); err != nil || out.String() != "ok   one: fine\n" {
		t.Errorf("%v, %q", err, out.String())
	}
}
