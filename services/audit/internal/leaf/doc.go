// Package leaf encodes an audit entry as the bytes that the Merkle tree proves.
//
// The encoding is canonical JSON (RFC 8785) and holds no protected data: detail, which may be purged one day, is in it as
// a salted hash. README.md of the service documents the fields for verifiers that are not ours.
package leaf
