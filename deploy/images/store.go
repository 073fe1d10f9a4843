package images

import (
	"errors"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/match"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// store is where images lie: a registry or a layout.
type store interface {
	index(d v1.Hash) (v1.ImageIndex, error)
	// signatures answers ErrUnsigned where there are none.
	signatures(d v1.Hash) (v1.Image, error)
	// referrers are the bills of materials of an image.
	referrers(d v1.Hash) ([]v1.Hash, error)
}

type remoteStore struct {
	repo name.Repository
	with []remote.Option
}

func (s remoteStore) index(d v1.Hash) (v1.ImageIndex, error) {
	return remote.Index(s.repo.Digest(d.String()), s.with...)
}

func (s remoteStore) signatures(d v1.Hash) (v1.Image, error) {
	img, err := remote.Image(s.repo.Tag(signatureTag(d)), s.with...)
	var answer *transport.Error
	if errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound {
		return nil, ErrUnsigned
	}
	return img, err
}

func (s remoteStore) referrers(d v1.Hash) ([]v1.Hash, error) {
	index, err := remote.Referrers(s.repo.Digest(d.String()), s.with...)
	if err != nil {
		return nil, err
	}
	return bomsOf(index, func(v1.Descriptor) bool { return true })
}

type layoutStore struct {
	path       layout.Path
	repository string
}

func (s layoutStore) index(d v1.Hash) (v1.ImageIndex, error) {
	all, err := s.path.ImageIndex()
	if err != nil {
		return nil, err
	}
	return all.ImageIndex(d)
}

func (s layoutStore) signatures(d v1.Hash) (v1.Image, error) {
	all, err := s.path.ImageIndex()
	if err != nil {
		return nil, err
	}
	manifest, err := all.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, m := range manifest.Manifests {
		if m.Annotations[labelRef] == signatureRef(s.repository, d) {
			return s.path.Image(m.Digest)
		}
	}
	return nil, ErrUnsigned
}

func (s layoutStore) referrers(d v1.Hash) ([]v1.Hash, error) {
	all, err := s.path.ImageIndex()
	if err != nil {
		return nil, err
	}
	return bomsOf(all, func(m v1.Descriptor) bool { return m.Annotations[labelRef] == bomRef(s.repository, d) })
}

func bomsOf(index v1.ImageIndex, wanted func(v1.Descriptor) bool) ([]v1.Hash, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	var out []v1.Hash
	for _, m := range manifest.Manifests {
		if m.ArtifactType == bomMediaType && wanted(m) {
			out = append(out, m.Digest)
		}
	}
	return out, nil
}

// Names in a layout, which has one list for everything: the repository, then what a registry would have as a tag.
func signatureRef(repository string, d v1.Hash) string { return repository + ":" + signatureTag(d) }

func bomRef(repository string, d v1.Hash) string {
	return repository + ":" + strings.TrimSuffix(signatureTag(d), signatureSuffix) + ".cdx"
}

func named(ref string) match.Matcher {
	return func(d v1.Descriptor) bool { return d.Annotations[labelRef] == ref }
}

// attachedTo matches signatures and bills of materials of a repository, of this build and of those before.
func attachedTo(repository string) match.Matcher {
	return func(d v1.Descriptor) bool { return strings.HasPrefix(d.Annotations[labelRef], repository+":sha256-") }
}
