package local

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"time"
)

const (
	validity = 90 * 24 * time.Hour
	renewal  = 7 * 24 * time.Hour
)

// certify makes an authority and the edge's certificate, unless there is one that holds for a while. The authority's key is
// never stored: whoever trusts the authority trusts this one certificate.
func (l Layout) certify(now time.Time) error {
	if valid(l.path("pki", "edge.crt"), now.Add(renewal)) && exists(l.path("pki", "edge.key")) && exists(l.CA()) {
		return nil
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	edgeKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	ca := &x509.Certificate{SerialNumber: serial(), Subject: pkix.Name{CommonName: "CareFusion local mode"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(validity),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: []string{"localhost"},
		PermittedIPRanges: []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}}}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return err
	}
	edge := &x509.Certificate{SerialNumber: serial(), Subject: pkix.Name{CommonName: "carefusion"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(validity),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	edgeDER, err := x509.CreateCertificate(rand.Reader, edge, ca, edgeKey.Public(), caKey)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(edgeKey)
	if err != nil {
		return err
	}
	return errors.Join(
		l.write(block("CERTIFICATE", caDER), "pki", "ca.crt"),
		l.write(block("PRIVATE KEY", keyDER), "pki", "edge.key"),
		l.write(block("CERTIFICATE", edgeDER), "pki", "edge.crt"))
}

func serial() *big.Int {
	n := make([]byte, 16)
	_, _ = rand.Read(n) // never fails
	n[0] &= 0x7f
	return new(big.Int).SetBytes(n)
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func valid(path string, at time.Time) bool {
	text, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	b, _ := pem.Decode(text)
	if b == nil {
		return false
	}
	c, err := x509.ParseCertificate(b.Bytes)
	return err == nil && at.Before(c.NotAfter)
}
