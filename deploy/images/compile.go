package images

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Source is what the images are built from.
type Source struct {
	Root     string
	Revision string
	// Time stands in every file and configuration of an image.
	Time time.Time
}

// OpenSource reads the revision of a checkout. SOURCE_DATE_EPOCH overrides its time, as reproducible-builds.org asks of tools.
func OpenSource(ctx context.Context, root string) (Source, error) {
	out, err := exec.CommandContext(ctx, "git", "-C", root, "show", "-s", "--format=%H %ct", "HEAD").Output()
	if err != nil {
		return Source{}, fmt.Errorf("images: no commit to name in the images: %w", err)
	}
	revision, epoch, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if given := os.Getenv("SOURCE_DATE_EPOCH"); given != "" {
		epoch = given
	}
	var seconds int64
	if _, err := fmt.Sscanf(epoch, "%d", &seconds); err != nil {
		return Source{}, fmt.Errorf("images: SOURCE_DATE_EPOCH must be seconds since 1970, not %q", epoch)
	}
	dirty, err := exec.CommandContext(ctx, "git", "-C", root, "status", "--porcelain").Output()
	if err != nil {
		return Source{}, fmt.Errorf("images: %w", err)
	}
	if len(bytes.TrimSpace(dirty)) > 0 {
		// A label that named the commit alone would send somebody to sources that are not these.
		revision += "-dirty"
	}
	return Source{Root: root, Revision: revision, Time: time.Unix(seconds, 0).UTC()}, nil
}

// compile builds the binary of a target. The workspace is off: what is delivered is what the module's own go.mod says.
func (s Source) compile(ctx context.Context, t Target, p v1.Platform, out string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly",
		"-ldflags", "-s -w -buildid=", "-o", out, t.Package)
	cmd.Dir = filepath.Join(s.Root, t.Module)
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0", "GOFLAGS=", "GOOS="+p.OS, "GOARCH="+p.Architecture)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("images: %s: %w\n%s", t.Name, err, bytes.TrimSpace(text))
	}
	return nil
}
