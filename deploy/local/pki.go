package local

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"time"
)

// trustDomain is the SPIFFE trust domain of the fleet's certificates.
const trustDomain = "fusionems.local"

// authority is the certificate authority of one run of a fleet. Unless one is given, it is made anew at each start and its key
// is never stored, so there is nothing to expire, to steal or to forget.
type authority struct {
	layout layout
	cert   *x509.Certificate
	key    crypto.Signer
}

// certLifetime bounds how long a fleet may run without a restart.
const certLifetime = 365 * 24 * time.Hour

func newAuthority(l layout) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := certTemplate("FusionEMS Quantum local authority")
	template.IsCA, template.BasicConstraintsValid, template.MaxPathLenZero = true, true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return install(l, cert, key)
}

// readAuthority takes an authority that exists, which is what a NATS server outside of this machine needs: it and the services
// must be able to tell each other.
func readAuthority(l layout, certFile, keyFile string) (*authority, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("CA_CERT_FILE, CA_KEY_FILE: %w", err)
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok || !pair.Leaf.IsCA {
		return nil, errors.New("CA_CERT_FILE, CA_KEY_FILE: not an authority and its key")
	}
	return install(l, pair.Leaf, key)
}

func install(l layout, cert *x509.Certificate, key crypto.Signer) (*authority, error) {
	a := &authority{layout: l, cert: cert, key: key}
	return a, writeFile(a.caFile(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}), 0o644)
}

func (a *authority) caFile() string              { return a.layout.pki("ca.crt") }
func (a *authority) certFile(name string) string { return a.layout.pki(name + ".crt") }
func (a *authority) keyFile(name string) string  { return a.layout.pki(name + ".key") }

// issue writes a certificate and key for one process: its name as a SPIFFE identity, the loopback address as its host.
func (a *authority) issue(name string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := certTemplate(name)
	template.URIs = []*url.URL{{Scheme: "spiffe", Host: trustDomain, Path: "/" + name}}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	template.DNSNames = []string{"localhost", name}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := writeFile(a.certFile(name), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		return err
	}
	if err := writeFile(a.keyFile(name), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600); err != nil {
		return fmt.Errorf("key of %s: %w", name, err)
	}
	return nil
}

func certTemplate(commonName string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: commonName, Organization: []string{"FusionEMS Quantum"}},
		// A clock that was set back a little must not make a certificate of the future.
		NotBefore: now.Add(-5 * time.Minute), NotAfter: now.Add(certLifetime),
	}
}
