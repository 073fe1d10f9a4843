package tlsfile

import (
	"crypto/tls"
	"fmt"
)

// Server demands a certificate of a service that is known here.
func (s *Source) Server() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: []string{"h2"}, GetCertificate: s.serverCertificate,
		// The standard check knows neither SPIFFE ids nor which authority speaks for which of them; VerifyConnection does it all.
		// Unlike VerifyPeerCertificate it is asked for resumed sessions too; without tickets there are none of an older authority.
		ClientAuth: tls.RequireAnyClientCert, SessionTicketsDisabled: true,
		VerifyConnection: func(cs tls.ConnectionState) error {
			_, err := s.Peer(cs)
			return err
		},
	}
}

// Client shows its certificate and accepts only the server that the service's name stands for.
func (s *Source) Client(service string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			m, err := s.held.get()
			return m.cert, err
		},
		InsecureSkipVerify: true, //nolint:gosec // replaced by the full check in VerifyConnection, as in Server
		VerifyConnection: func(cs tls.ConnectionState) error {
			got, err := s.Peer(cs)
			if err == nil && got != service {
				err = fmt.Errorf("tlsfile: the server is %q, not %q", got, service)
			}
			return err
		},
	}
}

// Public shows the certificate and asks for none: for probes and scrapers, which have no identity of the fleet.
func (s *Source) Public(minVersion uint16, protocols ...string) *tls.Config {
	return &tls.Config{MinVersion: minVersion, NextProtos: protocols, GetCertificate: s.serverCertificate}
}

func (s *Source) serverCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	m, err := s.held.get()
	return m.cert, err
}

// Pair is a certificate for the world outside, with names of the web's instead of a SPIFFE id.
type Pair struct {
	held *watched[*tls.Certificate]
}

// OpenPair reads the files once, so that a bad one stops the start.
func OpenPair(cert, key string) (*Pair, error) {
	p := &Pair{&watched[*tls.Certificate]{files: []string{cert, key}, recheck: recheck, load: func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(cert, key)
		return &pair, err
	}}}
	_, err := p.held.get()
	return p, err
}

// Public shows the certificate and asks for none.
func (p *Pair) Public(minVersion uint16, protocols ...string) *tls.Config {
	return &tls.Config{MinVersion: minVersion, NextProtos: protocols, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		return p.held.get()
	}}
}
