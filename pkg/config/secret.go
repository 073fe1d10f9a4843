package config

import (
	"errors"
	"net/url"
	"strings"
)

// Secret is a value that never prints itself.
type Secret string

const minSecret = 12

// weak are values that ship in examples and images of the software we talk to.
var weak = []string{"changeme", "change-me", "changeit", "password", "passw0rd", "postgres", "secret", "admin", "letmein", "example", "default", "123456789012"}

// UnmarshalText refuses empty, short and well-known values.
func (s *Secret) UnmarshalText(text []byte) error {
	value := string(text)
	part := value
	if u, err := url.Parse(value); err == nil && u.Scheme != "" && u.Host != "" {
		pw, ok := u.User.Password()
		if !ok {
			// Authentication by client certificate needs no password.
			*s = Secret(value)
			return nil
		}
		part = pw
	}
	if len(part) < minSecret {
		return errors.New("a secret needs at least 12 characters")
	}
	for _, w := range weak {
		if strings.EqualFold(strings.Trim(part, "0123456789!"), w) || strings.EqualFold(part, w) {
			return errors.New("this secret is a well-known default")
		}
	}
	*s = Secret(value)
	return nil
}

// Reveal returns the value.
func (s Secret) Reveal() string { return string(s) }

// String hides the value.
func (Secret) String() string { return "[secret]" }

// GoString hides the value.
func (Secret) GoString() string { return "[secret]" }

// MarshalText hides the value.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }
