package isolation

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	ours       = "github.com/fusionems/quantum"
	careFusion = ours + "/services/carefusion"
	root       = "../.."
)

// tracked are the files that git knows or would take.
func tracked(t *testing.T, patterns ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"ls-files", "--cached", "--others", "--exclude-standard"}, patterns...)...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, f := range strings.Fields(string(out)) {
		// A file that git still lists may be gone from the tree.
		if _, err := os.Stat(filepath.Join(root, f)); err == nil {
			files = append(files, f)
		}
	}
	return files
}

// modules are the folders of all modules.
func modules(t *testing.T) []string {
	t.Helper()
	var dirs []string
	for _, f := range tracked(t, "go.mod", "*/go.mod") {
		dirs = append(dirs, path.Dir(f))
	}
	return dirs
}

// programs are the folders of all main packages, by module. They are found in the files: asking go would load what every module of
// tools needs, gigabytes of it.
func programs(t *testing.T) map[string][]string {
	t.Helper()
	all := modules(t)
	out := map[string][]string{}
	for _, f := range tracked(t, "*.go") {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(root, f))
		if err != nil {
			t.Fatal(err)
		}
		if !mainPackage.Match(raw) {
			continue
		}
		module := ""
		for _, m := range all {
			if strings.HasPrefix(f, m+"/") && len(m) > len(module) {
				module = m
			}
		}
		dir := "." + strings.TrimPrefix(path.Dir(f), module)
		if module == "" {
			t.Errorf("%s is in no module", f)
		} else if !slices.Contains(out[module], dir) {
			out[module] = append(out[module], dir)
		}
	}
	return out
}

var mainPackage = regexp.MustCompile(`(?m)^package main$`)

// list runs go list in a module as it is built: outside of any workspace.
func list(t *testing.T, module string, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	cmd.Dir, cmd.Env = filepath.Join(root, module), append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v in %s: %v", args, module, err)
	}
	return strings.Fields(string(out))
}

func within(pkg, prefix string) bool { return pkg == prefix || strings.HasPrefix(pkg, prefix+"/") }

func ofCareFusion(module string) bool { return within(ours+"/"+module, careFusion) }

// TestNoProgramLinksTheOther lists what every program of either side is made of.
func TestNoProgramLinksTheOther(t *testing.T) {
	seen := map[bool][]string{}
	for module, dirs := range programs(t) {
		theirs := ofCareFusion(module)
		for _, dir := range dirs {
			seen[theirs] = append(seen[theirs], path.Base(dir))
		}
		own := false
		for _, dep := range list(t, module, append([]string{"-deps"}, dirs...)...) {
			own = own || within(dep, ours)
			switch {
			case theirs && within(dep, ours) && !within(dep, careFusion):
				t.Errorf("programs of %s link %s of the fleet", module, dep)
			case !theirs && within(dep, careFusion):
				t.Errorf("programs of %s link %s of CareFusion", module, dep)
			}
		}
		if !own {
			t.Errorf("no package of ours is listed for %s %v: the list shows nothing", module, dirs)
		}
	}
	for _, name := range []string{"gateway", "audit", "agency", "clinical", "qa", "billing", "reporting", "compliance", "fleet", "issuer"} {
		if !slices.Contains(seen[false], name) {
			t.Errorf("the fleet's program %s was not looked at: %v", name, seen[false])
		}
	}
	if !slices.Contains(seen[true], "carefusion") {
		t.Errorf("CareFusion's program was not looked at: %v", seen[true])
	}
}

// TestNoModuleNeedsTheOther reads what modules require and replace: a requirement that nothing imports today is a door left open.
func TestNoModuleNeedsTheOther(t *testing.T) {
	for _, module := range modules(t) {
		raw, err := os.ReadFile(filepath.Join(root, module, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(raw), "\n") {
			line = strings.TrimSpace(line)
			if !strings.Contains(line, ours) || strings.HasPrefix(line, "module ") || strings.HasPrefix(line, "tool ") {
				continue
			}
			if strings.Contains(line, careFusion) != ofCareFusion(module) {
				t.Errorf("%s/go.mod: %s", module, line)
			}
		}
	}
	workspace, err := os.ReadFile(filepath.Join(root, "go.work"))
	if err != nil || !strings.Contains(string(workspace), "./services/qa") {
		t.Fatal(err)
	}
	if strings.Contains(string(workspace), "carefusion") {
		t.Error("CareFusion is in the fleet's workspace")
	}
}
