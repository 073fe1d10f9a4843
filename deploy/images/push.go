package images

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// revisionTag is as much of a revision as a tag shows; the digest is what deployments name.
const revisionTag = 12

func tagOf(b Built) string {
	m, err := b.Index.IndexManifest()
	if err != nil || len(m.Annotations[labelRevision]) < revisionTag {
		return "latest"
	}
	return m.Annotations[labelRevision][:revisionTag]
}

// Push sends an image to a registry, with its bills of materials as referrers (OCI distribution 1.1) and the signatures, and answers its reference by
// digest. Credentials are those of the Docker configuration of the user.
func Push(ctx context.Context, registry string, b Built, opts ...name.Option) (name.Digest, error) {
	tag, err := name.NewTag(registry+"/"+b.Target.Repository+":"+tagOf(b), opts...)
	if err != nil {
		return name.Digest{}, fmt.Errorf("images: %w", err)
	}
	with := []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)}
	if err := remote.WriteIndex(tag, b.Index, with...); err != nil {
		return name.Digest{}, fmt.Errorf("images: %s is not pushed: %w", tag, err)
	}
	for _, artifact := range b.Referrers {
		d, err := artifact.Digest()
		if err != nil {
			return name.Digest{}, err
		}
		if err := remote.Write(tag.Context().Digest(d.String()), artifact, with...); err != nil {
			return name.Digest{}, fmt.Errorf("images: the bill of materials of %s is not pushed: %w", tag, err)
		}
	}
	for d := range b.Signatures {
		if err := pushSignature(remoteStore{tag.Context(), with}, b, d); err != nil {
			return name.Digest{}, fmt.Errorf("images: the signature of %s is not pushed: %w", tag, err)
		}
	}
	d, err := b.Digest()
	return tag.Context().Digest(d.String()), err
}

// referrer is an artifact that says of an image what is in it.
func referrer(subject v1.Image, bom []byte) (v1.Image, error) {
	img, err := mutate.Append(mutate.MediaType(empty.Image, types.OCIManifestSchema1), mutate.Addendum{Layer: static.NewLayer(bom, bomMediaType)})
	if err != nil {
		return nil, err
	}
	d, err := partial.Descriptor(subject)
	if err != nil {
		return nil, err
	}
	out, ok := mutate.Subject(mutate.ConfigMediaType(img, bomMediaType), *d).(v1.Image)
	if !ok {
		return nil, errNotAnImage
	}
	return out, nil
}

// pushSignature keeps what others have signed under the same tag: a platform team may countersign what it has examined.
func pushSignature(s remoteStore, b Built, d v1.Hash) error {
	sig, tag := b.Signatures[d], s.repo.Tag(signatureTag(d))
	before, err := s.signatures(d)
	if errors.Is(err, ErrUnsigned) {
		return remote.Write(tag, sig, s.with...)
	}
	if err != nil {
		return err
	}
	if b.signedBy.one(s, d) == nil {
		return nil
	}
	manifest, err := sig.Manifest()
	if err != nil {
		return err
	}
	for _, l := range manifest.Layers {
		layer, err := sig.LayerByDigest(l.Digest)
		if err != nil {
			return err
		}
		if before, err = mutate.Append(before, mutate.Addendum{Layer: layer, Annotations: l.Annotations}); err != nil {
			return err
		}
	}
	return remote.Write(tag, before, s.with...)
}
