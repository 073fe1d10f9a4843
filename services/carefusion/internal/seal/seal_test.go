package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSealedTextIsBoundToItsPlace(t *testing.T) {
	s, err := New(make([]byte, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	a, b := s.Seal("message 1", "hello"), s.Seal("message 1", "hello")
	if bytes.Equal(a, b) || bytes.Contains(a, []byte("hello")) {
		t.Error("equal texts are sealed equally, or not at all")
	}
	if text, err := s.Open("message 1", a); err != nil || text != "hello" {
		t.Errorf("%q %v", text, err)
	}
	if _, err := s.Open("message 2", a); err == nil {
		t.Error("opened in another place")
	}
	for i := range a {
		broken := bytes.Clone(a)
		broken[i] ^= 1
		if _, err := s.Open("message 1", broken); err == nil {
			t.Errorf("byte %d can be changed", i)
		}
	}
	other, err := New(bytes.Repeat([]byte{1}, KeySize))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open("message 1", a); err == nil {
		t.Error("opened with another key")
	}
	if _, err := New(make([]byte, 16)); err == nil {
		t.Error("a short key is taken")
	}
}

func TestKeysRotate(t *testing.T) {
	older, newer := bytes.Repeat([]byte{1}, KeySize), bytes.Repeat([]byte{2}, KeySize)
	alone, err := New(older)
	if err != nil {
		t.Fatal(err)
	}
	both, err := New(newer, older)
	if err != nil {
		t.Fatal(err)
	}
	after, err := New(newer)
	if err != nil {
		t.Fatal(err)
	}
	was := alone.Seal("a", "hello")
	if text, err := both.Open("a", was); err != nil || text != "hello" || bytes.HasPrefix(was, both.Prefix()) {
		t.Errorf("%q %v", text, err)
	}
	is := both.Seal("a", "hello")
	if text, err := after.Open("a", is); err != nil || text != "hello" || !bytes.HasPrefix(is, after.Prefix()) {
		t.Errorf("the newest key does not seal: %q %v", text, err)
	}
	if _, err := after.Open("a", was); err == nil {
		t.Error("opened without its key")
	}
	// As the first form had it: no name of a key.
	block, err := aes.NewCipher(older)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := both.Open("a", aead.Seal([]byte{oneKey}, nil, []byte("hello"), []byte("a"))); err != nil || text != "hello" {
		t.Errorf("the first form: %q %v", text, err)
	}
	for _, keys := range [][][]byte{{}, {older, older}} {
		if _, err := New(keys...); err == nil {
			t.Errorf("%d keys are taken", len(keys))
		}
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	first, second := NewKey(), NewKey()
	for text, ok := range map[string]bool{first: true, first + "\n" + second + "\n": true, "": false, first + "\nnonsense!\n": false} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := FromFile(path); (err == nil) != ok || (err != nil && strings.Contains(err.Error(), first)) {
			t.Errorf("%d characters: %v", len(text), err)
		}
	}
}
