// Command democharts writes the demo charts as files, with a small index of
// what is expected of each.
//
// Usage: democharts -agencies FILE [-seed N] [-base YYYY-MM-DD] -out DIR
//
// FILE is a JSON list of agencies: uniqueId, number, state, county, zip,
// units, crew (list of id and level).
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fusionems/quantum/services/clinical/democharts"
)

func main() {
	agencies := flag.String("agencies", "", "JSON file with the agencies")
	seed := flag.Uint64("seed", 1, "seed of the invented values")
	base := flag.String("base", time.Now().Format(time.DateOnly), "day after the newest chart")
	out := flag.String("out", "", "folder to write to")
	flag.Parse()
	if err := run(*agencies, *seed, *base, *out); err != nil {
		fmt.Fprintln(os.Stderr, "democharts:", err)
		os.Exit(1)
	}
}

func run(agencies string, seed uint64, base, out string) error {
	if agencies == "" || out == "" {
		return fmt.Errorf("-agencies and -out are both needed")
	}
	day, err := time.Parse(time.DateOnly, base)
	if err != nil {
		return fmt.Errorf("-base must be a date such as 2026-03-10")
	}
	text, err := os.ReadFile(agencies)
	if err != nil {
		return err
	}
	cfg := democharts.Config{Seed: seed, Base: day}
	if err := json.Unmarshal(text, &cfg.Agencies); err != nil {
		return fmt.Errorf("%s: %w", agencies, err)
	}
	docs, err := democharts.Generate(cfg)
	if err != nil {
		return err
	}
	for _, d := range docs {
		if err := os.WriteFile(filepath.Join(out, d.Name), d.XML, 0o644); err != nil {
			return err
		}
	}
	index, err := json.MarshalIndent(docs, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "index.json"), index, 0o644)
}
