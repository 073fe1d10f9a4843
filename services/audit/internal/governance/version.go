package governance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/gowebpki/jcs"

	"github.com/fusionems/quantum/pkg/errs"
)

// Version is one immutable version of a policy.
type Version struct {
	Key     string
	Version int32
	// Document is canonical JSON (RFC 8785), SHA256 its hash in hex.
	Document   []byte
	SHA256     string
	Comment    string
	Author     string
	CreateTime time.Time
	Active     bool
	// ActivateTime is when it was last put in force; zero when never.
	ActivateTime time.Time
}

// canonical brings JSON into the form of RFC 8785 and returns its SHA-256 in hex.
func canonical(raw []byte) (document []byte, sum string, err error) {
	document, err = jcs.Transform(raw)
	if err != nil {
		return nil, "", fmt.Errorf("canonical JSON: %w", err)
	}
	h := sha256.Sum256(document)
	return document, hex.EncodeToString(h[:]), nil
}

// Name is the resource name of a version.
func (v Version) Name() string { return name(v.Key, v.Version) }

func name(key string, version int32) string {
	return fmt.Sprintf("policies/%s/versions/%d", key, version)
}

// Policy is a policy with the numbers of its versions; 0 for none.
type Policy struct {
	Key, Description string
	Active, Latest   int32
}

// Reasons of refusals.
const (
	ReasonUnknown         = "POLICY_UNKNOWN"
	ReasonVersionNotFound = "POLICY_VERSION_NOT_FOUND"
	ReasonInvalid         = "POLICY_INVALID"
	ReasonVersionActive   = "POLICY_VERSION_ACTIVE"
)

// VersionNotFound is the answer for a version that does not exist.
func VersionNotFound() error {
	return errs.New(errs.NotFound, ReasonVersionNotFound, "the policy has no such version")
}
