package pki

import (
	"bytes"
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

// CA is the certificate authority of one trust domain.
type CA struct {
	domain string
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
}

// New makes an authority of the fleet's trust domain that exists in memory only.
func New() (*CA, error) { return NewFor(tlsfile.TrustDomain) }

// NewFor makes an authority of a trust domain that exists in memory only.
func NewFor(domain string) (*CA, error) {
	tmpl, err := template("FusionEMS Quantum local authority of " + domain)
	if err != nil {
		return nil, err
	}
	tmpl.URIs = []*url.URL{{Scheme: "spiffe", Host: domain}}
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
	return &CA{domain: domain, cert: cert, key: key}, nil
}

// Pool holds the authority's certificate.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	return pool
}

// Save writes certificate and key; Load reads them back.
func (ca *CA) Save(certFile, keyFile string) error { return save(certFile, keyFile, ca.cert, ca.key) }

// Load reads an authority of a trust domain that Save wrote, or somebody else made.
func Load(domain, certFile, keyFile string) (*CA, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("pki: %w", err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("pki: the key of the authority is not an ECDSA key")
	}
	return &CA{domain: domain, cert: pair.Leaf, key: key}, nil
}

// Leaf is what a certificate says beside its name; a test of those who check it asks for what no authority should sign.
type Leaf struct {
	// IDs are its URI names; nil means the SPIFFE id of the process in the authority's trust domain.
	IDs []string
	// Hosts are names of the process beside localhost and its own.
	Hosts []string
	// NotAfter is its end; zero means Lifetime from now.
	NotAfter time.Time
}

// issue makes certificate and key of one process: its name as SPIFFE id; localhost, the loopback addresses and hosts as names.
func (ca *CA) issue(service string, l Leaf) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	tmpl, err := template(service)
	if err != nil {
		return nil, nil, err
	}
	if l.IDs == nil {
		l.IDs = []string{"spiffe://" + ca.domain + "/" + service}
	}
	for _, id := range l.IDs {
		u, err := url.Parse(id)
		if err != nil {
			return nil, nil, fmt.Errorf("pki: %w", err)
		}
		tmpl.URIs = append(tmpl.URIs, u)
	}
	if !l.NotAfter.IsZero() {
		tmpl.NotBefore, tmpl.NotAfter = l.NotAfter.Add(-Lifetime), l.NotAfter
	}
	tmpl.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	tmpl.DNSNames = append([]string{"localhost", service}, l.Hosts...)
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
	cert, key, err := ca.issue(service, Leaf{})
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
	return ca.WriteLeaf(dir, service, Leaf{Hosts: hosts})
}

// WriteLeaf is WriteFiles for a certificate that says something else.
func (ca *CA) WriteLeaf(dir, service string, l Leaf) (tlsfile.Files, error) {
	f := tlsfile.Files{
		Cert: filepath.Join(dir, service+".crt"), Key: filepath.Join(dir, service+".key"), CA: filepath.Join(dir, "ca.crt"),
		TrustDomain: ca.domain,
	}
	cert, key, err := ca.issue(service, l)
	if err != nil {
		return f, err
	}
	if err := save(f.Cert, f.Key, cert, key); err != nil {
		return f, err
	}
	return f, WriteBundle(f.CA, ca)
}

// WriteBundle writes the certificates of authorities to a file: of one, or of the old and the new while they change.
func WriteBundle(path string, authorities ...*CA) error {
	var out bytes.Buffer
	for _, ca := range authorities {
		if err := pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: ca.cert.Raw}); err != nil {
			return fmt.Errorf("pki: %w", err)
		}
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil { //nolint:gosec // certificates are public
		return fmt.Errorf("pki: %w", err)
	}
	return nil
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
