package pki_test

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"testing"

	"github.com/fusionems/quantum/pkg/testkit/pki"
)

func TestLeafTellsTheServiceAndVerifies(t *testing.T) {
	ca, err := pki.New()
	if err != nil {
		t.Fatal(err)
	}
	files, err := ca.WriteFiles(t.TempDir(), "qa")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	if err != nil {
		t.Fatal(err)
	}
	if u := pair.Leaf.URIs; len(u) != 1 || u[0].String() != "spiffe://fusionems.local/qa" {
		t.Errorf("URIs = %v", u)
	}
	pem, err := os.ReadFile(files.CA)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate in the authority's file")
	}
	for _, host := range []string{"localhost", "127.0.0.1"} {
		for _, use := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
			if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host, KeyUsages: []x509.ExtKeyUsage{use}}); err != nil {
				t.Errorf("%s: %v", host, err)
			}
		}
	}
	if st, err := os.Stat(files.Key); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", st.Mode(), err)
	}
	other, err := pki.New()
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := other.WriteFiles(t.TempDir(), "qa")
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := tls.LoadX509KeyPair(stranger.Cert, stranger.Key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := foreign.Leaf.Verify(x509.VerifyOptions{Roots: roots}); err == nil {
		t.Error("a certificate of another authority verifies")
	}
}
