package pki

import (
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
	"os"
	"path/filepath"
	"time"

	"github.com/fusionems/quantum/pkg/tlsfile"
)

// Lifetime of the authority and of what it signs.
const Lifetime = 365 * 24 * time.Hour

// CA is the certificate authority of one fleet.
type CA struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// New makes an authority that exists in memory only.
func New() (*CA, error) {
	tmpl, err := template("FusionEMS Quantum local authority")
	if err != nil {
		return nil, err
	}
	tmpl.IsCA, tmpl.BasicConstraintsValid, tmpl.MaxPathLenZero = true, true, true
	tmpl.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	cert, err := sign(tmpl, tmpl, key, key)
	if err != nil {
		return nil, err
	}
	return &CA{cert: cert, key: key}, nil
}

// Pool holds the authority's certificate.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	return pool
}

// Save writes certificate and key; Load reads them back.
func (ca *CA) Save(certFile, keyFile string) error { return save(certFile, keyFile, ca.cert, ca.key) }

// Load reads an authority that Save wrote.
func Load(certFile, keyFile string) (*CA, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("pki: %w", err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("pki: the key of the authority is not an ECDSA key")
	}
	return &CA{cert: pair.Leaf, key: key}, nil
}

// issue makes certificate and key of one process: its name as SPIFFE id; localhost, the loopback addresses and hosts as names.
func (ca *CA) issue(service string, hosts []string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	tmpl, err := template(service)
	if err != nil {
		return nil, nil, err
	}
	tmpl.URIs = []*url.URL{{Scheme: "spiffe", Host: tlsfile.TrustDomain, Path: "/" + service}}
	tmpl.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	tmpl.DNSNames = append([]string{"localhost", service}, hosts...)
	tmpl.KeyUsage = x509.KeyUsageDigitalSignature
	tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	cert, err := sign(tmpl, ca.cert, key, ca.key)
	return cert, key, err
}

// TLS is a mutual-TLS configuration of a process, for either side of a connection.
func (ca *CA) TLS(service string) (*tls.Config, error) {
	cert, key, err := ca.issue(service, nil)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}},
		RootCAs:      ca.Pool(), ClientCAs: ca.Pool(), ClientAuth: tls.RequireAndVerifyClientCert,
		ServerName: "localhost",
	}, nil
}

// WriteFiles writes certificate, key and authority of a process to dir.
func (ca *CA) WriteFiles(dir, service string, hosts ...string) (tlsfile.Files, error) {
	f := tlsfile.Files{
		Cert: filepath.Join(dir, service+".crt"), Key: filepath.Join(dir, service+".key"), CA: filepath.Join(dir, "ca.crt"),
	}
	cert, key, err := ca.issue(service, hosts)
	if err != nil {
		return f, err
	}
	if err := save(f.Cert, f.Key, cert, key); err != nil {
		return f, err
	}
	return f, writePEM(f.CA, "CERTIFICATE", ca.cert.Raw, 0o644)
}

func template(commonName string) (*x509.Certificate, error) {
	const serialBits = 120
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), serialBits))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: commonName, Organization: []string{"FusionEMS Quantum"}},
		// A clock that was set back a little must not make a certificate of the future.
		NotBefore: now.Add(-5 * time.Minute), NotAfter: now.Add(Lifetime),
	}, nil
}

func sign(tmpl, parent *x509.Certificate, key, by *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), by)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func save(certFile, keyFile string, cert *x509.Certificate, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := writePEM(certFile, "CERTIFICATE", cert.Raw, 0o644); err != nil {
		return err
	}
	return writePEM(keyFile, "PRIVATE KEY", der, 0o600)
}

func writePEM(path, kind string, der []byte, mode os.FileMode) error {
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode); err != nil {
		return fmt.Errorf("pki: %w", err)
	}
	return nil
}
