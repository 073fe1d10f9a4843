package crypt_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/fusionems/quantum/pkg/crypt"
)

func line(t *testing.T) string {
	t.Helper()
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}

func envelope(t *testing.T, lines ...string) *crypt.Envelope {
	t.Helper()
	kek, err := crypt.ParseKEK(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return crypt.NewEnvelope(kek)
}

func TestSealedRecordOpensOnlyInItsPlace(t *testing.T) {
	ctx := context.Background()
	e := envelope(t, line(t))
	one, wrappedOne, err := e.NewKey(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := e.NewKey(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	plain := []byte("a document")
	sealed, err := one.Seal("documents/a", plain)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, plain) {
		t.Fatal("the plaintext is in the ciphertext")
	}
	got, err := one.Open("documents/a", sealed)
	if err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("Open = %q, %v", got, err)
	}
	altered := bytes.Clone(sealed)
	altered[len(altered)-1] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"key of another agency": func() ([]byte, error) { return two.Open("documents/a", sealed) },
		"another record":        func() ([]byte, error) { return one.Open("documents/b", sealed) },
		"altered":               func() ([]byte, error) { return one.Open("documents/a", altered) },
		"empty":                 func() ([]byte, error) { return one.Open("documents/a", nil) },
	} {
		if got, err := open(); !errors.Is(err, crypt.ErrOpen) || got != nil {
			t.Errorf("%s: Open = %q, %v; want ErrOpen", name, got, err)
		}
	}
	// The same key material, claimed for another agency, must not even unwrap.
	if _, err := e.OpenKey(ctx, 2, wrappedOne); err == nil {
		t.Error("the wrapped key of agency 1 unwrapped for agency 2")
	}
	again, err := e.OpenKey(ctx, 1, wrappedOne)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open("documents/a", sealed); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("after unwrapping: Open = %q, %v", got, err)
	}
}

func TestRotationOfTheKEK(t *testing.T) {
	ctx := context.Background()
	old, next := line(t), line(t)
	key, wrapped, err := envelope(t, old).NewKey(ctx, 7)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := key.Seal("documents/a", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := envelope(t, next).OpenKey(ctx, 7, wrapped); err == nil {
		t.Fatal("a key file without the old key opened what the old key wrapped")
	}
	both := envelope(t, next, "# the key before", old)
	rewrapped, err := both.Rewrap(ctx, 7, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := envelope(t, next).OpenKey(ctx, 7, rewrapped)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := opened.Open("documents/a", sealed); err != nil || string(got) != "x" {
		t.Errorf("after rotation: Open = %q, %v", got, err)
	}
	if _, err := envelope(t, old).OpenKey(ctx, 7, rewrapped); err == nil {
		t.Error("the old key still opens what the new one wrapped")
	}
}

func TestKeyFileIsRefused(t *testing.T) {
	same := line(t)
	for name, text := range map[string]string{
		"empty":         "\n# nothing\n",
		"not base64":    "hello, world, this is my key!!!",
		"short":         base64.StdEncoding.EncodeToString(make([]byte, 16)),
		"zeros":         base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"typed":         base64.StdEncoding.EncodeToString([]byte("passwordpasswordpasswordpassword")),
		"twice":         same + "\n" + same,
		"second broken": same + "\nx",
	} {
		_, err := crypt.ParseKEK(text)
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), "hello") || strings.Contains(err.Error(), same) {
			t.Errorf("%s: the error quotes the key", name)
		}
	}
	if _, err := crypt.ParseKEK("# current\n" + same + "\r\n\n" + line(t)); err != nil {
		t.Error(err)
	}
}
