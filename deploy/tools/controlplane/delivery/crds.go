package delivery

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// module is a Go module of which only files are wanted. Requiring it in a go.mod would bring all that it builds with; so its content is
// pinned by sum here.
type module struct{ path, version, sum string }

// definitions are the custom resources that the charts may use, as the operators' own releases define them.
func definitions() map[module][]string {
	return map[module][]string{
		{"github.com/prometheus-operator/prometheus-operator", "v0.85.0", "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s="}: {
			"example/prometheus-operator-crd/*_servicemonitors.yaml", "example/prometheus-operator-crd/*_podmonitors.yaml", "example/prometheus-operator-crd/*_prometheusrules.yaml"},
		{"github.com/cert-manager/cert-manager", "v1.21.2", "h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68="}: {
			"deploy/crds/cert-manager.io_certificates.yaml", "deploy/crds/cert-manager.io_issuers.yaml"},
		{"github.com/external-secrets/external-secrets", "v1.3.2", "h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ="}: {
			"config/crds/bases/external-secrets.io_externalsecrets.yaml", "config/crds/bases/external-secrets.io_secretstores.yaml"},
		{"github.com/kedacore/keda/v2", "v2.21.0", "h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps="}: {
			"config/crd/bases/keda.sh_scaledobjects.yaml", "config/crd/bases/keda.sh_triggerauthentications.yaml"},
		{"sigs.k8s.io/gateway-api", "v1.6.0", "h1:735YBRj5NXFrOGX0GoSjwzUIzbz8kiEOfADsqHFmHgE="}: {
			"config/crd/standard/*_gateways.yaml", "config/crd/standard/*_httproutes.yaml", "config/crd/standard/*_grpcroutes.yaml", "config/crd/standard/*_tlsroutes.yaml"},
	}
}

// folder is where the module's files are, fetched if need be.
func (m module) folder(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", m.path+"@"+m.version)
	cmd.Dir = os.TempDir()
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.Output()
	var answer struct{ Dir, Sum, Error string }
	if jsonErr := json.Unmarshal(out, &answer); jsonErr != nil {
		return "", fmt.Errorf("%s: %w", m.path, errors.Join(err, jsonErr))
	}
	if answer.Error != "" || err != nil {
		return "", fmt.Errorf("%s: %s (%w)", m.path, answer.Error, err)
	}
	if answer.Sum != m.sum {
		return "", fmt.Errorf("%s@%s has the sum %s, not %s", m.path, m.version, answer.Sum, m.sum)
	}
	return answer.Dir, nil
}

// InstallDefinitions applies the custom resource definitions and waits until their kinds are served.
func (c *Client) InstallDefinitions(ctx context.Context) error {
	var applied []*unstructured.Unstructured
	for m, patterns := range definitions() {
		folder, err := m.folder(ctx)
		if err != nil {
			return err
		}
		for _, pattern := range patterns {
			files, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(pattern)))
			if err != nil || len(files) == 0 {
				return fmt.Errorf("%s: no file is named %s (%w)", m.path, pattern, err)
			}
			for _, file := range files {
				objects, err := readObjects(file)
				if err != nil {
					return fmt.Errorf("%s: %w", file, err)
				}
				applied = append(applied, objects...)
			}
		}
	}
	for _, o := range applied {
		// What the apiserver remarks about others' definitions is not ours to mend.
		var remarks *WarningsError
		if err := c.Apply(ctx, o); err != nil && !errors.As(err, &remarks) {
			return err
		}
	}
	for _, o := range applied {
		if err := c.waitForCondition(ctx, o, "Established"); err != nil {
			return err
		}
	}
	c.mapper.Reset()
	return nil
}

func readObjects(file string) ([]*unstructured.Unstructured, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var out []*unstructured.Unstructured
	docs := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(raw), 4096)
	for {
		o := &unstructured.Unstructured{}
		if err := docs.Decode(&o.Object); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		if o.GetKind() == "CustomResourceDefinition" {
			out = append(out, o)
		}
	}
}
