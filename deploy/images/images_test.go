package images_test

import (
	"archive/tar"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"sigs.k8s.io/yaml"

	"github.com/fusionems/quantum/deploy/images"
)

var amd64 = v1.Platform{OS: "linux", Architecture: "amd64"}

// checkout is a small one with the fleet's shape.
func checkout(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, module := range []string{"gateway", "services/qa", "services/billing", "services/carefusion"} {
		base := filepath.Base(module)
		write(t, filepath.Join(root, module, "go.mod"), "module example.org/"+base+"\n\ngo 1.26\n")
		write(t, filepath.Join(root, module, "cmd", base, "main.go"), "package main\n\nfunc main() { println(\""+base+"\") }\n")
	}
	for _, args := range [][]string{
		{"init", "-q"}, {"add", "."}, {"-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "t"},
	} {
		if out, err := exec.Command("git", append([]string{"-C", root}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v %s", args, err, out)
		}
	}
	return root
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func buildAll(t *testing.T, root string, platforms ...v1.Platform) map[string]images.Built {
	t.Helper()
	source, err := images.OpenSource(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	targets, err := images.Catalog(root)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]images.Built{}
	for _, target := range targets {
		b, err := source.Build(t.Context(), target, platforms)
		if err != nil {
			t.Fatal(err)
		}
		out[target.Name] = b
	}
	return out
}

func digest(t *testing.T, b images.Built) string {
	t.Helper()
	d, err := b.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d.String()
}

func TestTwoBuildsGiveOneDigest(t *testing.T) {
	root := checkout(t)
	first := buildAll(t, root, amd64)
	t.Setenv("TMPDIR", t.TempDir())
	second := buildAll(t, root, amd64)
	for n := range first {
		if a, b := digest(t, first[n]), digest(t, second[n]); a != b {
			t.Errorf("%s: %s and then %s", n, a, b)
		}
	}
	write(t, filepath.Join(root, "gateway", "cmd", "gateway", "main.go"), "package main\n\nfunc main() { println(\"changed\") }\n")
	if digest(t, buildAll(t, root, amd64)["gateway"]) == digest(t, first["gateway"]) {
		t.Error("another source gave the same digest")
	}
}

func TestAnImageIsOneBinaryOfNobody(t *testing.T) {
	built := buildAll(t, checkout(t), amd64)["qa"]
	img := built.Images[amd64.String()]
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if c := config.Config; c.User != "65532:65532" || len(c.Entrypoint) != 1 || c.Entrypoint[0] != "/app/qa" || len(c.Env) != 0 || len(c.Labels["org.opencontainers.image.revision"]) != 40 {
		t.Fatalf("%+v", c)
	}
	r := mutate.Extract(img)
	defer r.Close()
	var names []string
	for files := tar.NewReader(r); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Mode&0o222 != 0 || h.Uid != 0 {
			t.Errorf("%s has mode %o and owner %d", h.Name, h.Mode, h.Uid)
		}
		names = append(names, strings.TrimSuffix(h.Name, "/"))
	}
	if strings.Join(names, " ") != "app app/qa" {
		t.Fatalf("files %v", names)
	}
	if bom := string(built.BOMs[amd64.String()]); !strings.Contains(bom, `"bomFormat": "CycloneDX"`) || !strings.Contains(bom, "pkg:golang/std@") {
		t.Fatalf("bill of materials: %.200s", bom)
	}
}

func TestNoLayerIsShared(t *testing.T) {
	owner := map[v1.Hash]string{}
	for n, b := range buildAll(t, checkout(t), amd64) {
		layers, err := b.Images[amd64.String()].Layers()
		if err != nil || len(layers) != 1 {
			t.Fatalf("%s: %d layers, %v", n, len(layers), err)
		}
		d, err := layers[0].Digest()
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := owner[d]; taken {
			t.Errorf("%s and %s share a layer", n, other)
		}
		owner[d] = n
	}
}

func TestRepositoriesAreApartWhereDeliveriesAre(t *testing.T) {
	targets, err := images.Catalog(checkout(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, target := range targets {
		got = append(got, target.Repository)
	}
	if strings.Join(got, " ") != "carefusion/carefusion fusionems-billing/billing fusionems/gateway fusionems/qa" {
		t.Fatal(got)
	}
	if _, err := images.Only(targets, []string{"nothing"}); err == nil {
		t.Fatal("an image that does not exist was found")
	}
}

func TestUncommittedSourcesAreNamedSo(t *testing.T) {
	root := checkout(t)
	write(t, filepath.Join(root, "new.txt"), "x")
	source, err := images.OpenSource(t.Context(), root)
	if err != nil || !strings.HasSuffix(source.Revision, "-dirty") {
		t.Fatalf("%q %v", source.Revision, err)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if _, err := images.OpenSource(t.Context(), root); err == nil || !strings.Contains(err.Error(), "SOURCE_DATE_EPOCH") {
		t.Fatal(err)
	}
}

func TestStoredAndPushed(t *testing.T) {
	both := []v1.Platform{amd64, {OS: "linux", Architecture: "arm64"}}
	built := buildAll(t, checkout(t), both...)
	out := t.TempDir()
	var list []images.Built
	for _, b := range built {
		list = append(list, b)
	}
	for range 2 {
		if err := images.Write(out, list); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := layout.ImageIndexFromPath(filepath.Join(out, "fusionems"))
	if err != nil {
		t.Fatal(err)
	}
	if m, err := stored.IndexManifest(); err != nil || len(m.Manifests) != 2+4 {
		t.Fatalf("the layout of two images and their four bills of materials, written twice, holds %d: %v", len(m.Manifests), err)
	}
	raw, err := os.ReadFile(filepath.Join(out, "digests.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var digests images.Digests
	if err := yaml.UnmarshalStrict(raw, &digests); err != nil || digests.Images["qa"].Digest != digest(t, built["qa"]) {
		t.Fatalf("%s %v", raw, err)
	}

	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0)), registry.WithReferrersSupport(true)))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	ref, err := images.Push(t.Context(), host, built["qa"], name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	if ref.DigestStr() != digest(t, built["qa"]) || ref.RepositoryStr() != "fusionems/qa" {
		t.Fatal(ref)
	}
	pulled, err := remote.Image(ref, remote.WithPlatform(both[1]))
	if err != nil {
		t.Fatal(err)
	}
	d, err := pulled.Digest()
	if err != nil {
		t.Fatal(err)
	}
	attached, err := remote.Referrers(ref.Context().Digest(d.String()))
	if err != nil {
		t.Fatal(err)
	}
	if m, err := attached.IndexManifest(); err != nil || len(m.Manifests) != 1 || m.Manifests[0].ArtifactType != "application/vnd.cyclonedx+json" {
		t.Fatalf("bills of materials: %+v %v", m, err)
	}
}
