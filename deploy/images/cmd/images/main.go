// Command images builds the OCI images of a checkout, stores them, and pushes them to a registry.
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

func run(ctx context.Context) error {
	root := flag.String("root", ".", "root of the checkout")
	out := flag.String("out", ".run/images", "folder of layouts, tarballs, bills of materials and digests.yaml")
	only := flag.String("only", "", "names of images, comma-separated; all without")
	platforms := flag.String("platforms", "linux/amd64", "platforms, comma-separated")
	registry := flag.String("registry", "", "registry to push to, e.g. registry.example.org/ems; nothing is pushed without")
	insecure := flag.Bool("insecure", false, "push over plain HTTP, to a registry on this machine")
	flag.Parse()

	targets, err := images.Catalog(*root)
	if err == nil {
		targets, err = images.Only(targets, split(*only))
	}
	if err != nil {
		return err
	}
	var wanted []v1.Platform
	for _, p := range split(*platforms) {
		parsed, err := v1.ParsePlatform(p)
		if err != nil {
			return fmt.Errorf("platforms: %w", err)
		}
		wanted = append(wanted, *parsed)
	}
	source, err := images.OpenSource(ctx, *root)
	if err != nil {
		return err
	}
	var built []images.Built
	for _, t := range targets {
		b, err := source.Build(ctx, t, wanted)
		if err != nil {
			return err
		}
		d, err := b.Digest()
		if err != nil {
			return err
		}
		fmt.Printf("%-30s %s\n", t.Repository, d)
		built = append(built, b)
	}
	if err := images.Write(*out, built); err != nil || *registry == "" {
		return err
	}
	var opts []name.Option
	if *insecure {
		opts = append(opts, name.Insecure)
	}
	for _, b := range built {
		ref, err := images.Push(ctx, *registry, b, opts...)
		if err != nil {
			return err
		}
		fmt.Println("pushed", ref)
	}
	return nil
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}
