// Command images builds the OCI images of a checkout, signs and stores them, pushes them to a registry, and verifies what was signed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/fusionems/quantum/deploy/images"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	root, out, only, platforms, registry, signKey, verifyKey string
	names                                                    []name.Option
}

func run(ctx context.Context) error {
	var o options
	flag.StringVar(&o.root, "root", ".", "root of the checkout")
	flag.StringVar(&o.out, "out", ".run/images", "folder of layouts, tarballs, bills of materials and digests.yaml")
	flag.StringVar(&o.only, "only", "", "names of images, comma-separated; all without")
	flag.StringVar(&o.platforms, "platforms", "linux/amd64", "platforms, comma-separated")
	flag.StringVar(&o.registry, "registry", "", "registry to push to, e.g. registry.example.org/ems; nothing is pushed without")
	flag.StringVar(&o.signKey, "sign-key", "", "private key to sign with, in PEM; COSIGN_PASSWORD opens an encrypted one; nothing is signed without")
	flag.StringVar(&o.verifyKey, "verify-key", "", "public key: instead of building, verify what digests.yaml of -out names, in -registry or in -out")
	insecure := flag.Bool("insecure", false, "plain HTTP, to a registry on this machine")
	flag.Parse()
	if *insecure {
		o.names = append(o.names, name.Insecure)
	}
	if o.verifyKey != "" {
		return o.verify(ctx)
	}
	built, err := o.build(ctx)
	if err != nil {
		return err
	}
	if err := images.Write(o.out, built); err != nil || o.registry == "" {
		return err
	}
	for _, b := range built {
		ref, err := images.Push(ctx, o.registry, b, o.names...)
		if err != nil {
			return err
		}
		fmt.Println("pushed", ref)
	}
	return nil
}

func (o options) build(ctx context.Context) ([]images.Built, error) {
	targets, err := images.Catalog(o.root)
	if err == nil {
		targets, err = images.Only(targets, split(o.only))
	}
	if err != nil {
		return nil, err
	}
	var signer *images.Signer
	if o.signKey != "" {
		// Before anything is built: a wrong password should not cost the time of a build.
		if signer, err = images.OpenSigner(o.signKey); err != nil {
			return nil, err
		}
	}
	var wanted []v1.Platform
	for _, p := range split(o.platforms) {
		parsed, err := v1.ParsePlatform(p)
		if err != nil {
			return nil, fmt.Errorf("platforms: %w", err)
		}
		wanted = append(wanted, *parsed)
	}
	source, err := images.OpenSource(ctx, o.root)
	if err != nil {
		return nil, err
	}
	var built []images.Built
	for _, t := range targets {
		b, err := source.Build(ctx, t, wanted)
		if err == nil && signer != nil {
			err = signer.Sign(&b)
		}
		if err != nil {
			return nil, err
		}
		d, err := b.Digest()
		if err != nil {
			return nil, err
		}
		fmt.Printf("%-30s %s\n", t.Repository, d)
		built = append(built, b)
	}
	return built, nil
}

func (o options) verify(ctx context.Context) error {
	key, err := images.OpenVerifier(o.verifyKey)
	if err != nil {
		return err
	}
	references, err := images.ReadDigests(o.out, split(o.only))
	if err != nil {
		return err
	}
	for _, r := range references {
		check := func() (int, error) { return key.Stored(o.out, r) }
		if o.registry != "" {
			check = func() (int, error) { return key.Pushed(ctx, o.registry, r, o.names...) }
		}
		n, err := check()
		if err != nil {
			return err
		}
		fmt.Printf("verified %s@%s, %d digests\n", r.Repository, r.Digest, n)
	}
	return nil
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}
