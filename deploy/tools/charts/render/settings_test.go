package render_test

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

// secrets are what Vault would write, by the name of the file; each is of the form that its reader wants.
func secrets() map[string]string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // it never fails
	key := base64.StdEncoding.EncodeToString(raw)
	return map[string]string{
		"database-url": "postgres://qa_login:a-long-enough-word@db.example:5432/fleet?sslmode=verify-full", "page-token-key": key, "kek": key,
		"session-key": key, "checkpoint-key": "PRIVATE+KEY+log.example/audit+00000000+" + key, "principal-signing-key": "a key, read at the start",
		"redis-url": "rediss://:a-long-enough-word@redis.example:6379/0", "oidc-client-secret": "a-long-enough-word",
	}
}

// built compiles the fleet's binaries from this tree: each has its own idea of which variables there are.
func built(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	commands, err := filepath.Glob(filepath.Join(root, "services", "*", "cmd", "*"))
	if err != nil || len(commands) < 7 {
		t.Fatalf("%d commands, %v", len(commands), err)
	}
	// Without debugger tables, which double the time of linking, as `make build`.
	args := []string{"build", "-o", t.TempDir() + "/", "-ldflags", "-s -w", "./gateway/cmd/gateway"}
	for _, c := range commands {
		// CareFusion is no part of the workspace.
		if rel, err := filepath.Rel(root, c); err == nil && !strings.HasPrefix(rel, "services/carefusion/") {
			args = append(args, "./"+rel)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = root
	cmd.Env = slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "GOWORK=") })
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return args[2]
}

// vault writes the secrets to a folder.
func vault(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, value := range secrets() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

type told struct {
	where, binary string
	check         []string
	env           []string
}

// containers are those of all pods of a release, hooks and tests included, each with the check of the command that it runs.
func containers(t *testing.T, list []*unstructured.Unstructured, vault string) []told {
	t.Helper()
	var out []told
	for _, o := range list {
		path, ok := map[string][]string{"Deployment": {"spec", "template", "spec"}, "Job": {"spec", "template", "spec"}, "Pod": {"spec"}}[o.GetKind()]
		if !ok {
			continue
		}
		content, _, err := unstructured.NestedMap(o.Object, path...)
		if err != nil {
			t.Fatal(err)
		}
		var spec corev1.PodSpec
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(content, &spec); err != nil {
			t.Fatal(err)
		}
		for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
			out = append(out, container(t, o, c, vault))
		}
	}
	return out
}

func container(t *testing.T, o *unstructured.Unstructured, c corev1.Container, vault string) told {
	t.Helper()
	repository, _, _ := strings.Cut(c.Image, "@")
	name, _, _ := strings.Cut(filepath.Base(repository), ":")
	k := told{where: fmt.Sprintf("%s %s, %s", o.GetKind(), o.GetName(), c.Name), binary: name, check: []string{"config", "check"}}
	switch {
	case slices.Equal(c.Args, []string{"migrate"}):
		k.check = append(k.check, "migrate")
	case !slices.Equal(c.Args, []string{"serve"}) && !slices.Equal(c.Args, []string{"selftest"}):
		t.Errorf("%s runs %q, which this test knows no check of", k.where, c.Args)
	}
	for _, e := range c.Env {
		if secret, ok := strings.CutPrefix(e.Value, "/vault/secrets/"); ok {
			e.Value = filepath.Join(vault, strings.TrimPrefix(secret, name+"-migrator-"))
		}
		k.env = append(k.env, e.Name+"="+e.Value)
	}
	return k
}

func (k told) ask(t *testing.T, bin string, env []string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, k.binary), k.check...)
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestEveryBinaryTakesTheSettingsOfItsChart(t *testing.T) {
	bin, dir := built(t), vault(t)
	for _, chart := range []string{"fusionems", "fusionems-billing"} {
		for _, e := range environments {
			list := containers(t, objects(t, render.Helm3, request(t, chart, e)), dir)
			// Each service serves, is tested and, but for the gateway, migrates.
			if want := map[string]int{"fusionems": 20, "fusionems-billing": 3}[chart]; len(list) != want {
				t.Errorf("%s %s: %d containers, not %d", chart, e, len(list), want)
			}
			for _, k := range list {
				if out, err := k.ask(t, bin, k.env); err != nil {
					t.Errorf("%s %s: %s: %v\n%s", chart, e, k.where, err, out)
				}
				if e != "prod" {
					continue
				}
				if out, err := k.ask(t, bin, append(slices.Clone(k.env), "FLEET_TYPO=1")); err == nil || !strings.Contains(out, "FLEET_TYPO") {
					t.Errorf("%s: a variable that there is not is taken: %s", k.where, out)
				}
				// Each is told its database, or the gateway the services.
				without := slices.DeleteFunc(slices.Clone(k.env), func(kv string) bool {
					return strings.Contains(kv, "DATABASE_URL") || strings.HasPrefix(kv, "FLEET_PEERS=")
				})
				if out, err := k.ask(t, bin, without); err == nil {
					t.Errorf("%s: what it must have is not missed: %s", k.where, out)
				}
			}
		}
	}
}
