package catalog

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fusionems/quantum/pkg/db"
)

// MigrationsUnchanged compares the migrations with the list of sums in a committed file ("<sha256>  <name>" a line). A
// merged migration has run somewhere: it is never edited and never removed. New ones are added to the file by running the
// test with UPDATE_MIGRATION_SUMS=1, which refuses to touch a line that is there.
func MigrationsUnchanged(t testing.TB, migrations fs.FS, file string) {
	t.Helper()
	sums, err := db.Checksums(migrations)
	if err != nil {
		t.Fatal(err)
	}
	known, err := readSums(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, sum := range known {
		switch now, ok := sums[name]; {
		case !ok:
			t.Errorf("migration %s was removed", name)
		case now != sum:
			t.Errorf("migration %s was changed after it was merged: correct it with a new one", name)
		}
	}
	var added []string
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		if _, ok := known[name]; !ok {
			added = append(added, fmt.Sprintf("%s  %s\n", sums[name], name))
		}
	}
	if len(added) == 0 {
		return
	}
	if os.Getenv("UPDATE_MIGRATION_SUMS") == "" {
		t.Errorf("%d migrations are not in %s: run this test with UPDATE_MIGRATION_SUMS=1", len(added), file)
		return
	}
	if err := appendTo(file, strings.Join(added, "")); err != nil {
		t.Fatal(err)
	}
}

func readSums(file string) (map[string]string, error) {
	known := map[string]string{}
	b, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return known, nil
	}
	if err != nil {
		return nil, err
	}
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		sum, name, ok := strings.Cut(s.Text(), "  ")
		if !ok {
			return nil, fmt.Errorf("%s: line %q is not \"<sha256>  <name>\"", file, s.Text())
		}
		known[name] = sum
	}
	return known, nil
}

func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) //nolint:gosec // a file of the repository
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
