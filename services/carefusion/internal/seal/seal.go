package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
)

// KeySize is that of AES-256.
const KeySize = 32

// What a sealed value begins with: the first form had one key, the present one names its key.
const (
	oneKey   = 1
	namedKey = 2
	nameSize = 4
)

var errBroken = errors.New("seal: not sealed with these keys for this place")

// Sealer seals with AES-256-GCM. What it is bound to (table, column, row) must be named again to open, so that a sealed value
// moved to another row does not open. The first key seals; every key opens.
type Sealer struct {
	prefix []byte
	first  cipher.AEAD
	named  map[string]cipher.AEAD
	all    []cipher.AEAD
}

// New takes keys of KeySize bytes, newest first.
func New(keys ...[]byte) (*Sealer, error) {
	if len(keys) == 0 {
		return nil, errors.New("seal: no key")
	}
	s := &Sealer{named: map[string]cipher.AEAD{}}
	for i, key := range keys {
		if len(key) != KeySize {
			return nil, fmt.Errorf("seal: key %d has %d bytes, need %d", i+1, len(key), KeySize)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		// A name that says which key and nothing about it.
		sum := sha256.Sum256(append([]byte("carefusion data key "), key...))
		name := sum[:nameSize]
		if _, twice := s.named[string(name)]; twice {
			return nil, fmt.Errorf("seal: key %d is there twice", i+1)
		}
		if i == 0 {
			s.first, s.prefix = aead, append([]byte{namedKey}, name...)
		}
		s.named[string(name)] = aead
		s.all = append(s.all, aead)
	}
	return s, nil
}

// FromFile reads keys in base64, one a line, newest first.
func FromFile(path string) (*Sealer, error) {
	keys, err := read(path)
	if err != nil {
		return nil, err
	}
	return New(keys...)
}

// DerivedFromFile seals with keys made from those in the file for one purpose: what leaves this service, as cookies do, is
// never sealed with the key of what it keeps.
func DerivedFromFile(path, purpose string) (*Sealer, error) {
	keys, err := read(path)
	if err != nil {
		return nil, err
	}
	for i, key := range keys {
		if len(key) != KeySize {
			return nil, fmt.Errorf("seal: key %d has %d bytes, need %d", i+1, len(key), KeySize)
		}
		if keys[i], err = hkdf.Key(sha256.New, key, nil, purpose, KeySize); err != nil {
			return nil, fmt.Errorf("seal: %w", err)
		}
	}
	return New(keys...)
}

func read(path string) ([][]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	var keys [][]byte
	for line := range strings.Lines(strings.TrimSpace(string(text))) {
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
		if err != nil {
			return nil, fmt.Errorf("seal: line %d of %s is not base64", len(keys)+1, path)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// NewKey makes a key as FromFile reads it.
func NewKey() string {
	key := make([]byte, KeySize)
	_, _ = rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}

// Prefix is what every value begins with that the newest key sealed, and no other value.
func (s *Sealer) Prefix() []byte { return bytes.Clone(s.prefix) }

// Seal encrypts text for one place.
func (s *Sealer) Seal(place, text string) []byte {
	return s.first.Seal(bytes.Clone(s.prefix), nil, []byte(text), []byte(place))
}

// Open decrypts what was sealed for the place.
func (s *Sealer) Open(place string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", errBroken
	}
	candidates, body := s.all, sealed[1:]
	switch {
	case sealed[0] == namedKey && len(body) > nameSize:
		aead, ok := s.named[string(body[:nameSize])]
		if !ok {
			return "", errBroken
		}
		candidates, body = []cipher.AEAD{aead}, body[nameSize:]
	case sealed[0] != oneKey:
		return "", errBroken
	}
	for _, aead := range candidates {
		if text, err := aead.Open(nil, nil, body, []byte(place)); err == nil {
			return string(text), nil
		}
	}
	return "", errBroken
}
