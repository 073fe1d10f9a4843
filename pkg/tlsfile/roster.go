package tlsfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
)

// TrustDomain is the fleet's, unless a setting names another.
const TrustDomain = "fusionems.local"

// roster says which SPIFFE id a name of a service stands for. A service lives in the own trust domain or in the one that the setting
// names, and never in both: whoever is called by its name is exactly one identity.
type roster struct {
	own       spiffeid.TrustDomain
	elsewhere map[string]spiffeid.ID
	// bundles are the files with the authorities of the other trust domains.
	bundles map[spiffeid.TrustDomain]string
}

func newRoster(own, federated string) (roster, error) {
	if own == "" {
		own = TrustDomain
	}
	td, err := trustDomain(own)
	if err != nil {
		return roster{}, fmt.Errorf("tlsfile: FLEET_TRUST_DOMAIN: %w", err)
	}
	r := roster{own: td, elsewhere: map[string]spiffeid.ID{}, bundles: map[spiffeid.TrustDomain]string{}}
	for entry := range strings.SplitSeq(federated, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		if err := r.add(entry); err != nil {
			return roster{}, fmt.Errorf("tlsfile: FLEET_TLS_FEDERATED: %q: %w", entry, err)
		}
	}
	return r, nil
}

// trustDomain takes the bare name: the library would take a whole SPIFFE id and drop its path.
func trustDomain(name string) (spiffeid.TrustDomain, error) {
	td, err := spiffeid.TrustDomainFromString(name)
	if err == nil && td.Name() != name {
		err = fmt.Errorf("%q is not the name of a trust domain, e.g. %s", name, TrustDomain)
	}
	return td, err
}

func (r *roster) add(entry string) error {
	raw, file, ok := strings.Cut(entry, "=")
	if !ok || file == "" {
		return fmt.Errorf("it is not spiffe://domain/service=file")
	}
	id, err := spiffeid.FromString(raw)
	if err != nil {
		return err
	}
	name, ok := nameIn(id)
	switch td := id.TrustDomain(); {
	case !ok:
		return fmt.Errorf("the id names no service: spiffe://domain/service is needed")
	case td == r.own:
		return fmt.Errorf("the own trust domain needs no entry")
	case r.bundles[td] != "" && r.bundles[td] != file:
		return fmt.Errorf("the authority of %s is in %s already", td.Name(), r.bundles[td])
	case r.elsewhere[name] != spiffeid.ID{} && r.elsewhere[name] != id:
		return fmt.Errorf("%s lives in %s already", name, r.elsewhere[name].TrustDomain().Name())
	default:
		r.elsewhere[name], r.bundles[td] = id, file
	}
	return nil
}

// id is who the service of this name must be.
func (r roster) id(service string) (spiffeid.ID, error) {
	if id, ok := r.elsewhere[service]; ok {
		return id, nil
	}
	return spiffeid.FromSegments(r.own, service)
}

// service is the name under which rules know the id; none for an id that is not the one its name stands for.
func (r roster) service(id spiffeid.ID) (string, bool) {
	name, ok := nameIn(id)
	if !ok {
		return "", false
	}
	want, err := r.id(name)
	return name, err == nil && want == id
}

// files are those of the authorities, in a fixed order.
func (r roster) files() []string { return slices.Sorted(maps.Values(r.bundles)) }

func nameIn(id spiffeid.ID) (string, bool) {
	name := strings.TrimPrefix(id.Path(), "/")
	return name, name != "" && !strings.Contains(name, "/")
}
