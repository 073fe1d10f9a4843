package isolation

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
)

// outsideNetwork is the kind of a CIDR that a delivery connects to.
const outsideNetwork = "network outside"

// namespaceLabel is set by the apiserver itself, so that nobody can give it to another namespace.
const namespaceLabel = "kubernetes.io/metadata.name"

// names are what a delivery calls its own, by kind of thing.
type names map[string]map[string]bool

func (n names) add(kind, name string) {
	if name == "" {
		return
	}
	if n[kind] == nil {
		n[kind] = map[string]bool{}
	}
	n[kind][name] = true
}

// names collects everything by which a delivery could meet another one.
func (d Delivery) names() (names, error) {
	n := names{}
	for _, o := range d.Objects {
		n.add("namespace", o.GetNamespace())
		switch o.GetKind() {
		case "Certificate":
			issuer, _ := field(o.Object, "spec", "issuerRef", "name").(string)
			n.add("issuer", issuer)
			secret, _ := field(o.Object, "spec", "secretName").(string)
			n.add("secret", secret)
			uris, _ := field(o.Object, "spec", "uris").([]any)
			for _, u := range uris {
				domain, _, _ := strings.Cut(strings.TrimPrefix(fmt.Sprint(u), "spiffe://"), "/")
				n.add("trust domain", domain)
			}
		case "ExternalSecret":
			store, _ := field(o.Object, "spec", "secretStoreRef", "name").(string)
			n.add("vault", store)
			target, _ := field(o.Object, "spec", "target", "name").(string)
			n.add("secret", target)
		case "ServiceAccount":
			n.add("service account", o.GetName())
		case "Issuer":
			n.add("issuer", o.GetName())
		case "PersistentVolumeClaim":
			n.add("volume", o.GetName())
		}
	}
	pods, err := d.pods()
	if err != nil {
		return nil, err
	}
	for _, p := range pods {
		p.names(n)
	}
	policies, err := d.policies()
	for _, p := range policies {
		var peers []networkingv1.NetworkPolicyPeer
		for _, rule := range p.Spec.Egress {
			peers = append(peers, rule.To...)
		}
		for _, rule := range p.Spec.Ingress {
			peers = append(peers, rule.From...)
		}
		for _, peer := range peers {
			if peer.IPBlock != nil {
				n.add(outsideNetwork, peer.IPBlock.CIDR)
			}
			if peer.NamespaceSelector != nil && peer.NamespaceSelector.MatchLabels[namespaceLabel] != d.Namespace {
				n.add("namespace outside", peer.NamespaceSelector.MatchLabels[namespaceLabel])
			}
		}
	}
	return n, err
}

func (p pod) names(n names) {
	n.add("service account", p.spec.ServiceAccountName)
	for _, c := range p.containers() {
		repository, _, _ := strings.Cut(c.Image, "@")
		if i := strings.LastIndex(repository, ":"); i > strings.LastIndex(repository, "/") {
			repository = repository[:i]
		}
		n.add("image repository", repository)
	}
	for key, value := range p.annotations {
		switch {
		case strings.HasPrefix(key, "vault.hashicorp.com/agent-inject-secret-"):
			mount, _, _ := strings.Cut(value, "/")
			n.add("vault", mount)
			n.add("secret", value)
		case key == "vault.hashicorp.com/role":
			n.add("vault role", value)
		case key == "vault.hashicorp.com/auth-path":
			n.add("vault sign-in", value)
		case key == "vault.hashicorp.com/service":
			n.add("vault server", value)
		}
	}
	for _, v := range p.spec.Volumes {
		if v.Secret != nil {
			n.add("secret", v.Secret.SecretName)
		}
		if v.ConfigMap != nil {
			n.add("config map", v.ConfigMap.Name)
		}
		if v.PersistentVolumeClaim != nil {
			n.add("volume", v.PersistentVolumeClaim.ClaimName)
		}
	}
}

// shared lists what two deliveries both call their own, but for what may be: "kind: name".
func shared(a, b Delivery, permitted []string) ([]Finding, error) {
	left, err := a.names()
	if err != nil {
		return nil, err
	}
	right, err := b.names()
	if err != nil {
		return nil, err
	}
	var out []Finding
	for _, kind := range slices.Sorted(maps.Keys(left)) {
		for _, name := range slices.Sorted(maps.Keys(left[kind])) {
			if meets(kind, name, right[kind]) && !slices.Contains(permitted, kind+": "+name) {
				out = append(out, Finding{"nothing shared", a.Name + " and " + b.Name, kind + " " + name})
			}
		}
	}
	return out, nil
}

// meets says whether a name is among others; of networks, whether they have an address in common.
func meets(kind, name string, others map[string]bool) bool {
	if kind != outsideNetwork {
		return others[name]
	}
	own, err := netip.ParsePrefix(name)
	for other := range others {
		if p, bad := netip.ParsePrefix(other); err == nil && bad == nil && own.Overlaps(p) {
			return true
		}
	}
	return false
}
