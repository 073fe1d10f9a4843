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
	for _, c := range charts {
		values, err := schema.Fleet(g, c.delivery, c.services)
		if err != nil {
			return err
		}
		for file, content := range map[string][]byte{"guardrails.yaml": raw, "values.schema.json": values} {
			if err := os.WriteFile(filepath.Join(root, c.folder, file), content, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
