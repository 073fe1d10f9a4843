package schema

import (
	"os"

	"sigs.k8s.io/yaml"
)

// Guardrails is charts/guardrails.yaml.
type Guardrails struct {
	Required     map[string]any        `json:"required_security_settings"`
	Separation   map[string]Separation `json:"environment_separation"`
	Crossings    []Crossing            `json:"permitted_crossings"`
	Environments []string              `json:"environments"`
}

// Separation is what one delivery owns alone.
type Separation struct {
	Namespace     string `json:"namespace"`
	NetworkPolicy string `json:"network_policy"`
	Secrets       string `json:"secrets"`
	TrustDomain   string `json:"trust_domain"`
	Images        string `json:"images"`
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
