package schema

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Guardrails is charts/guardrails.yaml.
type Guardrails struct {
	Required     map[string]any        `json:"required_security_settings"`
	Separation   map[string]Separation `json:"environment_separation"`
	Crossings    []Crossing            `json:"permitted_crossings,omitempty"`
	Environments []string              `json:"environments"`
}

// Separation is what one delivery owns alone.
type Separation struct {
	Namespace     string `json:"namespace"`
	NetworkPolicy string `json:"network_policy"`
	Secrets       string `json:"secrets"`
	TrustDomain   string `json:"trust_domain"`
	Images        string `json:"images"`
	// Edge is the one namespace that users come in by, and VaultAuth the one mount to sign in at, where a delivery has such.
	Edge      string `json:"edge,omitempty"`
	VaultAuth string `json:"vault_auth,omitempty"`
}

// Crossing is a connection that may leave a delivery; From and To are namespace/service.
type Crossing struct {
	From string `json:"from"`
	To   string `json:"to"`
	Port int    `json:"port"`
}

// Read reads the guardrails strictly: a misspelt rule is no rule.
func Read(path string) (Guardrails, error) {
	var g Guardrails
	raw, err := os.ReadFile(path)
	if err == nil {
		err = yaml.UnmarshalStrict(raw, &g)
	}
	return g, err
}

// Of is the part that is about one delivery, as YAML: a chart that shares nothing does not name the others either.
func (g Guardrails) Of(delivery string) ([]byte, error) {
	own, ok := g.Separation[delivery]
	if !ok {
		return nil, fmt.Errorf("schema: the guardrails know no delivery %q", delivery)
	}
	part := Guardrails{Required: g.Required, Separation: map[string]Separation{delivery: own}, Environments: g.Environments}
	out, err := yaml.Marshal(part)
	return append([]byte("# The part of the deployment guardrails that is about this delivery; generated.\n"), out...), err
}

// meets says whether a permitted crossing joins two deliveries.
func (g Guardrails) meets(one, other string) bool {
	of := func(end string) string { space, _, _ := strings.Cut(end, "/"); return space }
	a, b := g.Separation[one].Namespace, g.Separation[other].Namespace
	return slices.ContainsFunc(g.Crossings, func(c Crossing) bool {
		return (of(c.From) == a && of(c.To) == b) || (of(c.From) == b && of(c.To) == a)
	})
}

// strangeDomains are the trust domains of deliveries that this one never meets.
func (g Guardrails) strangeDomains(delivery string) []string {
	var out []string
	for name, other := range g.Separation {
		if name != delivery && !g.meets(delivery, name) {
			out = append(out, other.TrustDomain)
		}
	}
	slices.Sort(out)
	return out
}

// foreignSignIns are where other deliveries alone sign in to Vault.
func (g Guardrails) foreignSignIns(delivery string) []string {
	var out []string
	for name, other := range g.Separation {
		if name != delivery && other.VaultAuth != "" {
			out = append(out, other.VaultAuth)
		}
	}
	slices.Sort(out)
	return out
}

// Edges are how a proof prints the connection, and that of the self-test which asks whether it works: a pod beside the service, with the
// service's identity.
func (c Crossing) Edges() []string {
	return []string{fmt.Sprintf("%s -> %s %d/TCP", c.From, c.To, c.Port), fmt.Sprintf("%s-selftest -> %s %d/TCP", c.From, c.To, c.Port)}
}
