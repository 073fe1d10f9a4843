package images

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"sigs.k8s.io/yaml"
)

// Digests is what a release hands to the charts: repository and digest of each image, by name.
type Digests struct {
	Images map[string]Reference `json:"images"`
}

// Reference names one image without its registry, which is the operator's.
type Reference struct {
	Repository string `json:"repository"`
	Digest     string `json:"digest"`
}

// Write stores built images below dir: an OCI layout for each delivery (fusionems, fusionems-billing, carefusion), a tarball and a
// bill of materials for each image and platform, and digests.yaml.
func Write(dir string, built []Built) error {
	digests := Digests{Images: map[string]Reference{}}
	for _, b := range built {
		if err := b.write(dir); err != nil {
			return fmt.Errorf("images: %s: %w", b.Target.Name, err)
		}
		d, err := b.Digest()
		if err != nil {
			return err
		}
		digests.Images[b.Target.Name] = Reference{Repository: b.Target.Repository, Digest: d.String()}
	}
	raw, err := yaml.Marshal(digests)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "digests.yaml"), raw, 0o644)
}

func (b Built) write(dir string) error {
	family, _, _ := strings.Cut(b.Target.Repository, "/")
	store := filepath.Join(dir, family)
	path, err := layout.FromPath(store)
	if err != nil {
		if err := os.MkdirAll(store, 0o755); err != nil {
			return err
		}
		if path, err = layout.Write(store, empty.Index); err != nil {
			return err
		}
	}
	// Replaced by name, so that a layout that is written again does not grow.
	if err := path.ReplaceIndex(b.Index, named(b.Target.Repository), layout.WithAnnotations(map[string]string{labelRef: b.Target.Repository})); err != nil {
		return err
	}
	for platform, img := range b.Images {
		file := filepath.Join(dir, b.Target.Name+"-"+strings.ReplaceAll(platform, "/", "-"))
		tag, err := name.NewTag(b.Target.Repository+":"+tagOf(b), name.WithDefaultRegistry(""))
		if err != nil {
			return err
		}
		if err := tarball.WriteToFile(file+".tar", tag, img); err != nil {
			return err
		}
		if err := os.WriteFile(file+".cdx.json", b.BOMs[platform], 0o644); err != nil {
			return err
		}
	}
	return nil
}
