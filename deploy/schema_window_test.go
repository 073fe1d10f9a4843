package deploy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fusionems/quantum/pkg/db"
)

// Which schema versions the binaries of a release work with decides how far it can be rolled back; charts say it for people and tools that
// compare two of them, the binaries enforce it.
func TestChartsSayTheSchemaWindowOfTheirServices(t *testing.T) {
	of := map[string][]string{"fusionems": nil, "fusionems-billing": {"billing"}}
	for _, module := range services(t) {
		if name := filepath.Base(module); name != "billing" && module != careFusion {
			of["fusionems"] = append(of["fusionems"], name)
		}
	}
	for chart, names := range of {
		slices.Sort(names)
		var least, most []string
		for _, name := range names {
			w, err := db.WindowOf(os.DirFS(filepath.Join("..", "services", name, "internal", "store", "migrations")))
			if err != nil {
				t.Fatal(err)
			}
			if w.Min < 1 {
				t.Errorf("%s has no migrations where this test looks for them", name)
			}
			least, most = append(least, fmt.Sprintf("%s=%d", name, w.Min)), append(most, fmt.Sprintf("%s=%d", name, w.Max))
		}
		raw, err := os.ReadFile(filepath.Join("..", "charts", chart, "Chart.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{
			fmt.Sprintf("  fusionems.com/schema-min: %q\n", strings.Join(least, ",")),
			fmt.Sprintf("  fusionems.com/schema-max: %q\n", strings.Join(most, ",")),
		} {
			if !strings.Contains(string(raw), "annotations:\n") || !strings.Contains(string(raw), line) {
				t.Errorf("charts/%s/Chart.yaml: among its annotations must be\n%s", chart, line)
			}
		}
	}
}
