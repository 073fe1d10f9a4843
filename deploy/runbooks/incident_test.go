package runbooks

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	alertLine = regexp.MustCompile(`(?m)^\s*(?:- )?alert:\s*(.+?)\s*$`)
	heading   = regexp.MustCompile(`(?m)^## (\S+)\s*$`)
)

// looped are the places where a template repeats the names that stand in its list.
var looped = []string{"{{ $rule.alert }}", "{{ .alert }}"}

// alerts are the names of all alerts in the templates of the charts. A name must be literal there: the link to its section is made of it.
func alerts(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir("../../charts", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".tpl", ".yaml"}, filepath.Ext(path)) {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, m := range alertLine.FindAllStringSubmatch(string(raw), -1) {
			name := strings.Trim(m[1], `"'`)
			if slices.Contains(looped, name) {
				continue
			}
			if !regexp.MustCompile(`^[A-Z][A-Za-z]+$`).MatchString(name) {
				t.Errorf("%s: the alert %q has no literal name", path, name)
			}
			out = append(out, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestEveryAlertHasItsSection(t *testing.T) {
	raw, err := os.ReadFile("incident.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	sections := map[string]string{}
	found := heading.FindAllStringSubmatchIndex(text, -1)
	for i, m := range found {
		end := len(text)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		sections[text[m[2]:m[3]]] = text[m[1]:end]
	}
	names := alerts(t)
	if len(names) < 7 {
		t.Fatalf("only %d alerts: %v", len(names), names)
	}
	for _, name := range names {
		body, ok := sections[name]
		if !ok {
			t.Errorf("%s wakes an operator, and incident.md has no section of that name", name)
		}
		for _, part := range []string{"**Means.**", "**Look.**", "**Do.**"} {
			if ok && !strings.Contains(body, part) {
				t.Errorf("the section %s lacks %s", name, part)
			}
		}
	}
	for name := range sections {
		if !slices.Contains(names, name) {
			t.Errorf("incident.md has a section %s; no chart has that alert", name)
		}
	}
}
