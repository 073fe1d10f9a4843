package crypt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Envelope makes and opens the keys of agencies.
type Envelope struct {
	kek tink.AEADWithContext
}

// NewEnvelope wraps keys with kek.
func NewEnvelope(kek tink.AEADWithContext) *Envelope { return &Envelope{kek: kek} }

// NewKey makes a key for an agency and returns it also wrapped, which is what a service stores.
func (e *Envelope) NewKey(ctx context.Context, agencyID int64) (*Key, []byte, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, nil, fmt.Errorf("crypt: making a key: %w", err)
	}
	wrapped, err := e.wrap(ctx, agencyID, handle)
	if err != nil {
		return nil, nil, err
	}
	key, err := newKey(agencyID, handle)
	return key, wrapped, err
}

// OpenKey unwraps a stored key of the agency.
func (e *Envelope) OpenKey(ctx context.Context, agencyID int64, wrapped []byte) (*Key, error) {
	handle, err := e.unwrap(ctx, agencyID, wrapped)
	if err != nil {
		return nil, err
	}
	return newKey(agencyID, handle)
}

// Rewrap wraps a stored key with the current key-encryption key. The key inside stays the same.
func (e *Envelope) Rewrap(ctx context.Context, agencyID int64, wrapped []byte) ([]byte, error) {
	handle, err := e.unwrap(ctx, agencyID, wrapped)
	if err != nil {
		return nil, err
	}
	return e.wrap(ctx, agencyID, handle)
}

func (e *Envelope) wrap(ctx context.Context, agencyID int64, handle *keyset.Handle) ([]byte, error) {
	var buf bytes.Buffer
	if err := handle.WriteWithContext(ctx, keyset.NewBinaryWriter(&buf), e.kek, wrapContext(agencyID)); err != nil {
		return nil, fmt.Errorf("crypt: wrapping the key of agency %d: %w", agencyID, err)
	}
	return buf.Bytes(), nil
}

func (e *Envelope) unwrap(ctx context.Context, agencyID int64, wrapped []byte) (*keyset.Handle, error) {
	handle, err := keyset.ReadWithContext(ctx, keyset.NewBinaryReader(bytes.NewReader(wrapped)), e.kek, wrapContext(agencyID))
	if err != nil {
		return nil, fmt.Errorf("crypt: unwrapping the key of agency %d: %w", agencyID, err)
	}
	return handle, nil
}

func wrapContext(agencyID int64) []byte {
	return []byte("agencies/" + strconv.FormatInt(agencyID, 10) + "/key")
}

// Key seals and opens the records of one agency. It is safe for use by several goroutines.
type Key struct {
	agencyID int64
	aead     tink.AEAD
}

func newKey(agencyID int64, handle *keyset.Handle) (*Key, error) {
	a, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("crypt: the key of agency %d: %w", agencyID, err)
	}
	return &Key{agencyID: agencyID, aead: a}, nil
}

// ErrOpen says that a ciphertext is not what was sealed as this record of this agency. The cause is withheld on purpose.
var ErrOpen = errors.New("crypt: the record does not open: wrong key, wrong place, or altered")

// Seal encrypts plaintext as the named record, e.g. "documents/0190…". Only the same name opens it.
func (k *Key) Seal(record string, plaintext []byte) ([]byte, error) {
	ct, err := k.aead.Encrypt(plaintext, k.place(record))
	if err != nil {
		return nil, fmt.Errorf("crypt: sealing %s: %w", record, err)
	}
	return ct, nil
}

// Open decrypts what Seal made of the named record.
func (k *Key) Open(record string, ciphertext []byte) ([]byte, error) {
	pt, err := k.aead.Decrypt(ciphertext, k.place(record))
	if err != nil {
		return nil, ErrOpen
	}
	return pt, nil
}

func (k *Key) place(record string) []byte {
	return []byte("agencies/" + strconv.FormatInt(k.agencyID, 10) + "/" + record)
}
