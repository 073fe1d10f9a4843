package images

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
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

// digestsFile is what Write leaves for the charts.
const digestsFile = "digests.yaml"

// ReadDigests reads what Write left in dir: the references of these names, all without names.
func ReadDigests(dir string, names []string) ([]Reference, error) {
	raw, err := os.ReadFile(filepath.Join(dir, digestsFile))
	if err != nil {
		return nil, fmt.Errorf("images: %w", err)
	}
	var d Digests
	if err := yaml.UnmarshalStrict(raw, &d); err != nil {
		return nil, fmt.Errorf("images: %s: %w", digestsFile, err)
	}
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(d.Images))
	}
	var out []Reference
	for _, n := range names {
		r, ok := d.Images[n]
		if !ok {
			return nil, fmt.Errorf("images: %s knows no image %q", digestsFile, n)
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("images: %s names no image", digestsFile)
	}
	return out, nil
}

// Write stores built images below dir: an OCI layout for each delivery (fusionems, fusionems-billing, carefusion), with its bills
// of materials and signatures; a tarball and a bill of materials for each image and platform; and digests.yaml.
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
	return os.WriteFile(filepath.Join(dir, digestsFile), raw, 0o644)
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
	if err := b.attach(path); err != nil {
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

// attach stores bills of materials and signatures beside the images, those of an earlier build removed.
func (b Built) attach(path layout.Path) error {
	if err := path.RemoveDescriptors(attachedTo(b.Target.Repository)); err != nil {
		return err
	}
	add := func(img v1.Image, ref string) error {
		return path.AppendImage(img, layout.WithAnnotations(map[string]string{labelRef: ref}))
	}
	for _, platform := range slices.Sorted(maps.Keys(b.Images)) {
		d, err := b.Images[platform].Digest()
		if err != nil {
			return err
		}
		if err := add(b.Referrers[platform], bomRef(b.Target.Repository, d)); err != nil {
			return err
		}
	}
	digests, err := b.digests()
	for _, d := range digests {
		if sig, signed := b.Signatures[d]; signed && err == nil {
			err = add(sig, signatureRef(b.Target.Repository, d))
		}
	}
	return err
}
