// Command chartrender renders the charts with the values of an environment's example, as Helm does it, for tools that read manifests.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

// releases by the delivery that each is.
var releases = []struct{ delivery, chart, namespace string }{
	{"fusionems", "fusionems", "fusionems"},
	{"billing", "fusionems-billing", "billing"},
	{"carefusion", "carefusion", "telehealth"},
}

func main() {
	charts := flag.String("charts", "charts", "folder of the charts")
	out := flag.String("out", ".run/charts", "folder to write <environment>/<delivery>.yaml into")
	environment := flag.String("environment", "prod", "dev, staging or prod")
	four := flag.Bool("helm4", false, "render as Helm 4 instead of Helm 3")
	flag.Parse()
	if err := run(*charts, *out, *environment, *four); err != nil {
		fmt.Fprintln(os.Stderr, "chartrender:", err)
		os.Exit(1)
	}
}

func run(charts, out, environment string, four bool) error {
	engine := render.Helm3
	if four {
		engine = render.Helm4
	}
	folder := filepath.Join(out, environment)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, r := range releases {
		values, err := render.ReadValues(filepath.Join(charts, r.chart, "ci", environment+"-values.yaml"))
		if err != nil {
			return err
		}
		objects, err := render.Objects(engine, render.Request{Chart: filepath.Join(charts, r.chart), Namespace: r.namespace, Values: []map[string]any{values}})
		if err != nil {
			return fmt.Errorf("%s: %w", r.chart, err)
		}
		var text bytes.Buffer
		for _, o := range objects {
			doc, err := yaml.Marshal(o.Object)
			if err != nil {
				return err
			}
			text.WriteString("---\n")
			text.Write(doc)
		}
		file := filepath.Join(folder, r.delivery+".yaml")
		if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
			return err
		}
		fmt.Println(file)
	}
	return nil
}
