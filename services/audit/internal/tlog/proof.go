package tlog

import (
	"fmt"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// Proof says which nodes a proof is made of, and makes it of them.
type Proof struct{ nodes proof.Nodes }

// Inclusion is the proof that a leaf is in the tree of a size (RFC 6962, section 2.1.1).
func Inclusion(index, size uint64) (Proof, error) {
	n, err := proof.Inclusion(index, size)
	if err != nil {
		return Proof{}, fmt.Errorf("tlog: %w", err)
	}
	return Proof{n}, nil
}

// Consistency is the proof that the tree of size from is a prefix of that of size to (section 2.1.2).
func Consistency(from, to uint64) (Proof, error) {
	n, err := proof.Consistency(from, to)
	if err != nil {
		return Proof{}, fmt.Errorf("tlog: %w", err)
	}
	return Proof{n}, nil
}

// Nodes are the nodes to look up.
func (p Proof) Nodes() []NodeID { return nodeIDs(p.nodes.IDs) }

// Path makes the proof of the hashes of these nodes, in their order. It may use the slice's memory.
func (p Proof) Path(hashes [][]byte) ([][]byte, error) {
	path, err := p.nodes.Rehash(hashes, rfc6962.DefaultHasher.HashChildren)
	if err != nil {
		return nil, fmt.Errorf("tlog: %w", err)
	}
	return path, nil
}
