package page

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
)

// Page sizes of all lists.
const (
	DefaultSize = 50
	MaxSize     = 500
)

// ReasonTokenInvalid is the reason of a token that is forged, foreign, or of another query.
const ReasonTokenInvalid = "PAGE_TOKEN_INVALID"

// Size returns the page size to use: the default for 0, at most MaxSize.
func Size(requested int32) (int32, error) {
	switch {
	case requested < 0:
		return 0, errs.New(errs.Invalid, "PAGE_SIZE_INVALID", "page_size is negative",
			errs.WithFields(errs.Field{Field: "page_size", Rule: "int32.gte", Message: "0 for the default, or 1 to 500"}))
	case requested == 0:
		return DefaultSize, nil
	default:
		return min(requested, MaxSize), nil
	}
}

// Sealer encrypts cursors with AES-256-GCM. All replicas of a service share the key.
type Sealer struct{ aead cipher.AEAD }

// NewSealer makes a sealer from a base64 key of 32 bytes.
func NewSealer(key string) (*Sealer, error) {
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(raw) != 32 {
		return nil, errors.New("page: the key is not 32 bytes in base64")
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	return &Sealer{aead}, nil
}

// Seal makes the token that continues after cursor. query is everything that must be the same on the next page: method,
// filters and order.
func (s *Sealer) Seal(p identity.Principal, query any, cursor any) (string, error) {
	plain, err := json.Marshal(cursor)
	if err != nil {
		return "", fmt.Errorf("page: cursor: %w", err)
	}
	bind, err := binding(p, query)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, s.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, plain, bind)), nil
}

// Open fills cursor from a token; false when there is none: the first page.
func (s *Sealer) Open(p identity.Principal, query any, token string, cursor any) (bool, error) {
	if token == "" {
		return false, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) < s.aead.NonceSize() {
		return false, invalid()
	}
	bind, err := binding(p, query)
	if err != nil {
		return false, err
	}
	n := s.aead.NonceSize()
	plain, err := s.aead.Open(nil, raw[:n], raw[n:], bind)
	if err != nil {
		return false, invalid()
	}
	if err := json.Unmarshal(plain, cursor); err != nil {
		return false, invalid()
	}
	return true, nil
}

// binding ties a token to caller, agency and query.
func binding(p identity.Principal, query any) ([]byte, error) {
	b, err := json.Marshal(struct {
		Subject string
		Agency  int64
		Cross   bool
		Query   any
	}{p.Subject, p.AgencyID, p.CrossAgency, query})
	if err != nil {
		return nil, fmt.Errorf("page: query: %w", err)
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}

func invalid() error {
	return errs.New(errs.Invalid, ReasonTokenInvalid, "the page token does not belong to this query; start without one",
		errs.WithFields(errs.Field{Field: "page_token", Rule: "page.token", Message: "the next_page_token of the same list with the same filters"}))
}
