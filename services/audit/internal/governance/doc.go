// Package governance keeps the documents that the founder governs by: immutable, hashed versions, checked against the
// schema of their key, and one of them in force.
//
// A policy exists when seeds/ has its schema (<key>.schema.json) and its first version (<key>.json).
package governance
