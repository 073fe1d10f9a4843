package crypt

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	kekSize   = 32
	kekIDSize = 4
)

// FileKEK is a key-encryption key from a secret file. It holds every key of the file, wraps with the first and unwraps with any.
type FileKEK struct {
	keys []fileKey
}

type fileKey struct {
	id   [kekIDSize]byte
	aead tink.AEAD
}

var _ tink.AEADWithContext = (*FileKEK)(nil)

// ParseKEK reads the content of a key file: base64 lines of 32 random bytes each, the current key first. Empty lines and
// lines that begin with # are passed over. "openssl rand -base64 32" makes a line.
func ParseKEK(text string) (*FileKEK, error) {
	k := &FileKEK{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, err := parseKey(line)
		if err != nil {
			// The text of a decoding error may quote the key.
			return nil, fmt.Errorf("crypt: key-encryption key, line %d: %w", i+1, err)
		}
		for _, other := range k.keys {
			if other.id == key.id {
				return nil, fmt.Errorf("crypt: key-encryption key, line %d: the same key twice", i+1)
			}
		}
		k.keys = append(k.keys, key)
	}
	if len(k.keys) == 0 {
		return nil, errors.New("crypt: the key-encryption key file holds no key")
	}
	return k, nil
}

func parseKey(line string) (fileKey, error) {
	raw, err := base64.StdEncoding.DecodeString(line)
	if err != nil {
		return fileKey{}, errors.New("not standard base64")
	}
	if len(raw) != kekSize {
		return fileKey{}, fmt.Errorf("a key is %d random bytes, this is %d", kekSize, len(raw))
	}
	if weak(raw) {
		return fileKey{}, errors.New("these bytes are not random; make a key with openssl rand -base64 32")
	}
	a, err := subtle.NewAESGCM(raw)
	if err != nil {
		return fileKey{}, errors.New("the key is not usable")
	}
	sum := sha256.Sum256(append([]byte("fleet key-encryption key id\x00"), raw...))
	return fileKey{id: [kekIDSize]byte(sum[:kekIDSize]), aead: a}, nil
}

// weak finds what somebody typed in place of random bytes: few different byte values. 32 random bytes have 30 on average,
// and fewer than 16 practically never.
func weak(key []byte) bool {
	var seen [256]bool
	n := 0
	for _, b := range key {
		if !seen[b] {
			seen[b] = true
			n++
		}
	}
	return n < kekSize/2
}

// EncryptWithContext implements tink.AEADWithContext with the first key of the file.
func (k *FileKEK) EncryptWithContext(_ context.Context, plaintext, associatedData []byte) ([]byte, error) {
	first := k.keys[0]
	ct, err := first.aead.Encrypt(plaintext, associatedData)
	if err != nil {
		return nil, err
	}
	return append(first.id[:], ct...), nil
}

// DecryptWithContext implements tink.AEADWithContext with the key that the ciphertext names.
func (k *FileKEK) DecryptWithContext(_ context.Context, ciphertext, associatedData []byte) ([]byte, error) {
	if len(ciphertext) < kekIDSize {
		return nil, errors.New("crypt: wrapped key is too short")
	}
	for _, key := range k.keys {
		if bytes.Equal(key.id[:], ciphertext[:kekIDSize]) {
			return key.aead.Decrypt(ciphertext[kekIDSize:], associatedData)
		}
	}
	return nil, errors.New("crypt: wrapped with a key-encryption key that the file does not hold")
}
