package local

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/mod/sumdb/note"

	"github.com/fusionems/quantum/deploy/local/issuer"
)

// secret answers the secret of a name, made at random where there is none: each installation has its own, and keeps it.
func (l layout) ensureSecret(name string, make func() (string, error)) (string, error) {
	raw, err := os.ReadFile(l.secret(name))
	if err == nil {
		return strings.TrimSpace(string(raw)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	value, err := make()
	if err != nil {
		return "", err
	}
	return value, writeFile(l.secret(name), []byte(value+"\n"), 0o600)
}

func randomSecret() (string, error) { return issuer.NewSecret(), nil }

// randomKey is 32 random bytes in standard base64, as symmetric key files hold them.
func randomKey() (string, error) {
	var b [32]byte
	rand.Read(b[:])
	return base64.StdEncoding.EncodeToString(b[:]), nil
}

// checkpointKey signs the audit log's checkpoints; its name is the log's origin.
func checkpointKey() (string, error) {
	private, _, err := note.GenerateKey(rand.Reader, "audit.local.fusionems")
	return private, err
}

// signingKey is an Ed25519 private key as a JSON Web Key.
func signingKey() (string, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", err
	}
	return jwkText(jose.JSONWebKey{Key: private, KeyID: issuer.NewSecret()[:16], Algorithm: string(jose.EdDSA), Use: "sig"})
}

// publicKeySet is the JSON Web Key Set with the public half of a key made by signingKey.
func publicKeySet(private string) (string, error) {
	var key jose.JSONWebKey
	if err := json.Unmarshal([]byte(private), &key); err != nil {
		return "", err
	}
	raw, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}})
	return string(raw), err
}

func jwkText(key jose.JSONWebKey) (string, error) {
	raw, err := json.Marshal(key)
	return string(raw), err
}
