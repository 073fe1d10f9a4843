package gateway

import (
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"github.com/go-jose/go-jose/v4"
)

// readPrincipalKey reads the key that signs principals, and its id, from a PKCS 8 PEM or JWK file.
func readPrincipalKey(path string) (ed25519.PrivateKey, string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, "", fmt.Errorf("principal key: %w", err)
	}
	var jwk jose.JSONWebKey
	if block, _ := pem.Decode(raw); block != nil {
		if jwk.Key, err = x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
			return nil, "", errors.New("principal key: the PEM file holds no PKCS 8 key")
		}
	} else if err := json.Unmarshal(raw, &jwk); err != nil {
		return nil, "", errors.New("principal key: the file is neither PEM nor JWK")
	}
	key, ok := jwk.Key.(ed25519.PrivateKey)
	if !ok {
		return nil, "", errors.New("principal key: not an Ed25519 private key")
	}
	if jwk.KeyID == "" {
		public := jose.JSONWebKey{Key: key.Public()}
		sum, err := public.Thumbprint(crypto.SHA256)
		if err != nil {
			return nil, "", fmt.Errorf("principal key: %w", err)
		}
		jwk.KeyID = base64.RawURLEncoding.EncodeToString(sum)
	}
	return key, jwk.KeyID, nil
}
