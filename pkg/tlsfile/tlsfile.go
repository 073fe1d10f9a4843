package tlsfile

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// TrustDomain of the SPIFFE ids in the fleet's certificates.
const TrustDomain = "fusionems.local"

// Files names a certificate, its key and the authority that both ends trust.
type Files struct {
	Cert, Key, CA string
}

// Source serves the current content of Files.
type Source struct {
	files Files
	mu    sync.Mutex
	cert  *tls.Certificate
	pool  *x509.CertPool
	stamp string
	asked time.Time
}

// recheck is how often files are looked at: a renewed certificate is in use this soon.
const recheck = 5 * time.Second

// Open reads the files once, so that a bad one stops the start and not the first call.
func Open(f Files) (*Source, error) {
	s := &Source{files: f}
	if _, _, err := s.current(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Source) current() (*tls.Certificate, *x509.CertPool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cert != nil && time.Since(s.asked) < recheck {
		return s.cert, s.pool, nil
	}
	s.asked = time.Now()
	stamp, err := s.stampOf()
	if err == nil && stamp == s.stamp {
		return s.cert, s.pool, nil
	}
	cert, pool, err := load(s.files)
	if err != nil {
		if s.cert != nil {
			// Half-written files of a renewal: keep what works until the next look.
			return s.cert, s.pool, nil
		}
		return nil, nil, err
	}
	s.cert, s.pool, s.stamp = cert, pool, stamp
	return cert, pool, nil
}

func (s *Source) stampOf() (string, error) {
	var b strings.Builder
	for _, f := range []string{s.files.Cert, s.files.Key, s.files.CA} {
		st, err := os.Stat(f)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%d/%d ", st.ModTime().UnixNano(), st.Size())
	}
	return b.String(), nil
}

func load(f Files) (*tls.Certificate, *x509.CertPool, error) {
	cert, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, nil, fmt.Errorf("tlsfile: %w", err)
	}
	pem, err := os.ReadFile(f.CA)
	if err != nil {
		return nil, nil, fmt.Errorf("tlsfile: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, nil, fmt.Errorf("tlsfile: no certificate in %s", f.CA)
	}
	return &cert, pool, nil
}

// Server demands a client certificate of the authority.
func (s *Source) Server() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			cert, pool, err := s.current()
			if err != nil {
				return nil, err
			}
			return &tls.Config{
				MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{*cert}, NextProtos: []string{"h2"},
				ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
			}, nil
		},
	}
}

// Public shows a certificate and asks for none: for browsers, probes and scrapers, which have no identity of the fleet.
func (s *Source) Public(minVersion uint16, protocols ...string) *tls.Config {
	return &tls.Config{
		MinVersion: minVersion, NextProtos: protocols,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			cert, _, err := s.current()
			return cert, err
		},
	}
}

// Client shows its certificate and accepts only a server whose SPIFFE id is the service's.
func (s *Source) Client(service string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			cert, _, err := s.current()
			return cert, err
		},
		// The name to check is the SPIFFE id, which the standard check does not know; VerifyConnection does it all.
		InsecureSkipVerify: true, //nolint:gosec // replaced by the full check in VerifyConnection
		VerifyConnection: func(cs tls.ConnectionState) error {
			return s.verifyServer(cs, service)
		},
	}
}

func (s *Source) verifyServer(cs tls.ConnectionState, service string) error {
	_, pool, err := s.current()
	if err != nil {
		return err
	}
	if len(cs.PeerCertificates) == 0 {
		return errors.New("tlsfile: the server showed no certificate")
	}
	inter := x509.NewCertPool()
	for _, c := range cs.PeerCertificates[1:] {
		inter.AddCert(c)
	}
	if _, err := cs.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: pool, Intermediates: inter}); err != nil {
		return fmt.Errorf("tlsfile: %w", err)
	}
	if got := ServiceOf(cs); got != service {
		return fmt.Errorf("tlsfile: the server is %q, not %q", got, service)
	}
	return nil
}

// ServiceOf returns the service named by the peer's SPIFFE id, or "".
func ServiceOf(cs tls.ConnectionState) string {
	if len(cs.PeerCertificates) == 0 {
		return ""
	}
	for _, u := range cs.PeerCertificates[0].URIs {
		if name, ok := serviceOf(u); ok {
			return name
		}
	}
	return ""
}

func serviceOf(u *url.URL) (string, bool) {
	if u.Scheme != "spiffe" || u.Host != TrustDomain {
		return "", false
	}
	name := strings.TrimPrefix(u.Path, "/")
	return name, name != "" && !strings.Contains(name, "/")
}
