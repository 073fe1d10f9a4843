package images

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/sigstore/sigstore/pkg/cryptoutils"
	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/sigstore/sigstore/pkg/signature/payload"
)

// What cosign looks for: a tag made of the digest, a layer of this type, the signature over its bytes in this annotation.
const (
	signatureSuffix     = ".sig"
	signatureMediaType  = types.MediaType("application/vnd.dev.cosign.simplesigning.v1+json")
	signatureAnnotation = "dev.cosignproject.cosign/signature"
)

// passwordVariable opens an encrypted key, by the name that cosign has for it.
const passwordVariable = "COSIGN_PASSWORD"

// Signer signs images so that `cosign verify --key` accepts them.
type Signer struct{ key signature.Signer }

// OpenSigner reads a private key: one of `cosign generate-key-pair`, opened by COSIGN_PASSWORD, or PKCS #8 as openssl writes it.
func OpenSigner(file string) (*Signer, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("images: signing key: %w", err)
	}
	private, err := cryptoutils.UnmarshalPEMToPrivateKey(raw, func(bool) ([]byte, error) {
		password, given := os.LookupEnv(passwordVariable)
		if !given {
			return nil, errors.New("the key is encrypted; set " + passwordVariable)
		}
		return []byte(password), nil
	})
	if err != nil {
		return nil, fmt.Errorf("images: signing key %s: %w", file, err)
	}
	key, err := signature.LoadSigner(private, crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("images: signing key %s: %w", file, err)
	}
	return &Signer{key}, nil
}

// Sign adds a signature for everything of a target that can be asked for by digest: the index, each image, each bill of materials.
// The claim names the repository without a registry, which is the operator's: a mirror keeps what it copies signed.
func (s *Signer) Sign(b *Built) error {
	digests, err := b.digests()
	if err != nil {
		return err
	}
	public, err := s.key.PublicKey()
	if err != nil {
		return fmt.Errorf("images: %w", err)
	}
	if b.signedBy, err = newVerifier(public); err != nil {
		return err
	}
	b.Signatures = map[v1.Hash]v1.Image{}
	for _, d := range digests {
		img, err := s.signature(b.Target.Repository, d)
		if err != nil {
			return fmt.Errorf("images: %s is not signed: %w", b.Target.Repository, err)
		}
		b.Signatures[d] = img
	}
	return nil
}

// digests are those of everything in a registry that belongs to the target, the index first.
func (b Built) digests() ([]v1.Hash, error) {
	index, err := b.Digest()
	out := []v1.Hash{index}
	for platform, img := range b.Images {
		for _, part := range []v1.Image{img, b.Referrers[platform]} {
			d, digestErr := part.Digest()
			err = errors.Join(err, digestErr)
			out = append(out, d)
		}
	}
	return out, err
}

func (s *Signer) signature(repository string, d v1.Hash) (v1.Image, error) {
	claim, err := json.Marshal(payload.SimpleContainerImage{Critical: payload.Critical{
		Identity: payload.Identity{DockerReference: repository},
		Image:    payload.Image{DockerManifestDigest: d.String()},
		Type:     payload.CosignSignatureType,
	}})
	if err != nil {
		return nil, err
	}
	sig, err := s.key.SignMessage(bytes.NewReader(claim))
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	return mutate.Append(base, mutate.Addendum{
		Layer: static.NewLayer(claim, signatureMediaType), Annotations: map[string]string{signatureAnnotation: base64.StdEncoding.EncodeToString(sig)},
	})
}

// signatureTag is where cosign looks for the signatures of a digest.
func signatureTag(d v1.Hash) string {
	return strings.ReplaceAll(d.String(), ":", "-") + signatureSuffix
}
