package server

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnArchiveThatIsAnotherIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keycloak.zip")
	if err := os.WriteFile(path, []byte("not Keycloak"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := verify(path); err == nil || !strings.Contains(err.Error(), checksum) {
		t.Errorf("verified: %v", err)
	}
}

func TestNothingIsUnpackedBesideItsPlace(t *testing.T) {
	for name, good := range map[string]bool{"keycloak/bin/kc.sh": true, "../outside": false, "/outside": false} {
		var raw bytes.Buffer
		z := zip.NewWriter(&raw)
		header := &zip.FileHeader{Name: name}
		header.SetMode(0o755)
		w, err := z.CreateHeader(header)
		if err == nil {
			_, err = w.Write([]byte("#!/bin/sh\n"))
		}
		if err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		archive := filepath.Join(dir, "a.zip")
		if err := os.WriteFile(archive, raw.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := unpack(archive, filepath.Join(dir, "in")); (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
		if !good {
			continue
		}
		if info, err := os.Stat(filepath.Join(dir, "in", name)); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

func TestAHomeOfItsOwnHasNoDataOfTheShared(t *testing.T) {
	shared, own := t.TempDir(), filepath.Join(t.TempDir(), "own")
	for _, f := range []string{"bin/kc.sh", "data/h2/keycloakdb.mv.db"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(shared, f)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(shared, f), []byte("x"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := link(shared, own); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(own, "bin/kc.sh")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(own, "data")); err == nil {
		t.Error("the data of another server came along")
	}
}
