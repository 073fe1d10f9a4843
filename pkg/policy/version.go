package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gowebpki/jcs"
	"google.golang.org/protobuf/encoding/protojson"

	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	commonv1 "github.com/fusionems/quantum/proto/gen/go/fleet/common/v1"
)

// Ref names an immutable version of a policy.
type Ref struct {
	Key     string
	Version int32
	// SHA256 of the canonical JSON (RFC 8785) of the document, hex.
	SHA256 string
}

// Proto is the reference as it stands in resources.
func (r Ref) Proto() *commonv1.PolicyVersionRef {
	return &commonv1.PolicyVersionRef{Key: r.Key, Version: r.Version, Sha256: r.SHA256}
}

// Copy is a version in force with its document.
type Copy struct {
	Ref
	// Document is canonical JSON.
	Document []byte
	// ActivateTime orders versions: the latest is in force.
	ActivateTime time.Time
}

// FromProto checks a version that the evidence service handed out, its hash included.
func FromProto(v *auditv1.PolicyVersion) (Copy, error) {
	if v.GetActivateTime() == nil {
		return Copy{}, fmt.Errorf("policy: %s version %d was never activated", v.GetKey(), v.GetVersion())
	}
	raw, err := protojson.Marshal(v.GetDocument())
	if err != nil {
		return Copy{}, fmt.Errorf("policy: %s version %d: %w", v.GetKey(), v.GetVersion(), err)
	}
	doc, sum, err := Canonical(raw)
	if err != nil {
		return Copy{}, fmt.Errorf("policy: %s version %d: %w", v.GetKey(), v.GetVersion(), err)
	}
	if sum != v.GetSha256() {
		return Copy{}, fmt.Errorf("policy: %s version %d: the document does not have the hash it came with", v.GetKey(), v.GetVersion())
	}
	return Copy{
		Ref:      Ref{Key: v.GetKey(), Version: v.GetVersion(), SHA256: sum},
		Document: doc, ActivateTime: v.GetActivateTime().AsTime(),
	}, nil
}

// Canonical brings JSON into the form of RFC 8785 and returns its SHA-256 in hex.
func Canonical(raw []byte) (canonical []byte, sum string, err error) {
	canonical, err = jcs.Transform(raw)
	if err != nil {
		return nil, "", fmt.Errorf("canonical JSON: %w", err)
	}
	h := sha256.Sum256(canonical)
	return canonical, hex.EncodeToString(h[:]), nil
}

// Decode reads a document strictly: a field that T does not have is an error, and so is anything after the document.
func Decode[T any](document []byte) (T, error) {
	var v T
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return v, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return v, errors.New("more than one JSON value")
	}
	return v, nil
}
