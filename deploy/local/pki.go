package local

import (
	"fmt"

	"github.com/fusionems/quantum/pkg/testkit/pki"
)

// authority is the certificate authority of one run of a fleet. Unless one is given, it is made anew at each start and its key
// is never stored, so there is nothing to expire, to steal or to forget. One that is given is what a NATS server outside of
// this machine needs: it and the services must be able to tell each other.
type authority struct {
	layout layout
	ca     *pki.CA
}

func (f *Fleet) authority() (*authority, error) {
	if f.embedded("CA_CERT_FILE") {
		ca, err := pki.New()
		return &authority{f.layout, ca}, err
	}
	ca, err := pki.Load(f.opts.Getenv("CA_CERT_FILE"), f.opts.Getenv("CA_KEY_FILE"))
	if err != nil {
		return nil, fmt.Errorf("CA_CERT_FILE, CA_KEY_FILE: %w", err)
	}
	return &authority{f.layout, ca}, nil
}

func (a *authority) caFile() string              { return a.layout.pki("ca.crt") }
func (a *authority) certFile(name string) string { return a.layout.pki(name + ".crt") }
func (a *authority) keyFile(name string) string  { return a.layout.pki(name + ".key") }

// issue writes the certificate, the key and the authority's certificate for one process.
func (a *authority) issue(name string) error {
	_, err := a.ca.WriteFiles(a.layout.pki(""), name)
	return err
}
