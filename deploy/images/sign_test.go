package images_test

import (
	"crypto/elliptic"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/sigstore/sigstore/pkg/cryptoutils"

	"github.com/fusionems/quantum/deploy/images"
)

// keyPair writes a pair as `cosign generate-key-pair` does, encrypted if there is a password.
func keyPair(t *testing.T, password string) (private, public string) {
	t.Helper()
	ask := cryptoutils.PassFunc(nil)
	if password != "" {
		ask = func(bool) ([]byte, error) { return []byte(password), nil }
	}
	key, pub, err := cryptoutils.GeneratePEMEncodedECDSAKeyPair(elliptic.P256(), ask)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	private, public = filepath.Join(dir, "k.key"), filepath.Join(dir, "k.pub")
	write(t, private, string(key))
	write(t, public, string(pub))
	return private, public
}

func sign(t *testing.T, b *images.Built, private string) {
	t.Helper()
	signer, err := images.OpenSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	if err := signer.Sign(b); err != nil {
		t.Fatal(err)
	}
}

func verifier(t *testing.T, public string) *images.Verifier {
	t.Helper()
	v, err := images.OpenVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func localRegistry(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0)), registry.WithReferrersSupport(true)))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func reference(t *testing.T, b images.Built) images.Reference {
	t.Helper()
	return images.Reference{Repository: b.Target.Repository, Digest: digest(t, b)}
}

func push(t *testing.T, host string, b images.Built) {
	t.Helper()
	if _, err := images.Push(t.Context(), host, b, name.Insecure); err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestSignedImagesAreAcceptedByTheirKeyOnly(t *testing.T) {
	built := buildAll(t, checkout(t), amd64, v1.Platform{OS: "linux", Architecture: "arm64"})
	private, public := keyPair(t, "")
	_, otherPublic := keyPair(t, "")
	host := localRegistry(t)
	good, unsigned := built["qa"], built["gateway"]
	sign(t, &good, private)
	push(t, host, good)
	push(t, host, unsigned)
	ctx, v := t.Context(), verifier(t, public)

	// One index, and for each of two platforms an image and its bill of materials.
	if n, err := v.Pushed(ctx, host, reference(t, good), name.Insecure); err != nil || n != 5 {
		t.Errorf("%d digests verified, %v", n, err)
	}
	_, err := verifier(t, otherPublic).Pushed(ctx, host, reference(t, good), name.Insecure)
	refused(t, "another key", err, images.ErrOtherKey)
	_, err = v.Pushed(ctx, host, reference(t, unsigned), name.Insecure)
	refused(t, "an unsigned image", err, images.ErrUnsigned)

	changed := good
	altered, ok := mutate.Annotations(good.Index, map[string]string{"altered": "yes"}).(v1.ImageIndex)
	if !ok {
		t.Fatal("not an index")
	}
	changed.Index, changed.Signatures = altered, nil
	push(t, host, changed)
	_, err = v.Pushed(ctx, host, reference(t, changed), name.Insecure)
	refused(t, "a changed image", err, images.ErrUnsigned)

	// The signature of one image under the name of another says so itself.
	d, err := good.Digest()
	if err != nil {
		t.Fatal(err)
	}
	repo, err := name.NewRepository(host+"/"+good.Target.Repository, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(repo.Tag(strings.ReplaceAll(digest(t, changed), ":", "-")+".sig"), good.Signatures[d]); err != nil {
		t.Fatal(err)
	}
	_, err = v.Pushed(ctx, host, reference(t, changed), name.Insecure)
	refused(t, "a signature that was moved", err, images.ErrOtherDigest)
}

func TestEveryPartMustBeSigned(t *testing.T) {
	private, public := keyPair(t, "")
	built := buildAll(t, checkout(t), amd64)["qa"]
	sign(t, &built, private)
	all := built.Signatures
	if len(all) != 3 {
		t.Fatalf("%d signatures", len(all))
	}
	for d := range all {
		part := built
		part.Signatures = map[v1.Hash]v1.Image{}
		for other, s := range all {
			if other != d {
				part.Signatures[other] = s
			}
		}
		host := localRegistry(t)
		push(t, host, part)
		_, err := verifier(t, public).Pushed(t.Context(), host, reference(t, part), name.Insecure)
		refused(t, "without the signature of "+d.String(), err, images.ErrUnsigned)
	}
}

func TestOthersMaySignToo(t *testing.T) {
	ours, oursPublic := keyPair(t, "")
	theirs, theirsPublic := keyPair(t, "")
	host := localRegistry(t)
	built := buildAll(t, checkout(t), amd64)["qa"]
	for range 2 {
		for _, key := range []string{ours, theirs} {
			sign(t, &built, key)
			push(t, host, built)
		}
	}
	for _, public := range []string{oursPublic, theirsPublic} {
		if _, err := verifier(t, public).Pushed(t.Context(), host, reference(t, built), name.Insecure); err != nil {
			t.Error(err)
		}
	}
	tag, err := name.NewTag(host+"/fusionems/qa:"+strings.ReplaceAll(digest(t, built), ":", "-")+".sig", name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	img, err := remote.Image(tag)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := img.Manifest(); err != nil || len(m.Layers) != 2 {
		t.Errorf("signed twice by two keys, there are %d signatures: %v", len(m.Layers), err)
	}
}

func TestLayoutsAreSigned(t *testing.T) {
	private, public := keyPair(t, "opens it")
	t.Setenv("COSIGN_PASSWORD", "opens it")
	root, out := checkout(t), t.TempDir()
	store := func(key string) images.Reference {
		b := buildAll(t, root, amd64)["qa"]
		if key != "" {
			sign(t, &b, key)
		}
		if err := images.Write(out, []images.Built{b}); err != nil {
			t.Fatal(err)
		}
		return reference(t, b)
	}
	r := store(private)
	if n, err := verifier(t, public).Stored(out, r); err != nil || n != 3 {
		t.Errorf("%d digests verified, %v", n, err)
	}
	_, err := verifier(t, public).Stored(out, store(""))
	refused(t, "signatures of the build before", err, images.ErrUnsigned)

	if refs, err := images.ReadDigests(out, []string{"qa"}); err != nil || len(refs) != 1 || refs[0] != r {
		t.Errorf("digests.yaml: %v %v", refs, err)
	}
	if _, err := images.ReadDigests(out, []string{"gateway"}); err == nil {
		t.Error("an image that was not built was found")
	}
}

func TestKeysThatCannotSignAreRefused(t *testing.T) {
	private, public := keyPair(t, "opens it")
	t.Setenv("COSIGN_PASSWORD", "something else")
	if _, err := images.OpenSigner(private); err == nil {
		t.Error("a wrong password opens the key")
	}
	if err := os.Unsetenv("COSIGN_PASSWORD"); err != nil {
		t.Fatal(err)
	}
	if _, err := images.OpenSigner(private); err == nil || !strings.Contains(err.Error(), "COSIGN_PASSWORD") {
		t.Error(err)
	}
	if _, err := images.OpenSigner(public); err == nil {
		t.Error("a public key signs")
	}
	if _, err := images.OpenVerifier(private); err == nil {
		t.Error("a private key verifies")
	}
}
