package seal

import (
	"bytes"
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
