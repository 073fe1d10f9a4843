package tlog

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// kept stores nodes as the service does: runs of neighbours.
type kept struct{ nodes map[NodeID][]byte }

func (k *kept) put(runs []Run) {
	for _, r := range runs {
		for i := 0; i*HashSize < len(r.Hashes); i++ {
			k.nodes[NodeID{r.Level, r.First + uint64(i)}] = r.Hashes[i*HashSize : (i+1)*HashSize]
		}
	}
}

func (k *kept) get(t *testing.T, ids []NodeID) [][]byte {
	t.Helper()
	out := make([][]byte, len(ids))
	for i, id := range ids {
		h, ok := k.nodes[id]
		if !ok {
			t.Fatalf("node %v was never complete", id)
		}
		out[i] = append([]byte(nil), h...)
	}
	return out
}

// grow appends in batches of different sizes, reopening the tree from its edge each time.
func grow(t *testing.T, batches ...int) (k *kept, leaves [][]byte, roots map[uint64][]byte) {
	t.Helper()
	k, roots = &kept{nodes: map[NodeID][]byte{}}, map[uint64][]byte{}
	tree, err := Open(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range batches {
		var batch [][]byte
		for range n {
			batch = append(batch, HashLeaf(fmt.Appendf(nil, "leaf %d", len(leaves)+len(batch))))
		}
		next, runs, err := tree.Append(batch)
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, batch...)
		k.put(runs)
		if tree, err = Open(next.Size(), k.get(t, Edge(next.Size()))); err != nil {
			t.Fatal(err)
		}
		if roots[tree.Size()], err = tree.Root(); err != nil {
			t.Fatal(err)
		}
	}
	return k, leaves, roots
}

func TestProofsOfEveryLeafAndSizeVerify(t *testing.T) {
	ones := make([]int, 70)
	for i := range ones {
		ones[i] = 1
	}
	k, leaves, roots := grow(t, ones...)
	for size := uint64(1); size <= 70; size++ {
		for index := range size {
			p, err := Inclusion(index, size)
			if err != nil {
				t.Fatal(err)
			}
			path, err := p.Path(k.get(t, p.Nodes()))
			if err != nil {
				t.Fatal(err)
			}
			if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, size, leaves[index], path, roots[size]); err != nil {
				t.Fatalf("leaf %d in %d: %v", index, size, err)
			}
		}
		for from := uint64(1); from <= size; from++ {
			p, err := Consistency(from, size)
			if err != nil {
				t.Fatal(err)
			}
			path, err := p.Path(k.get(t, p.Nodes()))
			if err != nil {
				t.Fatal(err)
			}
			if err := proof.VerifyConsistency(rfc6962.DefaultHasher, from, size, path, roots[from], roots[size]); err != nil {
				t.Fatalf("%d to %d: %v", from, size, err)
			}
		}
	}
}

func TestBatchesDoNotMatter(t *testing.T) {
	_, _, a := grow(t, 1, 2, 3, 64, 30)
	_, _, b := grow(t, 100)
	if !bytes.Equal(a[100], b[100]) {
		t.Error("the root depends on how leaves were batched")
	}
}

func TestAppendLeavesTheTreeAsItWas(t *testing.T) {
	tree, _ := Open(0, nil)
	tree, _, err := tree.Append([][]byte{HashLeaf([]byte("a")), HashLeaf([]byte("b")), HashLeaf([]byte("c"))})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := tree.Root()
	if _, _, err := tree.Append([][]byte{HashLeaf([]byte("d"))}); err != nil {
		t.Fatal(err)
	}
	if after, _ := tree.Root(); !bytes.Equal(before, after) || tree.Size() != 3 {
		t.Error("a batch that may still roll back changed the tree")
	}
	if _, err := Open(3, nil); err == nil {
		t.Error("an edge of the wrong length opened")
	}
	if _, err := Inclusion(3, 3); err == nil {
		t.Error("a leaf outside of the tree has a proof")
	}
	if _, err := Consistency(4, 3); err == nil {
		t.Error("a larger tree is a prefix of a smaller")
	}
}

func TestCheckpoints(t *testing.T) {
	key, verifier, err := note.GenerateKey(rand.Reader, "log.test/audit")
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSigner(key + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if s.VerifierKey() != verifier || s.Origin() != "log.test/audit" {
		t.Errorf("verifier key %s, want %s", s.VerifierKey(), verifier)
	}
	signed, err := s.Sign(3, HashLeaf([]byte("root")))
	if err != nil {
		t.Fatal(err)
	}
	c, err := OpenCheckpoint(signed, verifier)
	if err != nil || c.Size != 3 || c.Origin != "log.test/audit" || !bytes.Equal(c.Root, HashLeaf([]byte("root"))) {
		t.Errorf("opened %v, %v", c, err)
	}
	if _, err := OpenCheckpoint(strings.Replace(signed, "\n3\n", "\n4\n", 1), verifier); err == nil {
		t.Error("a changed size passed the signature")
	}
	_, other, _ := note.GenerateKey(rand.Reader, "log.test/audit")
	if _, err := OpenCheckpoint(signed, other); err == nil {
		t.Error("another key's signature passed")
	}
	odd, _ := note.Sign(&note.Note{Text: "log.test/audit\nmany\nAAAA\n"}, s.signer)
	if _, err := OpenCheckpoint(string(odd), verifier); !errors.Is(err, ErrCheckpointForm) {
		t.Errorf("a note that is no checkpoint: %v", err)
	}
	if _, err := NewSigner("PRIVATE+KEY+x"); err == nil || strings.Contains(err.Error(), "PRIVATE") {
		t.Errorf("a broken key: %v", err)
	}
}
