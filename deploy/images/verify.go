package images

import (
	"bytes"
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/sigstore/sigstore/pkg/cryptoutils"
	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/sigstore/sigstore/pkg/signature/payload"
)

// Reasons why something is not taken for signed.
var (
	ErrUnsigned    = errors.New("there is no signature of it")
	ErrOtherKey    = errors.New("no signature of it is by this key")
	ErrOtherDigest = errors.New("the signature is about another digest")
)

// Verifier accepts what was signed with one key.
type Verifier struct{ key signature.Verifier }

// OpenVerifier reads a public key in PEM.
func OpenVerifier(file string) (*Verifier, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("images: public key: %w", err)
	}
	public, err := cryptoutils.UnmarshalPEMToPublicKey(raw)
	if err != nil {
		return nil, fmt.Errorf("images: public key %s: %w", file, err)
	}
	return newVerifier(public)
}

func newVerifier(public crypto.PublicKey) (*Verifier, error) {
	key, err := signature.LoadVerifier(public, crypto.SHA256)
	return &Verifier{key}, err
}

// Pushed verifies a reference that lies in a registry, with every image and bill of materials below it, and answers how many digests
// that were.
func (v *Verifier) Pushed(ctx context.Context, registry string, r Reference, opts ...name.Option) (int, error) {
	repo, err := name.NewRepository(registry+"/"+r.Repository, opts...)
	if err != nil {
		return 0, fmt.Errorf("images: %w", err)
	}
	return v.all(remoteStore{repo, []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)}}, r)
}

// Stored does the same for a reference in the layouts below dir.
func (v *Verifier) Stored(dir string, r Reference) (int, error) {
	family, _, _ := strings.Cut(r.Repository, "/")
	path, err := layout.FromPath(filepath.Join(dir, family))
	if err != nil {
		return 0, fmt.Errorf("images: %w", err)
	}
	return v.all(layoutStore{path, r.Repository}, r)
}

func (v *Verifier) all(s store, r Reference) (int, error) {
	top, err := v1.NewHash(r.Digest)
	if err != nil {
		return 0, fmt.Errorf("images: %s: %w", r.Repository, err)
	}
	digests := []v1.Hash{top}
	index, err := s.index(top)
	if err != nil {
		return 0, fmt.Errorf("images: %s@%s: %w", r.Repository, top, err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return 0, err
	}
	for _, m := range manifest.Manifests {
		boms, err := s.referrers(m.Digest)
		if err != nil {
			return 0, err
		}
		if len(boms) == 0 {
			return 0, fmt.Errorf("images: %s@%s has no bill of materials", r.Repository, m.Digest)
		}
		digests = append(append(digests, m.Digest), boms...)
	}
	for _, d := range digests {
		if err := v.one(s, d); err != nil {
			return 0, fmt.Errorf("images: %s@%s is not accepted: %w", r.Repository, d, err)
		}
	}
	return len(digests), nil
}

// one accepts a digest for one good signature among several: others may have signed it too.
func (v *Verifier) one(s store, d v1.Hash) error {
	img, err := s.signatures(d)
	if err != nil {
		return err
	}
	manifest, err := img.Manifest()
	if err != nil {
		return err
	}
	refusal := ErrUnsigned
	for _, l := range manifest.Layers {
		if l.MediaType != signatureMediaType {
			continue
		}
		layer, err := img.LayerByDigest(l.Digest)
		if err != nil {
			return err
		}
		if refusal = v.claim(layer, l.Annotations[signatureAnnotation], d); refusal == nil {
			return nil
		}
	}
	return refusal
}

func (v *Verifier) claim(layer v1.Layer, encoded string, d v1.Hash) error {
	r, err := layer.Compressed()
	if err != nil {
		return err
	}
	defer r.Close()
	claim, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	sig, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || v.key.VerifySignature(bytes.NewReader(sig), bytes.NewReader(claim)) != nil {
		return ErrOtherKey
	}
	var said payload.SimpleContainerImage
	if err := json.Unmarshal(claim, &said); err != nil || said.Critical.Type != payload.CosignSignatureType || said.Critical.Image.DockerManifestDigest != d.String() {
		return ErrOtherDigest
	}
	return nil
}
