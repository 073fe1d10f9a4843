package tlsfile_test

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fusionems/quantum/pkg/testkit/pki"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

const billingDomain = "billing.fusionems.local"

// world is two trust domains: the fleet with gateway, audit and qa, and billing alone in its own.
type world struct {
	t              *testing.T
	fleet, billing *pki.CA
	// fleetFile and billingFile hold the authorities.
	fleetFile, billingFile string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, fleetFile: t.TempDir() + "/fleet.crt", billingFile: t.TempDir() + "/billing.crt"}
	w.fleet, w.billing = w.authority(tlsfile.TrustDomain), w.authority(billingDomain)
	w.bundle(w.fleetFile, w.fleet)
	w.bundle(w.billingFile, w.billing)
	return w
}

func (w *world) authority(domain string) *pki.CA {
	w.t.Helper()
	ca, err := pki.NewFor(domain)
	if err != nil {
		w.t.Fatal(err)
	}
	return ca
}

func (w *world) bundle(file string, cas ...*pki.CA) {
	w.t.Helper()
	if err := pki.WriteBundle(file, cas...); err != nil {
		w.t.Fatal(err)
	}
}

// files are those of a service of one of the two domains, with what it must know of the other.
func (w *world) files(name string) tlsfile.Files {
	w.t.Helper()
	ca, own, federated := w.fleet, w.fleetFile, "spiffe://"+billingDomain+"/billing="+w.billingFile
	if name == "billing" {
		ca, own = w.billing, w.billingFile
		federated = "spiffe://fusionems.local/gateway=" + w.fleetFile + ",spiffe://fusionems.local/audit=" + w.fleetFile
	}
	f, err := ca.WriteFiles(w.t.TempDir(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	f.CA, f.Federated = own, federated
	return f
}

func (w *world) source(name string) *tlsfile.Source {
	w.t.Helper()
	s, err := tlsfile.Open(w.files(name))
	if err != nil {
		w.t.Fatal(err)
	}
	s.LookAlways()
	return s
}

// forged is somebody who shows a certificate and believes everybody.
func (w *world) forged(ca *pki.CA, l pki.Leaf) *tls.Config {
	w.t.Helper()
	f, err := ca.WriteLeaf(w.t.TempDir(), "forged", l)
	if err != nil {
		w.t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		w.t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, InsecureSkipVerify: true, ClientAuth: tls.RequestClientCert} //nolint:gosec // an attacker
}

// meet connects the two and says what each side thinks of the other. In TLS 1.3 a client is done before the server has looked at its
// certificate, so a byte travels each way.
func (w *world) meet(client, server *tls.Config) (clientErr, serverErr error) {
	w.t.Helper()
	near, far := w.wire()
	done := make(chan error, 1)
	go func() {
		c := tls.Server(far, server)
		_, err := c.Read(make([]byte, 1))
		if err == nil {
			_, err = c.Write([]byte{1})
		}
		_ = far.Close()
		done <- err
	}()
	c := tls.Client(near, client)
	_, clientErr = c.Write([]byte{1})
	if clientErr == nil {
		_, clientErr = c.Read(make([]byte, 1))
	}
	_ = near.Close()
	return clientErr, <-done
}

// wire is a connection over loopback: a pipe has no buffer, and an alert would wait for a reader that is writing itself.
func (w *world) wire() (near, far net.Conn) {
	w.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	defer ln.Close()
	if near, err = net.Dial("tcp", ln.Addr().String()); err != nil {
		w.t.Fatal(err)
	}
	if far, err = ln.Accept(); err != nil {
		w.t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	_, _ = near.SetDeadline(deadline), far.SetDeadline(deadline)
	return near, far
}

func TestServicesMeetWithinAndAcrossTrustDomains(t *testing.T) {
	w := newWorld(t)
	for _, pair := range [][2]string{{"qa", "audit"}, {"gateway", "billing"}, {"billing", "audit"}} {
		client, server := w.source(pair[0]), w.source(pair[1])
		if c, s := w.meet(client.Client(pair[1]), server.Server()); c != nil || s != nil {
			t.Errorf("%s to %s: %v, %v", pair[0], pair[1], c, s)
		}
	}
	// qa is a service of the fleet, and billing was told of gateway and audit only.
	if _, s := w.meet(w.source("qa").Client("billing"), w.source("billing").Server()); s == nil || !strings.Contains(s.Error(), "no service that is known here") {
		t.Errorf("qa to billing: %v", s)
	}
}

// forgeries are identities that nobody may have, each wrong in one thing only.
func forgeries(w *world) map[string]*tls.Config {
	stranger := w.authority("stranger.local")
	fleetID := func(path string) []string { return []string{"spiffe://fusionems.local/" + path} }
	return map[string]*tls.Config{
		"a domain that nobody trusts":        w.forged(stranger, pki.Leaf{IDs: []string{"spiffe://stranger.local/gateway"}}),
		"an authority that nobody trusts":    w.forged(stranger, pki.Leaf{IDs: fleetID("gateway")}),
		"billing, in the fleet's domain":     w.forged(w.fleet, pki.Leaf{IDs: fleetID("billing")}),
		"the gateway, in billing's domain":   w.forged(w.billing, pki.Leaf{IDs: []string{"spiffe://" + billingDomain + "/gateway"}}),
		"the gateway, by billing's CA":       w.forged(w.billing, pki.Leaf{IDs: fleetID("gateway")}),
		"billing, by the fleet's CA":         w.forged(w.fleet, pki.Leaf{IDs: []string{"spiffe://" + billingDomain + "/billing"}}),
		"two ids":                            w.forged(w.fleet, pki.Leaf{IDs: append(fleetID("gateway"), fleetID("qa")...)}),
		"no id":                              w.forged(w.fleet, pki.Leaf{IDs: []string{}}),
		"an id of the web":                   w.forged(w.fleet, pki.Leaf{IDs: []string{"https://fusionems.local/gateway"}}),
		"a longer path":                      w.forged(w.fleet, pki.Leaf{IDs: fleetID("gateway/admin")}),
		"a domain without a service":         w.forged(w.fleet, pki.Leaf{IDs: []string{"spiffe://fusionems.local"}}),
		"the gateway as it was: it is ended": w.forged(w.fleet, pki.Leaf{IDs: fleetID("gateway"), NotAfter: time.Now().Add(-time.Minute)}),
	}
}

func TestServersRefuseForgeries(t *testing.T) {
	w := newWorld(t)
	server := w.source("audit").Server()
	if c, s := w.meet(w.forged(w.fleet, pki.Leaf{IDs: []string{"spiffe://fusionems.local/gateway"}}), server); c != nil || s != nil {
		t.Fatalf("the control is refused: %v, %v", c, s)
	}
	for name, cfg := range forgeries(w) {
		if c, s := w.meet(cfg, server); c == nil || s == nil {
			t.Errorf("%s: let in (%v, %v)", name, c, s)
		}
	}
	if _, s := w.meet(&tls.Config{InsecureSkipVerify: true}, server); s == nil { //nolint:gosec // an attacker
		t.Error("nobody in particular was let in")
	}
}

func TestClientsRefuseForgeries(t *testing.T) {
	w := newWorld(t)
	gateway := w.source("gateway")
	for _, expected := range []string{"gateway", "billing", "audit"} {
		for name, cfg := range forgeries(w) {
			if c, _ := w.meet(gateway.Client(expected), cfg); c == nil {
				t.Errorf("%s was taken for %s", name, expected)
			}
		}
	}
	if c, _ := w.meet(gateway.Client("qa"), w.source("audit").Server()); c == nil || !strings.Contains(c.Error(), `"audit", not "qa"`) {
		t.Errorf("audit in place of qa: %v", c)
	}
}

func TestPlainTextIsRefused(t *testing.T) {
	w := newWorld(t)
	near, far := w.wire()
	go func() {
		_, _ = near.Write([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
		_ = near.Close()
	}()
	err := tls.Server(far, w.source("audit").Server()).HandshakeContext(t.Context())
	var record tls.RecordHeaderError
	if !errors.As(err, &record) {
		t.Errorf("got %v", err)
	}
}

func TestRulesGetTheNameOfTheWholeIdentity(t *testing.T) {
	w := newWorld(t)
	audit := w.source("audit")
	state := func(ca *pki.CA, id string) tls.ConnectionState {
		cfg := w.forged(ca, pki.Leaf{IDs: []string{id}})
		return tls.ConnectionState{PeerCertificates: append(tls.ConnectionState{}.PeerCertificates, cfg.Certificates[0].Leaf)}
	}
	for id, want := range map[string]string{
		"spiffe://fusionems.local/qa":              "qa",
		"spiffe://billing.fusionems.local/billing": "billing",
		"spiffe://fusionems.local/billing":         "",
		"spiffe://billing.fusionems.local/qa":      "",
		"spiffe://billing.fusionems.local/audit":   "",
	} {
		if got := audit.ServiceOf(state(w.fleet, id)); got != want {
			t.Errorf("%s is %q, not %q", id, got, want)
		}
	}
	if own, err := audit.Own(); err != nil || own != "audit" {
		t.Errorf("own: %q, %v", own, err)
	}
}

func TestRenewedFilesAreUsedWithoutARestart(t *testing.T) {
	w := newWorld(t)
	files := w.files("qa")
	client, err := tlsfile.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	client.LookAlways()
	server := w.source("audit").Server()
	shown := func() string {
		var serial string
		cfg := server.Clone()
		check := cfg.VerifyConnection
		cfg.VerifyConnection = func(cs tls.ConnectionState) error {
			serial = cs.PeerCertificates[0].SerialNumber.String()
			return check(cs)
		}
		if c, s := w.meet(client.Client("audit"), cfg); c != nil || s != nil {
			t.Fatalf("%v, %v", c, s)
		}
		return serial
	}
	first := shown()
	// A renewal that is half written must not cut off what works.
	whole := read(t, files.Cert)
	write(t, files.Cert, whole[:len(whole)/2])
	if shown() != first {
		t.Error("half a certificate was used")
	}
	dir := strings.TrimSuffix(files.Cert, "/qa.crt")
	if _, err := w.fleet.WriteFiles(dir, "qa"); err != nil {
		t.Fatal(err)
	}
	if shown() == first {
		t.Error("the renewed certificate is not used")
	}
}

// An authority is replaced in three steps: everybody trusts both, everybody gets a certificate of the new one, nobody trusts the old one.
func TestAnAuthorityIsReplacedWithoutARestart(t *testing.T) {
	w := newWorld(t)
	server := w.source("audit").Server()
	next := w.authority(billingDomain)
	id := pki.Leaf{IDs: []string{"spiffe://" + billingDomain + "/billing"}}
	old, renewed := w.forged(w.billing, id), w.forged(next, id)
	for step, want := range []struct {
		trusted              []*pki.CA
		oldPasses, newPasses bool
	}{
		{[]*pki.CA{w.billing}, true, false},
		{[]*pki.CA{w.billing, next}, true, true},
		{[]*pki.CA{next}, false, true},
	} {
		w.bundle(w.billingFile, want.trusted...)
		if _, s := w.meet(old, server); (s == nil) != want.oldPasses {
			t.Errorf("step %d, old authority: %v", step, s)
		}
		if _, s := w.meet(renewed, server); (s == nil) != want.newPasses {
			t.Errorf("step %d, new authority: %v", step, s)
		}
	}
	// An empty file is half a renewal, and no reason to trust nobody.
	write(t, w.billingFile, nil)
	if _, s := w.meet(renewed, server); s != nil {
		t.Errorf("an empty file cut off billing: %v", s)
	}
}

func TestSettingsThatCannotWorkStopTheStart(t *testing.T) {
	w := newWorld(t)
	entry := "spiffe://" + billingDomain + "/billing=" + w.billingFile
	for name, c := range map[string]struct {
		change func(*tlsfile.Files)
		says   string
	}{
		"an id without a file":      {func(f *tlsfile.Files) { f.Federated = "spiffe://b.local/billing" }, "spiffe://domain/service=file"},
		"a name and no id":          {func(f *tlsfile.Files) { f.Federated = "billing=" + w.billingFile }, "scheme"},
		"an id without a service":   {func(f *tlsfile.Files) { f.Federated = "spiffe://b.local=" + w.billingFile }, "names no service"},
		"the own trust domain":      {func(f *tlsfile.Files) { f.Federated = "spiffe://fusionems.local/billing=" + w.billingFile }, "own trust domain"},
		"two authorities of one":    {func(f *tlsfile.Files) { f.Federated = entry + ",spiffe://" + billingDomain + "/ledger=/else" }, "already"},
		"one service in two places": {func(f *tlsfile.Files) { f.Federated = entry + ",spiffe://b.local/billing=/else" }, "already"},
		"a file that is not there":  {func(f *tlsfile.Files) { f.Federated = "spiffe://b.local/billing=/nowhere" }, "no such file"},
		"one authority for both":    {func(f *tlsfile.Files) { f.Federated = "spiffe://b.local/billing=" + w.fleetFile }, "one of its own"},
		"a certificate of another":  {func(f *tlsfile.Files) { f.TrustDomain = "b.local" }, "FLEET_TRUST_DOMAIN is b.local"},
		"a trust domain with path":  {func(f *tlsfile.Files) { f.TrustDomain = "spiffe://fusionems.local/qa" }, "FLEET_TRUST_DOMAIN"},
		"a trust domain that isn't": {func(f *tlsfile.Files) { f.TrustDomain = "Fusion EMS" }, "FLEET_TRUST_DOMAIN"},
	} {
		f := w.files("audit")
		c.change(&f)
		if _, err := tlsfile.Open(f); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, which does not say %q", name, err, c.says)
		}
	}
}

func TestAPairForTheWebIsRenewedToo(t *testing.T) {
	w := newWorld(t)
	f, err := w.fleet.WriteLeaf(t.TempDir(), "edge", pki.Leaf{IDs: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tlsfile.OpenPair(f.Cert, f.Key)
	if err != nil {
		t.Fatal(err)
	}
	cfg := &tls.Config{RootCAs: w.fleet.Pool(), ServerName: "edge", MinVersion: tls.VersionTLS12}
	if c, s := w.meet(cfg, pair.Public(tls.VersionTLS12)); c != nil || s != nil {
		t.Errorf("%v, %v", c, s)
	}
	if _, err := tlsfile.OpenPair(f.Cert, f.Cert); err == nil {
		t.Error("a certificate was taken for its key")
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, file string, b []byte) {
	t.Helper()
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
