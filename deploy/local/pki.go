package local

import (
	"fmt"
	"path/filepath"

	"github.com/fusionems/quantum/pkg/testkit/pki"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

// billingName is the one service that lives in a trust domain of its own, as it does in a cluster: an authority of the fleet cannot make
// an identity of billing, and billing's none of the fleet.
const (
	billingName   = "billing"
	billingDomain = "billing.fusionems.local"
)

// authority is the certificate authorities of one run of a fleet, one for each trust domain. Unless they are given, they are made
// anew at each start and their keys are never stored, so there is nothing to expire, to steal or to forget. Ones that are given are
// what a NATS server outside of this machine needs: it and the services must be able to tell each other.
type authority struct {
	layout         layout
	fleet, billing *pki.CA
}

func (f *Fleet) authority() (*authority, error) {
	a := &authority{layout: f.layout}
	var err error
	if a.fleet, err = f.authorityOf(tlsfile.TrustDomain, "CA_CERT_FILE", "CA_KEY_FILE"); err != nil {
		return nil, err
	}
	if f.embedded("CA_CERT_FILE") != f.embedded("BILLING_CA_CERT_FILE") {
		return nil, fmt.Errorf("CA_CERT_FILE and BILLING_CA_CERT_FILE go together: what trusts one authority of the fleet must trust the other")
	}
	if a.billing, err = f.authorityOf(billingDomain, "BILLING_CA_CERT_FILE", "BILLING_CA_KEY_FILE"); err != nil {
		return nil, err
	}
	return a, pki.WriteBundle(a.bothFile(), a.fleet, a.billing)
}

func (f *Fleet) authorityOf(domain, certVariable, keyVariable string) (*pki.CA, error) {
	if f.embedded(certVariable) {
		return pki.NewFor(domain)
	}
	ca, err := pki.Load(domain, f.opts.Getenv(certVariable), f.opts.Getenv(keyVariable))
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", certVariable, keyVariable, err)
	}
	return ca, nil
}

// caFile is the authority of the fleet's trust domain; caFileOf that of a process.
func (a *authority) caFile() string              { return a.layout.pki("ca.crt") }
func (a *authority) caFileOf(name string) string { return filepath.Join(a.dir(name), "ca.crt") }
func (a *authority) certFile(name string) string { return filepath.Join(a.dir(name), name+".crt") }
func (a *authority) keyFile(name string) string  { return filepath.Join(a.dir(name), name+".key") }
func (a *authority) domainOf(name string) string {
	if name == billingName {
		return billingDomain
	}
	return tlsfile.TrustDomain
}

// bothFile is for what serves both trust domains and does not tell them apart: the NATS server.
func (a *authority) bothFile() string { return a.layout.pki("both.crt") }

func (a *authority) dir(name string) string {
	if name == billingName {
		return a.layout.pki(billingName)
	}
	return a.layout.pki("")
}

// federated says who of the other trust domain a process may meet: the same crossings as in a cluster, and the NATS server.
func (a *authority) federated(name string) string {
	switch name {
	case billingName:
		entry := func(peer string) string { return "spiffe://" + tlsfile.TrustDomain + "/" + peer + "=" + a.caFile() }
		return entry(gatewayName) + "," + entry("audit") + "," + entry("nats")
	case gatewayName, "audit":
		return "spiffe://" + billingDomain + "/" + billingName + "=" + a.caFileOf(billingName)
	default:
		return ""
	}
}

// issue writes the certificate, the key and the authority's certificate for one process.
func (a *authority) issue(name string) error {
	ca := a.fleet
	if name == billingName {
		ca = a.billing
	}
	_, err := ca.WriteFiles(a.dir(name), name)
	return err
}
