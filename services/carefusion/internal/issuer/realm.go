package issuer

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // RFC 6238 and every authenticator
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Realm is who can log in and through which application.
type Realm struct {
	Users   []User   `json:"users"`
	Clients []Client `json:"clients"`
}

// User is one person.
type User struct {
	Subject    uuid.UUID `json:"subject"`
	Username   string    `json:"username"`
	Role       string    `json:"role"`
	Salt       []byte    `json:"salt"`
	Iterations int       `json:"iterations"`
	Hash       []byte    `json:"hash"`
	// TOTP is the secret of the second factor, base32 without padding.
	TOTP string `json:"totp"`
}

// Client is one application; public, hence PKCE.
type Client struct {
	ID           string   `json:"id"`
	RedirectURIs []string `json:"redirectUris"`
	// PostLogoutRedirectURIs are where one may be led after signing out.
	PostLogoutRedirectURIs []string `json:"postLogoutRedirectUris"`
	// Direct lets the client exchange password and code for a token, as command lines do.
	Direct bool `json:"direct"`
}

// ReadRealm reads and checks a file.
func ReadRealm(path string) (Realm, error) {
	var r Realm
	text, err := os.ReadFile(path)
	if err != nil {
		return r, fmt.Errorf("issuer: %w", err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("issuer: %s is not a realm: %w", path, err)
	}
	return r, r.check()
}

func (r Realm) check() error {
	seen := map[string]bool{}
	for _, u := range r.Users {
		if _, err := secretOf(u.TOTP); err != nil || u.Subject == uuid.Nil || u.Username == "" || seen[u.Username] ||
			len(u.Hash) != sha256.Size || u.Iterations < 1 || len(u.Salt) < 16 {
			return fmt.Errorf("issuer: user %q is not whole or not unique", u.Username)
		}
		seen[u.Username] = true
	}
	for _, c := range r.Clients {
		if c.ID == "" || slices.Contains(slices.Concat(c.RedirectURIs, c.PostLogoutRedirectURIs), "*") {
			return errors.New("issuer: a client needs an id and exact redirect addresses")
		}
	}
	return nil
}

// HashPassword is what a realm keeps of a password.
func HashPassword(password string, salt []byte, iterations int) ([]byte, error) {
	return pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
}

func (u User) holds(password string) bool {
	have, err := HashPassword(password, u.Salt, u.Iterations)
	return err == nil && subtle.ConstantTimeCompare(have, u.Hash) == 1
}

const step = 30 * time.Second

func stepOf(t time.Time) int64 { return t.Unix() / int64(step/time.Second) }

func secretOf(text string) ([]byte, error) {
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err == nil && len(secret) < 16 {
		err = errors.New("issuer: the secret of the second factor is short")
	}
	return secret, err
}

// Code is the six digits of RFC 6238 at a time.
func Code(secret string, at time.Time) (string, error) {
	key, err := secretOf(secret)
	if err != nil {
		return "", err
	}
	return codeAt(key, stepOf(at)), nil
}

func codeAt(key []byte, n int64) string {
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, n)
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%1_000_000)
}

// matches answers the step whose code was typed; one step before and after count, since clocks differ.
func (u User) matches(code string, now time.Time) (int64, bool) {
	key, err := secretOf(u.TOTP)
	if err != nil {
		return 0, false
	}
	for n := stepOf(now) - 1; n <= stepOf(now)+1; n++ {
		if subtle.ConstantTimeCompare([]byte(codeAt(key, n)), []byte(code)) == 1 {
			return n, true
		}
	}
	return 0, false
}

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
