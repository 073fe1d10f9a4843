package server

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Version of Keycloak that the realms are tested with.
const Version = "26.7.3"

// checksum is SHA-256 of the distribution as Maven Central publishes it beside the file.
const checksum = "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f"

const address = "https://repo.maven.apache.org/maven2/org/keycloak/keycloak-quarkus-dist/" + Version + "/keycloak-quarkus-dist-" + Version + ".zip"

// buildOptions are those that Keycloak fixes when it is built; another list is another build.
var buildOptions = []string{"--db=dev-file", "--health-enabled=true"}

// Cache is where the distribution is kept between runs.
func Cache() (string, error) {
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "fusionems", "keycloak"), err
}

// Prepare answers the home of a Keycloak that is built and ready to start. The first time it downloads and builds it, which takes
// minutes; others that ask at the same time wait.
func Prepare(ctx context.Context, cache string, say func(string)) (string, error) {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(filepath.Join(cache, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	options := sha256.Sum256([]byte(strings.Join(buildOptions, " ")))
	home := filepath.Join(cache, Version+"-"+hex.EncodeToString(options[:4]))
	if _, err := os.Stat(home); err == nil {
		return home, nil
	}
	archive := filepath.Join(cache, filepath.Base(address))
	if err := verify(archive); err != nil {
		say("Downloading Keycloak " + Version)
		if err := download(ctx, archive); err != nil {
			return "", err
		}
	}
	// Built beside its place and then moved: half a build must not look like one.
	work, err := os.MkdirTemp(cache, "build-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := unpack(archive, work); err != nil {
		return "", err
	}
	say("Building Keycloak, once for this machine")
	built := filepath.Join(work, "keycloak-"+Version)
	cmd := exec.CommandContext(ctx, filepath.Join(built, "bin", "kc.sh"), append([]string{"build"}, buildOptions...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("kc.sh build: %w\n%s", err, out)
	}
	return home, os.Rename(built, home)
}

func lock(path string) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

func verify(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != checksum {
		return fmt.Errorf("%s: SHA-256 is %s, want %s", file, got, checksum)
	}
	return nil
}

func download(ctx context.Context, to string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", address, resp.Status)
	}
	part := to + ".part"
	f, err := os.Create(part)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, resp.Body)
	if err = errors.Join(err, f.Close()); err == nil {
		err = verify(part)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, to)
}

func unpack(archive, dir string) error {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer z.Close()
	for _, f := range z.File {
		if !filepath.IsLocal(f.Name) {
			return fmt.Errorf("%s: %q is not below it", archive, f.Name)
		}
		to := filepath.Join(dir, f.Name)
		if f.Mode().IsDir() {
			err = os.MkdirAll(to, 0o755)
		} else {
			err = unpackFile(f, to)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func unpackFile(f *zip.File, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, f.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// link makes a home of its own of one that is shared: the same files by other names, but for what a server writes.
func link(home, to string) error {
	return filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(home, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel == "data" {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		if os.Link(path, filepath.Join(to, rel)) == nil {
			return nil
		}
		return copyFile(path, filepath.Join(to, rel))
	})
}

// copyFile is for a cache on another file system, where files have no second name.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
