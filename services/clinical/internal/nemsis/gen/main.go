// Program gen writes the structure table from the official NEMSIS schema files.
//
// Usage: gen -xsd DIR -out DIR
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	xsdDir := flag.String("xsd", "", "folder with EMSDataSet_v3.xsd and the files it includes")
	out := flag.String("out", "", "folder of package structure")
	flag.Parse()
	if err := run(*xsdDir, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(xsdDir, out string) error {
	if xsdDir == "" || out == "" {
		return fmt.Errorf("-xsd and -out are both needed")
	}
	files, err := generate(xsdDir)
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(out, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns the generated files by name. The drift test compares them
// with what is committed.
func generate(xsdDir string) (map[string][]byte, error) {
	schema, err := load(xsdDir, "EMSDataSet_v3.xsd")
	if err != nil {
		return nil, err
	}
	t, err := build(schema)
	if err != nil {
		return nil, err
	}
	return emit(t)
}
