package seal

import (
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

const version = 1

var errBroken = errors.New("seal: not sealed with this key for this place")

// Sealer seals with AES-256-GCM. What it is bound to (table, column, row) must be named again to open, so that a sealed value moved to another row does not open.
type Sealer struct{ aead cipher.AEAD }

// New takes a key of KeySize bytes.
func New(key []byte) (*Sealer, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("seal: the key has %d bytes, need %d", len(key), KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Sealer{aead: aead}, nil
}

// FromFile reads a key in base64.
func FromFile(path string) (*Sealer, error) {
	key, err := read(path)
	if err != nil {
		return nil, err
	}
	return New(key)
}

// DerivedFromFile seals with a key made from the one in the file for one purpose: what leaves this service, as cookies do, is
// never sealed with the key of what it keeps.
func DerivedFromFile(path, purpose string) (*Sealer, error) {
	key, err := read(path)
	if err != nil {
		return nil, err
	}
	if len(key) != KeySize {
		return nil, fmt.Errorf("seal: the key has %d bytes, need %d", len(key), KeySize)
	}
	derived, err := hkdf.Key(sha256.New, key, nil, purpose, KeySize)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return New(derived)
}

func read(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("seal: %s is not base64", path)
	}
	return key, nil
}

// NewKey makes a key as FromFile reads it.
func NewKey() string {
	key := make([]byte, KeySize)
	_, _ = rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}

// Seal encrypts text for one place.
func (s *Sealer) Seal(place, text string) []byte {
	return s.aead.Seal([]byte{version}, nil, []byte(text), []byte(place))
}

// Open decrypts what was sealed for the place.
func (s *Sealer) Open(place string, sealed []byte) (string, error) {
	if len(sealed) == 0 || sealed[0] != version {
		return "", errBroken
	}
	text, err := s.aead.Open(nil, nil, sealed[1:], []byte(place))
	if err != nil {
		return "", errBroken
	}
	return string(text), nil
}
