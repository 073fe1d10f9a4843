package session

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

const (
	idSize     = 32
	secretSize = 32
)

// Credential is what a browser holds of a session: an id that finds it and a secret that proves it.
type Credential struct {
	id     [idSize]byte
	secret [secretSize]byte
}

// Ref names a session outside the browser: the SHA-256 of its id. It finds nothing without the credential.
type Ref string

var encoding = base64.RawURLEncoding

func newCredential() Credential {
	var c Credential
	// Read fills the array or ends the process.
	rand.Read(c.id[:])
	rand.Read(c.secret[:])
	return c
}

// parseCredential reads the value of the cookie.
func parseCredential(value string) (Credential, bool) {
	var c Credential
	id, secret, ok := strings.Cut(value, ".")
	return c, ok && decodeExactly(c.id[:], id) && decodeExactly(c.secret[:], secret)
}

func decodeExactly(dst []byte, text string) bool {
	if encoding.EncodedLen(len(dst)) != len(text) {
		return false
	}
	n, err := encoding.Decode(dst, []byte(text))
	return err == nil && n == len(dst)
}

// String is the value of the cookie.
func (c Credential) String() string {
	return encoding.EncodeToString(c.id[:]) + "." + encoding.EncodeToString(c.secret[:])
}

// Ref of the session that the credential is for.
func (c Credential) Ref() Ref {
	sum := sha256.Sum256(c.id[:])
	return Ref(encoding.EncodeToString(sum[:]))
}

// proof is what is stored of the secret.
func (c Credential) proof() string {
	sum := sha256.Sum256(c.secret[:])
	return encoding.EncodeToString(sum[:])
}

func (c Credential) proves(proof string) bool {
	return subtle.ConstantTimeCompare([]byte(c.proof()), []byte(proof)) == 1
}

// csrfToken is bound to the session: a token of another session, or one that a page of another origin planted, is worth nothing.
func (c Credential) csrfToken() string {
	mac := hmac.New(sha256.New, c.secret[:])
	mac.Write([]byte("fleet csrf token\x00"))
	mac.Write(c.id[:])
	return encoding.EncodeToString(mac.Sum(nil))
}

func (c Credential) provesCSRF(token string) bool {
	return subtle.ConstantTimeCompare([]byte(c.csrfToken()), []byte(token)) == 1
}
