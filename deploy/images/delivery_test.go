//go:build delivery

package images_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/fusionems/quantum/deploy/images"
)

// localOnly are packages that belong to one machine and to tests, as the linker names their functions.
var localOnly = []string{
	"fusionems/quantum/deploy/", "fusionems/quantum/pkg/testkit/", "nats-io/nats-server/", "alicebob/miniredis",
	"fusionems/quantum/services/carefusion/internal/local", "fusionems/quantum/services/carefusion/internal/postgres",
	"fusionems/quantum/services/carefusion/internal/room/embedded", "fusionems/quantum/services/carefusion/internal/broker/embedded",
	"livekit/livekit-server",
}

// pages are the folders that Node builds and a binary embeds, by image.
var pages = map[string]string{"gateway": "gateway/portal/dist", "carefusion": "services/carefusion/web/dist"}

// commit clones what is committed in a checkout; pages come as they were built there.
func commit(t *testing.T, from string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "checkout")
	commands := [][]string{{"git", "clone", "-q", "--shared", from, root}}
	for _, dist := range pages {
		commands = append(commands, []string{"cp", "-a", filepath.Join(from, dist, "site"), filepath.Join(root, dist)})
	}
	for _, args := range commands {
		if out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	return root
}

// wanted are the images that IMAGES names, all without.
func wanted(t *testing.T, root string) []images.Target {
	t.Helper()
	targets, err := images.Catalog(root)
	if err == nil {
		targets, err = images.Only(targets, strings.FieldsFunc(os.Getenv("IMAGES"), func(r rune) bool { return r == ',' || r == ' ' }))
	}
	if err != nil {
		t.Fatal(err)
	}
	return targets
}

func build(t *testing.T, root string, target images.Target) images.Built {
	t.Helper()
	source, err := images.OpenSource(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	b, err := source.Build(t.Context(), target, []v1.Platform{amd64})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDeliveredImages(t *testing.T) {
	root := commit(t, "../..")
	owner := map[v1.Hash]string{}
	for i, target := range wanted(t, root) {
		t.Run(target.Name, func(t *testing.T) {
			b := build(t, root, target)
			t.Log(digest(t, b))
			dir := unpack(t, b)
			runsAsNobody(t, dir, target.Name)
			hasItsPageAndNothingLocal(t, filepath.Join(dir, "app", target.Name))
			if bom := string(b.BOMs[amd64.String()]); !strings.Contains(bom, "pkg:golang/golang.org/x/crypto/x509roots/fallback@") {
				t.Error("the roots of public authorities are not linked")
			}
			layers, err := b.Images[amd64.String()].Layers()
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range layers {
				d, err := l.Digest()
				if err != nil {
					t.Fatal(err)
				}
				if other, taken := owner[d]; taken {
					t.Errorf("shares a layer with %s", other)
				}
				owner[d] = target.Name
			}
			if i > 0 {
				return
			}
			// Elsewhere, and with nothing compiled before: once, since that costs as much as all the others together.
			t.Setenv("GOCACHE", t.TempDir())
			if again := digest(t, build(t, commit(t, root), target)); again != digest(t, b) {
				t.Errorf("built elsewhere it is %s", again)
			}
		})
	}
}

// unpack writes an image's file system to a folder that others may enter.
func unpack(t *testing.T, b images.Built) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "image-root-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // as a container engine makes it
		t.Fatal(err)
	}
	r := mutate.Extract(b.Images[amd64.String()])
	defer r.Close()
	for files := tar.NewReader(r); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return dir
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.Clean("/"+h.Name))
		if h.Typeflag == tar.TypeDir {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		content, err := io.ReadAll(files)
		if err == nil {
			err = os.WriteFile(path, content, os.FileMode(h.Mode)) //nolint:gosec // permission bits
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// runsAsNobody runs the binary in a root that holds nothing else, with no variable, as the user that the image names.
func runsAsNobody(t *testing.T, dir, name string) {
	t.Helper()
	if os.Geteuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("chroot needs root")
		}
		t.Log("not run in an empty root: chroot needs root")
		return
	}
	cmd := exec.CommandContext(t.Context(), "chroot", "--userspec=65532:65532", dir, "/app/"+name, "config")
	cmd.Env = []string{}
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("_TLS_CERT_FILE")) {
		t.Errorf("%s config: %v\n%s", name, err, out)
	}
}

func hasItsPageAndNothingLocal(t *testing.T, file string) {
	t.Helper()
	binary, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// Names of functions stay in a stripped binary: stack traces need them.
	if !bytes.Contains(binary, []byte("fusionems/quantum/")) {
		t.Fatal("no names of ours are in the binary: the search shows nothing")
	}
	// So do names of embedded files: an image without its page would say so to people only.
	if _, page := pages[filepath.Base(file)]; page != bytes.Contains(binary, []byte("dist/site/index.html")) {
		t.Errorf("has a page: %v, want %v", !page, page)
	}
	for _, pkg := range localOnly {
		if bytes.Contains(binary, []byte(pkg)) {
			t.Errorf("code of %s is linked", pkg)
		}
	}
}
