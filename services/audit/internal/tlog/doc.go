// Package tlog is the arithmetic of the log: the Merkle tree of RFC 6962, its proofs, and signed checkpoints.
//
// It keeps nothing. Hashes of complete subtrees are stored by whoever calls it, as runs of neighbours on one level; from
// them follows an inclusion proof for any leaf and a consistency proof between any two sizes with O(log n) lookups.
package tlog
