package policy_test

import (
	"os"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/tester"
)

// TestRego runs every rule named test_* of the *_test.rego files.
func TestRego(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string]*ast.Module{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".rego") {
			continue
		}
		raw, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		modules[f.Name()] = ast.MustParseModule(string(raw))
	}
	results, err := tester.NewRunner().SetModules(modules).RunTests(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for r := range results {
		ran++
		if !r.Pass() {
			t.Errorf("%s: %s: %v", r.Location, r.Name, r.Error)
		}
	}
	if ran < 20 {
		t.Fatalf("only %d rego tests ran", ran)
	}
}
