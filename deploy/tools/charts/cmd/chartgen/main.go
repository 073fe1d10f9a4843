// Command chartgen writes what the charts have from elsewhere: the copy of the guardrails and the values schemas.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/fusionems/quantum/deploy/tools/charts/schema"
)

// charts of the fleet, with the delivery that each is.
var charts = []struct {
	folder, delivery string
	services         []string
}{
	{"fusionems", "fusionems", []string{"agency", "audit", "clinical", "compliance", "gateway", "qa", "reporting"}},
	{"fusionems-billing", "billing", []string{"billing"}},
}

func main() {
	if err := run("charts"); err != nil {
		fmt.Fprintln(os.Stderr, "chartgen:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	rails := filepath.Join(root, "guardrails.yaml")
	raw, err := os.ReadFile(rails)
	if err != nil {
		return err
	}
	g, err := schema.Read(rails)
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	for _, c := range charts {
		values, err := schema.Fleet(g, c.delivery, c.services)
		if err != nil {
			return err
		}
		files[filepath.Join(c.folder, "guardrails.yaml")], files[filepath.Join(c.folder, "values.schema.json")] = raw, values
	}
	files["fusionems-cluster/guardrails.yaml"] = raw
	if files["fusionems-cluster/values.schema.json"], err = schema.FleetCluster(g); err != nil {
		return err
	}
	if err := apart(g, files); err != nil {
		return err
	}
	for file, content := range files {
		if err := os.WriteFile(filepath.Join(root, file), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// apart adds the files of CareFusion's charts, which hold nothing about the fleet.
func apart(g schema.Guardrails, files map[string][]byte) error {
	own, err := g.Of("carefusion")
	if err != nil {
		return err
	}
	files["carefusion/guardrails.yaml"], files["carefusion-cluster/guardrails.yaml"] = own, own
	if files["carefusion/values.schema.json"], err = schema.CareFusion(g); err != nil {
		return err
	}
	files["carefusion-cluster/values.schema.json"], err = schema.CareFusionCluster(g)
	return err
}
