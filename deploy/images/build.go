package images

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

var errNotAnImage = errors.New("images: annotating did not give an image")

// Built is one target, built for one or more platforms.
type Built struct {
	Target Target
	// Index holds an image for each platform; its digest is what charts name.
	Index v1.ImageIndex
	// Images and BOMs are by platform, e.g. linux/amd64.
	Images map[string]v1.Image
	BOMs   map[string][]byte
	// Referrers are artifacts that say of an image what is in it, by platform.
	Referrers map[string]v1.Image
	// Signatures are by the digest that is signed; empty for what is not.
	Signatures map[v1.Hash]v1.Image
	signedBy   *Verifier
}

// Digest of the index.
func (b Built) Digest() (v1.Hash, error) { return b.Index.Digest() }

// Build makes the images of a target.
func (s Source) Build(ctx context.Context, t Target, platforms []v1.Platform) (Built, error) {
	b := Built{Target: t, Images: map[string]v1.Image{}, BOMs: map[string][]byte{}, Referrers: map[string]v1.Image{}}
	dir, err := os.MkdirTemp("", "image-")
	if err != nil {
		return b, err
	}
	defer os.RemoveAll(dir)
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, p := range platforms {
		out := filepath.Join(dir, t.Name+"-"+p.Architecture)
		if err := s.compile(ctx, t, p, out); err != nil {
			return b, err
		}
		binary, err := os.ReadFile(out)
		if err != nil {
			return b, err
		}
		img, err := s.assemble(t, p, binary)
		if err != nil {
			return b, fmt.Errorf("images: %s: %w", t.Name, err)
		}
		bom, err := s.billOfMaterials(t, binary)
		if err != nil {
			return b, err
		}
		artifact, err := referrer(img, bom)
		if err != nil {
			return b, err
		}
		b.Images[p.String()], b.BOMs[p.String()], b.Referrers[p.String()] = img, bom, artifact
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &p}})
	}
	annotated, ok := mutate.Annotations(index, s.labels(t)).(v1.ImageIndex)
	if !ok {
		return b, errNotAnImage
	}
	b.Index = annotated
	return b, nil
}
