package tlsfile

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
)

// Files names a certificate, its key and the authorities that may speak for peers.
type Files struct {
	// Cert, Key and CA are the own certificate, its key and the authorities of the own trust domain.
	Cert, Key, CA string
	// TrustDomain of the own certificate; "" means TrustDomain, the constant.
	TrustDomain string
	// Federated lists the services that live in other trust domains, each with the authorities of its domain, as in
	// FLEET_TLS_FEDERATED: "spiffe://billing.example/billing=/trust/billing.crt,…".
	Federated string
}

// Check says what is wrong with the settings, without a look at the files.
func (f Files) Check() error {
	_, err := newRoster(f.TrustDomain, f.Federated)
	return err
}

// Source serves the current content of Files.
type Source struct {
	files  Files
	roster roster
	held   *watched[material]
}

// material is what the files hold.
type material struct {
	cert    *tls.Certificate
	bundles *x509bundle.Set
}

// Open reads the files once, so that a bad one stops the start and not the first call.
func Open(f Files) (*Source, error) {
	r, err := newRoster(f.TrustDomain, f.Federated)
	if err != nil {
		return nil, err
	}
	s := &Source{files: f, roster: r}
	s.held = &watched[material]{files: append([]string{f.Cert, f.Key, f.CA}, r.files()...), load: s.load, recheck: recheck}
	if _, err := s.held.get(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Source) load() (material, error) {
	svid, err := x509svid.Load(s.files.Cert, s.files.Key)
	if err != nil {
		return material{}, fmt.Errorf("%s: %w", s.files.Cert, err)
	}
	if svid.ID.TrustDomain() != s.roster.own {
		return material{}, fmt.Errorf("%s is the certificate of %s, and FLEET_TRUST_DOMAIN is %s", s.files.Cert, svid.ID, s.roster.own.Name())
	}
	cert := &tls.Certificate{PrivateKey: svid.PrivateKey, Leaf: svid.Certificates[0]}
	for _, c := range svid.Certificates {
		cert.Certificate = append(cert.Certificate, c.Raw)
	}
	bundles, err := s.authorities()
	return material{cert, bundles}, err
}

// authorities reads who may speak for which trust domain. One that spoke for two could make identities of either.
func (s *Source) authorities() (*x509bundle.Set, error) {
	set := x509bundle.NewSet()
	files := map[spiffeid.TrustDomain]string{s.roster.own: s.files.CA}
	for td, file := range s.roster.bundles {
		files[td] = file
	}
	for td, file := range files {
		b, err := x509bundle.Load(td, file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if b.Empty() {
			return nil, fmt.Errorf("no certificate in %s", file)
		}
		for _, other := range set.Bundles() {
			if haveKeyInCommon(b, other) {
				return nil, fmt.Errorf("%s holds an authority of %s too: each trust domain needs one of its own", file, other.TrustDomain().Name())
			}
		}
		set.Add(b)
	}
	return set, nil
}

// haveKeyInCommon compares keys: two certificates of one authority are still one authority.
func haveKeyInCommon(a, b *x509bundle.Bundle) bool {
	for _, x := range a.X509Authorities() {
		for _, y := range b.X509Authorities() {
			if bytes.Equal(x.RawSubjectPublicKeyInfo, y.RawSubjectPublicKeyInfo) {
				return true
			}
		}
	}
	return false
}

// Peer is the service at the other end of a connection: its certificate is checked against the authorities of its own trust domain.
func (s *Source) Peer(cs tls.ConnectionState) (string, error) {
	m, err := s.held.get()
	if err != nil {
		return "", err
	}
	id, _, err := x509svid.Verify(cs.PeerCertificates, m.bundles)
	if err != nil {
		return "", fmt.Errorf("tlsfile: the peer: %w", err)
	}
	name, ok := s.roster.service(id)
	if !ok {
		return "", fmt.Errorf("tlsfile: the peer is %s, which is no service that is known here", id)
	}
	return name, nil
}

// ServiceOf is the service at the other end of a connection that Peer let through, or "". It reads the id and checks no signature.
func (s *Source) ServiceOf(cs tls.ConnectionState) string {
	if len(cs.PeerCertificates) == 0 {
		return ""
	}
	name, _ := s.named(cs.PeerCertificates[0])
	return name
}

func (s *Source) named(leaf *x509.Certificate) (string, error) {
	id, err := x509svid.IDFromCert(leaf)
	if err != nil {
		return "", err
	}
	name, ok := s.roster.service(id)
	if !ok {
		return "", errors.New("tlsfile: the certificate names no service that is known here")
	}
	return name, nil
}

// Own is the service that the source's certificate names.
func (s *Source) Own() (string, error) {
	m, err := s.held.get()
	if err != nil {
		return "", err
	}
	return s.named(m.cert.Leaf)
}
