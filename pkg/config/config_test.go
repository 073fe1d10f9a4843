package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type sample struct {
	Addr string `env:"ADDR,required" desc:"Where to listen."`
	Size int    `env:"SIZE" envDefault:"7" desc:"How many."`
	Key  Secret `env:"KEY,required" desc:"A key."`
}

const goodKey = "q8Zr4tWm1xLp0vNc"

func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(goodKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var got sample
	if err := Load(&got, []string{"FLEET_ADDR=:1", "FLEET_KEY_FILE=" + file, "HOME=/x"}); err != nil {
		t.Fatal(err)
	}
	if got.Addr != ":1" || got.Size != 7 || got.Key.Reveal() != goodKey {
		t.Fatalf("got %+v", got)
	}
	if s := fmt.Sprintf("%v %+v %#v %s", got.Key, got, got, got.Key); strings.Contains(s, goodKey) {
		t.Fatalf("a secret prints itself: %s", s)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		env  []string
		want string
	}{
		"unknown":  {[]string{"FLEET_ADDR=:1", "FLEET_KEY=" + goodKey, "FLEET_ADRR=x"}, "FLEET_ADRR"},
		"missing":  {[]string{"FLEET_KEY=" + goodKey}, "ADDR"},
		"no key":   {[]string{"FLEET_ADDR=:1"}, "KEY"},
		"short":    {[]string{"FLEET_ADDR=:1", "FLEET_KEY=abc"}, "12 characters"},
		"weak":     {[]string{"FLEET_ADDR=:1", "FLEET_KEY=Password123!"}, "well-known"},
		"weak url": {[]string{"FLEET_ADDR=:1", "FLEET_KEY=postgres://u:postgres@h/db"}, "12 characters"},
		"both":     {[]string{"FLEET_ADDR=:1", "FLEET_KEY=" + goodKey, "FLEET_KEY_FILE=/x"}, "both set"},
		"type":     {[]string{"FLEET_ADDR=:1", "FLEET_KEY=" + goodKey, "FLEET_SIZE=many"}, "Size"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Load(&sample{}, tc.env)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want one that names %q", err, tc.want)
			}
			if strings.Contains(err.Error(), goodKey) {
				t.Fatal("the error repeats a secret")
			}
		})
	}
}

func TestDescribeNeedsDescriptions(t *testing.T) {
	if _, err := Describe(&struct {
		A string `env:"A"`
	}{}); err == nil {
		t.Fatal("a field without description passed")
	}
}

func TestASecretFileIsReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	environ := []string{"FLEET_OTHER_FILE=/nowhere", "FLEET_TOKEN_FILE=" + file, "FLEET_PLAIN=a-long-enough-word"}
	if Renewed(environ, "PLAIN") != nil {
		t.Error("what is no file is read again")
	}
	read := Renewed(environ, "TOKEN")
	for _, want := range []string{"the first of two words", "the second of two words"} {
		write(want + "\n")
		if s, err := read(); err != nil || s.Reveal() != want {
			t.Errorf("%q, %v", s.Reveal(), err)
		}
	}
	for name, content := range map[string]string{"half written": "", "a known default": "passw0rd1234"} {
		write(content)
		if _, err := read(); err == nil || !strings.Contains(err.Error(), "FLEET_TOKEN_FILE") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
