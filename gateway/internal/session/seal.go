package session

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/fusionems/quantum/pkg/crypt"
	"github.com/fusionems/quantum/pkg/page"
)

// sealer encrypts what Redis holds, with AES-256-GCM. A value opens in its own place only.
type sealer struct{ keys *crypt.FileKEK }

func (s sealer) seal(ctx context.Context, place string, plain []byte) (string, error) {
	sealed, err := s.keys.EncryptWithContext(ctx, plain, []byte(place))
	return string(sealed), err
}

func (s sealer) open(ctx context.Context, place, sealed string) ([]byte, error) {
	return s.keys.DecryptWithContext(ctx, []byte(sealed), []byte(place))
}

// NewPages makes the sealer of page tokens from the same file of keys: its first key, for a purpose of its own.
func NewPages(keys string) (*page.Sealer, error) {
	if _, err := crypt.ParseKEK(keys); err != nil {
		return nil, fmt.Errorf("session: the key: %w", err)
	}
	for line := range strings.Lines(keys) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return nil, errors.New("session: the key is not base64")
		}
		derived, err := hkdf.Key(sha256.New, raw, nil, "gateway page tokens", 32)
		if err != nil {
			return nil, err
		}
		return page.NewSealer(base64.StdEncoding.EncodeToString(derived))
	}
	return nil, errors.New("session: the key file is empty")
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return encoding.EncodeToString(sum[:])
}
