package render_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	removedBlock = regexp.MustCompile(`(?s)define "[a-z]+\.removed" -\}\}(.*?)\{\{- end \}\}`)
	removedKey   = regexp.MustCompile(`(?m)^([A-Za-z]+): `)
	removedRow   = regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\|")
)

func first(re *regexp.Regexp, text string) []string {
	var out []string
	for _, m := range re.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return out
}

// Whoever upgrades with an old key must be told what to do, by the chart and by the page.
func TestARemovedKeyFailsAndIsExplained(t *testing.T) {
	templates := map[string]string{
		"fusionems": "fusionems-lib/templates/_checks.tpl", "fusionems-billing": "fusionems-lib/templates/_checks.tpl", "carefusion": "carefusion/templates/_checks.tpl",
	}
	for chart, file := range templates {
		source, err := os.ReadFile(filepath.Join(charts, file))
		if err != nil {
			t.Fatal(err)
		}
		page, err := os.ReadFile(filepath.Join(charts, chart, "UPGRADING.md"))
		if err != nil {
			t.Fatal(err)
		}
		block := removedBlock.FindStringSubmatch(string(source))
		if block == nil {
			t.Fatalf("%s: no list of removed keys", file)
		}
		keys := first(removedKey, block[1])
		if explained := first(removedRow, string(page)); len(keys) < 4 || !slices.Equal(keys, explained) {
			t.Errorf("%s: %v are refused, %v are explained", chart, keys, explained)
		}
		for _, key := range keys {
			for name, engine := range engines {
				for _, skip := range []bool{false, true} {
					r := request(t, chart, "prod")
					r.Values[0] = set(r.Values[0], key, "x")
					r.SkipSchema = skip
					if _, err := engine(r); err == nil || !strings.Contains(err.Error(), key) || (skip && !strings.Contains(err.Error(), "use") && !strings.Contains(err.Error(), "see")) {
						t.Errorf("%s: %s by %s, skip=%v: %v", chart, key, name, skip, err)
					}
				}
			}
		}
	}
}
