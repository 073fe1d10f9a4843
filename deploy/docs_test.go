package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link       = regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	makeTarget = regexp.MustCompile("(?m)(?:`|^|\\()make (?:-s )?([a-z][a-z0-9-]*)")
	declared   = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):`)
	apiPath    = regexp.MustCompile(`/api/[a-zA-Z/{}:-]+`)
)

// documents are all Markdown files that git knows or would take.
func documents(t *testing.T) []string {
	t.Helper()
	cmd := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Fields(string(out))
	if len(files) < 10 {
		t.Fatalf("only %d documents: %v", len(files), files)
	}
	return files
}

func TestLinksLeadSomewhere(t *testing.T) {
	for _, file := range documents(t) {
		text, err := os.ReadFile(filepath.Join("..", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join("..", filepath.Dir(file), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", file, m[1])
			}
		}
	}
}

func TestCommandsExist(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	targets := map[string]bool{}
	for _, m := range declared.FindAllStringSubmatch(string(makefile), -1) {
		targets[m[1]] = true
	}
	if !targets["up"] || !targets["test"] {
		t.Fatal("the Makefile was not understood")
	}
	for _, file := range documents(t) {
		text, err := os.ReadFile(filepath.Join("..", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range makeTarget.FindAllStringSubmatch(string(text), -1) {
			if !targets[m[1]] {
				t.Errorf("%s names make %s, which is no target", file, m[1])
			}
		}
	}
}

func TestPathsOfTheAPIExist(t *testing.T) {
	doc, err := os.ReadFile("../proto/gen/openapi/fleet.openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := apiPath.FindAllString(string(readme), -1)
	if len(found) == 0 {
		t.Fatal("the README names no path of the API")
	}
	for _, p := range found {
		if !strings.Contains(string(doc), `"`+strings.TrimRight(p, "/")+`"`) {
			t.Errorf("README.md names %s, which is not in the API", p)
		}
	}
}

func TestEveryServiceHasAREADME(t *testing.T) {
	for _, s := range services(t) {
		text, err := os.ReadFile(filepath.Join("..", s, "README.md"))
		if err != nil {
			t.Errorf("%s has no README.md", s)
			continue
		}
		for _, part := range []string{"separate", "RPC", "ables", "vents", "neighbours are down"} {
			if !strings.Contains(string(text), part) {
				t.Errorf("%s/README.md does not speak of %q", s, part)
			}
		}
	}
}
