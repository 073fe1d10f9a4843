package images

import (
	"archive/tar"
	"bytes"
	"io"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// user is nobody in particular; Kubernetes' restricted profile needs a number, not a name, to see that it is not root.
const user = "65532:65532"

// binaryPath is where an image keeps its one file.
const binaryPath = "/app/"

// Labels of the OCI image specification, section annotations.
const (
	labelTitle    = "org.opencontainers.image.title"
	labelRevision = "org.opencontainers.image.revision"
	labelCreated  = "org.opencontainers.image.created"
	labelSource   = "org.opencontainers.image.source"
	labelVendor   = "org.opencontainers.image.vendor"
	labelRef      = "org.opencontainers.image.ref.name"
)

func (s Source) labels(t Target) map[string]string {
	return map[string]string{
		labelTitle: t.Repository, labelRevision: s.Revision, labelCreated: s.Time.Format(time.RFC3339),
		labelSource: "https://github.com/fusionems/quantum", labelVendor: "FusionEMS",
	}
}

// assemble puts a binary into an image.
func (s Source) assemble(t Target, p v1.Platform, binary []byte) (v1.Image, error) {
	content, err := fileSystem(t.Name, binary, s.Time)
	if err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if img, err = mutate.Append(img, mutate.Addendum{Layer: layer, History: v1.History{Created: v1.Time{Time: s.Time}, CreatedBy: "go build " + t.Package}}); err != nil {
		return nil, err
	}
	file, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.Created, file.OS, file.Architecture = v1.Time{Time: s.Time}, p.OS, p.Architecture
	file.Config = v1.Config{User: user, WorkingDir: "/", Entrypoint: []string{binaryPath + t.Name}, Cmd: []string{"serve"}, Labels: s.labels(t)}
	if img, err = mutate.ConfigFile(img, file); err != nil {
		return nil, err
	}
	annotated, ok := mutate.Annotations(img, s.labels(t)).(v1.Image)
	if !ok {
		return nil, errNotAnImage
	}
	return annotated, nil
}

// fileSystem is the one layer: the folder and the binary, owned by root and writable by nobody.
func fileSystem(name string, binary []byte, at time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range []tar.Header{
		{Typeflag: tar.TypeDir, Name: "app/", Mode: 0o555, ModTime: at, Format: tar.FormatPAX},
		{Typeflag: tar.TypeReg, Name: "app/" + name, Mode: 0o555, Size: int64(len(binary)), ModTime: at, Format: tar.FormatPAX},
	} {
		if err := w.WriteHeader(&h); err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write(binary); err != nil {
				return nil, err
			}
		}
	}
	err := w.Close()
	return out.Bytes(), err
}
