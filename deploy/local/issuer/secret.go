package issuer

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"time"

	"github.com/pquerna/otp/hotp"
	"golang.org/x/crypto/bcrypt"
)

// totpPeriod and totpSkew are RFC 6238's defaults, which every authenticator app assumes.
const (
	totpPeriod = 30 * time.Second
	totpSkew   = 1
)

// HashPassword hashes a password of a person. Longer than 72 bytes is an error, not a silent cut.
func HashPassword(password string) (string, error) {
	h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	return string(h), err
}

// HashSecret hashes the secret of a client. One round of SHA-256 is enough because such a secret is 256 random bits, never
// a word somebody chose.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func secretMatches(hash, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(hash), []byte(HashSecret(secret))) == 1
}

// NewSecret returns 256 random bits in URL-safe text.
func NewSecret() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// NewTOTPSecret returns a 160-bit secret in the base32 that authenticator apps read.
func NewTOTPSecret() string {
	var b [20]byte
	rand.Read(b[:])
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
}

// TOTPStep is the number of the time step that t falls in.
func TOTPStep(t time.Time) int64 { return t.Unix() / int64(totpPeriod/time.Second) }

// TOTPCode is the code of one time step.
func TOTPCode(secret string, step int64) (string, error) {
	return hotp.GenerateCode(secret, uint64(step))
}

// matchTOTP finds the time step whose code this is. It looks at every step whatever it found, so the time it takes does not
// tell which one matched.
func matchTOTP(secret, code string, now time.Time) (int64, bool) {
	step, found := int64(0), false
	for s := TOTPStep(now) - totpSkew; s <= TOTPStep(now)+totpSkew; s++ {
		want, err := TOTPCode(secret, s)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, found = s, true
		}
	}
	return step, found
}
