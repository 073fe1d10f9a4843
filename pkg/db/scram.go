package db

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/fnv"
)

const scramIterations = 4096 // PostgreSQL's own default

// scramVerifier is the form in which PostgreSQL stores a password (RFC 5803). Sending it instead of the password keeps
// the password out of the server's log and of scripts.
func scramVerifier(password string) string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails, see crypto/rand
	salted, err := pbkdf2.Key(sha256.New, password, salt, scramIterations, sha256.Size)
	if err != nil {
		panic(err) // only for a key length that is not valid
	}
	mac := func(text string) []byte {
		h := hmac.New(sha256.New, salted)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	stored := sha256.Sum256(mac("Client Key"))
	enc := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", scramIterations, enc(salt), enc(stored[:]), enc(mac("Server Key")))
}

// lockKey is the advisory lock of one purpose in one schema.
func lockKey(purpose, schema string) int64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "fleet/%s/%s", purpose, schema)
	return int64(h.Sum64()) //nolint:gosec // any 64 bits will do
}
