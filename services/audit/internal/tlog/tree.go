package tlog

import (
	"fmt"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
)

// HashSize is the length of a hash in bytes.
const HashSize = 32

// NodeID names a complete subtree: level 0 are the leaves, index counts on its level.
type NodeID struct {
	Level uint
	Index uint64
}

// Run is a row of neighbours on one level.
type Run struct {
	Level  uint
	First  uint64
	Hashes []byte
}

// Tree is the right edge of the log: what appending needs to know of it. The zero value is not usable; see Open.
type Tree struct {
	size   uint64
	hashes [][]byte
}

// HashLeaf is the hash of a leaf: SHA-256 of 0x00 and its bytes.
func HashLeaf(input []byte) []byte { return rfc6962.DefaultHasher.HashLeaf(input) }

// EmptyRoot is the root of a log without entries.
func EmptyRoot() []byte { return rfc6962.DefaultHasher.EmptyRoot() }

// Edge names the nodes that a tree of this size is opened with.
func Edge(size uint64) []NodeID { return nodeIDs(compact.RangeNodes(0, size, nil)) }

// Open makes the tree of a size from the hashes of its edge.
func Open(size uint64, edge [][]byte) (Tree, error) {
	if want := compact.RangeSize(0, size); len(edge) != want {
		return Tree{}, fmt.Errorf("tlog: a tree of %d leaves has an edge of %d nodes, not %d", size, want, len(edge))
	}
	return Tree{size: size, hashes: edge}, nil
}

// Size is the number of leaves.
func (t Tree) Size() uint64 { return t.size }

// Root is the root hash.
func (t Tree) Root() ([]byte, error) {
	if t.size == 0 {
		return EmptyRoot(), nil
	}
	r, err := t.compactRange()
	if err != nil {
		return nil, err
	}
	return r.GetRootHash(nil)
}

// Append returns the tree with further leaves and the nodes that became complete. The receiver stays as it is.
func (t Tree) Append(leafHashes [][]byte) (Tree, []Run, error) {
	r, err := t.compactRange()
	if err != nil {
		return Tree{}, nil, err
	}
	var runs []Run // by level; a level's new nodes are neighbours, since the tree grows to the right
	visit := func(id compact.NodeID, hash []byte) {
		for uint(len(runs)) <= id.Level {
			runs = append(runs, Run{Level: uint(len(runs))})
		}
		run := &runs[id.Level]
		if len(run.Hashes) == 0 {
			run.First = id.Index
		}
		run.Hashes = append(run.Hashes, hash...)
	}
	for _, h := range leafHashes {
		if err := r.Append(h, visit); err != nil {
			return Tree{}, nil, fmt.Errorf("tlog: append: %w", err)
		}
	}
	return Tree{size: r.End(), hashes: r.Hashes()}, runs, nil
}

func (t Tree) compactRange() (*compact.Range, error) {
	f := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	// The range grows in place; the tree's own slice must not.
	r, err := f.NewRange(0, t.size, append([][]byte(nil), t.hashes...))
	if err != nil {
		return nil, fmt.Errorf("tlog: %w", err)
	}
	return r, nil
}

func nodeIDs(ids []compact.NodeID) []NodeID {
	out := make([]NodeID, len(ids))
	for i, id := range ids {
		out[i] = NodeID{Level: id.Level, Index: id.Index}
	}
	return out
}
