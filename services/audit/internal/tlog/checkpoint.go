package tlog

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is what the log says of itself.
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   []byte
}

// body is the text of a C2SP tlog-checkpoint: origin, size, root, a line each.
func (c Checkpoint) body() string {
	return c.Origin + "\n" + strconv.FormatUint(c.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Root) + "\n"
}

// Signer signs checkpoints. The name of its key is the origin of the log.
type Signer struct {
	signer   note.Signer
	verifier string
}

// NewSigner reads a private key as golang.org/x/mod/sumdb/note writes it (Ed25519 only).
func NewSigner(key string) (*Signer, error) {
	s, err := note.NewSigner(strings.TrimSpace(key))
	if err != nil {
		// The text of the error could repeat the key.
		return nil, errors.New("tlog: the checkpoint key is not a private key of golang.org/x/mod/sumdb/note; make one with audit keygen")
	}
	v, err := verifierKey(strings.TrimSpace(key))
	if err != nil {
		return nil, err
	}
	return &Signer{signer: s, verifier: v}, nil
}

// verifierKey is the public half of a private key: "PRIVATE+KEY+<name>+<hash>+<base64 of algorithm and seed>".
func verifierKey(key string) (string, error) {
	parts := strings.SplitN(strings.TrimPrefix(key, "PRIVATE+KEY+"), "+", 3)
	if len(parts) != 3 {
		return "", errors.New("tlog: the checkpoint key has an unknown form")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return "", errors.New("tlog: the checkpoint key is not an Ed25519 key")
	}
	public, ok := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return "", errors.New("tlog: the checkpoint key has no public half")
	}
	v, err := note.NewEd25519VerifierKey(parts[0], public)
	if err != nil {
		return "", fmt.Errorf("tlog: verifier key: %w", err)
	}
	return v, nil
}

// VerifierKey is the public key for those who check.
func (s *Signer) VerifierKey() string { return s.verifier }

// Origin is the name of the log.
func (s *Signer) Origin() string { return s.signer.Name() }

// Sign returns the signed note over size and root.
func (s *Signer) Sign(size uint64, root []byte) (string, error) {
	c := Checkpoint{Origin: s.Origin(), Size: size, Root: root}
	b, err := note.Sign(&note.Note{Text: c.body()}, s.signer)
	if err != nil {
		return "", fmt.Errorf("tlog: signing: %w", err)
	}
	return string(b), nil
}

// ErrCheckpointForm says that a note is signed but is no checkpoint.
var ErrCheckpointForm = errors.New("tlog: the note is not a checkpoint: origin, size and root hash, a line each")

// OpenCheckpoint checks the signature of a note with one of the verifier keys and reads it.
func OpenCheckpoint(signed string, verifierKeys ...string) (Checkpoint, error) {
	var verifiers []note.Verifier
	for _, k := range verifierKeys {
		v, err := note.NewVerifier(strings.TrimSpace(k))
		if err != nil {
			return Checkpoint{}, fmt.Errorf("tlog: verifier key: %w", err)
		}
		verifiers = append(verifiers, v)
	}
	n, err := note.Open([]byte(signed), note.VerifierList(verifiers...))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("tlog: the checkpoint's signature: %w", err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 {
		return Checkpoint{}, ErrCheckpointForm
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil {
		return Checkpoint{}, ErrCheckpointForm
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != HashSize {
		return Checkpoint{}, ErrCheckpointForm
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, nil
}
