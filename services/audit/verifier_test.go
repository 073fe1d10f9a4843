package audit_test

// What somebody else would write to check us, from the documentation alone: it imports nothing but the standard library.

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// inclusion is the answer of GET /api/audit/events/{id}/proof.
type inclusion struct {
	LeafInput  []byte   `json:"leafInput"`
	LeafIndex  uint64   `json:"leafIndex"`
	TreeSize   uint64   `json:"treeSize"`
	Path       [][]byte `json:"path"`
	RootHash   []byte   `json:"rootHash"`
	Checkpoint string   `json:"checkpoint"`
}

// checkInclusion is RFC 9162, section 2.1.3.2 (for trees of RFC 6962).
func checkInclusion(answer []byte) error {
	var p inclusion
	if err := json.Unmarshal(answer, &p); err != nil {
		return err
	}
	if p.LeafIndex >= p.TreeSize {
		return errors.New("the leaf is not in the tree")
	}
	hash := sha256.Sum256(append([]byte{0}, p.LeafInput...))
	index, last := p.LeafIndex, p.TreeSize-1
	for _, sibling := range p.Path {
		if last == 0 {
			return errors.New("the path is too long")
		}
		if index&1 == 1 || index == last {
			hash = node(sibling, hash[:])
			for index&1 == 0 && index != 0 {
				index, last = index>>1, last>>1
			}
		} else {
			hash = node(hash[:], sibling)
		}
		index, last = index>>1, last>>1
	}
	if last != 0 || !bytes.Equal(hash[:], p.RootHash) {
		return errors.New("the path does not lead to the root")
	}
	lines := strings.Split(p.Checkpoint, "\n")
	root, _ := json.Marshal(p.RootHash)
	if len(lines) < 4 || lines[1] != fmt.Sprint(p.TreeSize) || `"`+lines[2]+`"` != string(root) {
		return errors.New("the checkpoint is about another tree")
	}
	return nil
}

// checkDetail is whether the changes and the access reason of an entry, as canonical JSON, are those that the leaf commits to.
func checkDetail(answer []byte, detail string) error {
	var p struct{ LeafInput, DetailSalt []byte }
	var l struct{ DetailSha256 string }
	if err := errors.Join(json.Unmarshal(answer, &p), json.Unmarshal(p.LeafInput, &l)); err != nil {
		return err
	}
	if sum := sha256.Sum256(append(p.DetailSalt, detail...)); hex.EncodeToString(sum[:]) != l.DetailSha256 {
		return errors.New("the leaf says another detail")
	}
	return nil
}

func node(left, right []byte) [sha256.Size]byte {
	return sha256.Sum256(append(append([]byte{1}, left...), right...))
}
