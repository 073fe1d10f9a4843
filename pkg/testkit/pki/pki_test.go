package pki_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"path/filepath"
	"testing"

	"github.com/fusionems/quantum/pkg/testkit/pki"
)

func newCA(t *testing.T) *pki.CA {
	t.Helper()
	ca, err := pki.New()
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

// dial makes one mutual TLS connection and returns what the server knows of the client.
func dial(t *testing.T, server, client *tls.Config) (*x509.Certificate, error) {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	type seen struct {
		cert *x509.Certificate
		err  error
	}
	got := make(chan seen, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			got <- seen{err: err}
			return
		}
		defer func() { _ = c.Close() }()
		tc := c.(*tls.Conn)
		if err := tc.Handshake(); err != nil {
			got <- seen{err: err}
			return
		}
		got <- seen{cert: tc.ConnectionState().PeerCertificates[0]}
	}()
	c, err := tls.Dial("tcp", l.Addr().String(), client)
	if err == nil {
		_, _ = io.ReadAll(c)
		_ = c.Close()
	}
	s := <-got
	return s.cert, s.err
}

func TestMutualTLSTellsTheService(t *testing.T) {
	ca := newCA(t)
	server, err := ca.TLS("clinical")
	if err != nil {
		t.Fatal(err)
	}
	client, err := ca.TLS("qa")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := dial(t, server, client)
	if err != nil {
		t.Fatal(err)
	}
	if len(cert.URIs) != 1 || cert.URIs[0].String() != "spiffe://fusionems.local/qa" {
		t.Errorf("URIs = %v", cert.URIs)
	}
	stranger, err := newCA(t).TLS("qa")
	if err != nil {
		t.Fatal(err)
	}
	stranger.RootCAs = ca.Pool()
	if _, err := dial(t, server, stranger); err == nil {
		t.Error("a certificate of another authority was accepted")
	}
}

func TestSavedAuthorityGoesOn(t *testing.T) {
	dir := t.TempDir()
	ca := newCA(t)
	crt, key := filepath.Join(dir, "root.crt"), filepath.Join(dir, "root.key")
	if err := ca.Save(crt, key); err != nil {
		t.Fatal(err)
	}
	again, err := pki.Load(crt, key)
	if err != nil {
		t.Fatal(err)
	}
	files, err := again.WriteFiles(dir, "gateway", "gateway.local")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"localhost", "gateway.local", net.IPv4(127, 0, 0, 1).String()} {
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: ca.Pool(), DNSName: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
