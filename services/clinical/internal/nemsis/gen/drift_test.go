package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestGeneratedFilesAreCurrent runs the generator on the official schema and
// compares with what is committed.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	xsd := "../../../../../../shared/data/nemsis/xsd-v351"
	if _, err := os.Stat(xsd); err != nil {
		t.Skipf("no official schema at %s", xsd)
	}
	files, err := generate(xsd)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", "structure", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs from the schema; run go generate in ../structure", name)
		}
	}
	committed, err := filepath.Glob("../structure/zz_generated_*.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(committed) != len(files) {
		t.Errorf("%d generated files are committed, the generator writes %d", len(committed), len(files))
	}
}

func TestUnknownConstructsAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"choice":  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:choice/></xs:schema>`,
		"default": `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a" default="b"/></xs:schema>`,
	} {
		if err := checkConstructs(name, []byte(text)); err == nil {
			t.Errorf("a schema with %s is read without understanding it", name)
		}
	}
}
