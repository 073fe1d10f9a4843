package runbooks

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	secretList    = regexp.MustCompile(`(?m)^\s*secrets: \[([^\]]+)\]`)
	secretHeading = regexp.MustCompile("(?m)^## `([a-z-]+)`\\s*$")
	anyHeading    = regexp.MustCompile(`(?m)^## .*$`)
	careFusions   = regexp.MustCompile(`(?s)define "carefusion\.secrets"(.*?)\{\{/\*`)
	listed        = regexp.MustCompile(`(?m)^- ([a-z-]+)$`)
)

// secrets are the names of all files that the charts ask of a vault.
func secrets(t *testing.T) []string {
	t.Helper()
	read := func(file string) string {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	var out []string
	for _, m := range secretList.FindAllStringSubmatch(read("../../charts/fusionems-lib/templates/_topology.tpl"), -1) {
		out = append(out, strings.FieldsFunc(m[1], func(r rune) bool { return r == ',' || r == ' ' })...)
	}
	of := careFusions.FindStringSubmatch(read("../../charts/carefusion/templates/_environment.tpl"))
	if of == nil {
		t.Fatal("the list of CareFusion's secrets is not where it was")
	}
	for _, m := range listed.FindAllStringSubmatch(of[1], -1) {
		out = append(out, m[1])
	}
	const migrator = "migrator-database-url"
	for _, file := range []string{"../../charts/fusionems-lib/templates/_migrate.tpl", "../../charts/carefusion/templates/migrate.yaml"} {
		if !strings.Contains(read(file), migrator) {
			t.Errorf("%s asks for no %s", file, migrator)
		}
	}
	out = append(out, migrator)
	slices.Sort(out)
	return slices.Compact(out)
}

func TestEverySecretHasItsSection(t *testing.T) {
	raw, err := os.ReadFile("rotate.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	var described []string
	for _, m := range secretHeading.FindAllStringSubmatch(text, -1) {
		described = append(described, m[1])
	}
	slices.Sort(described)
	if want := secrets(t); !slices.Equal(described, want) || len(want) < 10 {
		t.Errorf("rotate.md describes %v, the charts ask for %v", described, want)
	}
	at := anyHeading.FindAllStringIndex(text, -1)
	for i, h := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		for _, part := range []string{"**Steps.**", "**Meanwhile.**", "**Undo.**"} {
			if !strings.Contains(text[h[0]:end], part) {
				t.Errorf("%s lacks %s", text[h[0]:h[1]], part)
			}
		}
	}
	for _, name := range []string{"Certificates of services", "Authority of a trust domain", "Certificate of the edge", "Signing key of images"} {
		if !strings.Contains(text, "\n## "+name+"\n") {
			t.Errorf("rotate.md has no section %q", name)
		}
	}
}
