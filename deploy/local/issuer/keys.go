package issuer

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/go-jose/go-jose/v4"
)

// loadSigningKey reads the private signing key, or makes one where there is none: tokens must stay valid over a restart.
func loadSigningKey(path string) (jose.JSONWebKey, error) {
	var key jose.JSONWebKey
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newSigningKey(path)
	}
	if err != nil {
		return key, err
	}
	if err := json.Unmarshal(raw, &key); err != nil {
		return key, fmt.Errorf("signing key: %w", err)
	}
	if !key.Valid() || key.IsPublic() {
		return key, errors.New("signing key: not a private JSON Web Key")
	}
	return key, nil
}

func newSigningKey(path string) (jose.JSONWebKey, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	sum := sha256.Sum256(private.PublicKey.N.Bytes())
	key := jose.JSONWebKey{
		Key: private, Algorithm: string(jose.RS256), Use: "sig",
		KeyID: base64.RawURLEncoding.EncodeToString(sum[:16]),
	}
	raw, err := json.Marshal(key)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	return key, os.WriteFile(path, raw, 0o600)
}

// derived is a key for one purpose. It comes from the signing key, so that replicas agree on it without one more file to share.
func derived(key jose.JSONWebKey, purpose string) ([]byte, error) {
	private, ok := key.Key.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("issuer: the signing key is not an RSA key")
	}
	return hkdf.Key(sha256.New, x509.MarshalPKCS1PrivateKey(private), nil, purpose, sha256.Size)
}
