package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// Verdict is what a walk over the chain found.
type Verdict struct {
	Records  int64
	Head     []byte
	FirstBad int64
}

// Intact reports whether every record fits the one before.
func (v Verdict) Intact() bool { return v.FirstBad == 0 }

// Anchor is a head that was kept elsewhere: what was true then must still be in the chain, or somebody rewrote all of it.
type Anchor struct {
	Sequence int64
	Hash     []byte
}

func genesis() []byte {
	sum := sha256.Sum256([]byte("carefusion audit log"))
	return sum[:]
}

func next(prev []byte, sequence int64, body string) []byte {
	h := sha256.New()
	h.Write(prev)
	h.Write([]byte(strconv.FormatInt(sequence, 10) + " " + body))
	return h.Sum(nil)
}

// ParseAnchor reads "sequence:hash".
func ParseAnchor(text string) (Anchor, bool) {
	n, h, ok := bytes.Cut([]byte(text), []byte(":"))
	seq, err := strconv.ParseInt(string(n), 10, 64)
	hash, herr := hex.DecodeString(string(h))
	return Anchor{Sequence: seq, Hash: hash}, ok && err == nil && herr == nil && seq > 0 && len(hash) == sha256.Size
}

// Verify recomputes the chain, reading it in the caller's transaction.
func Verify(ctx context.Context, tx store.Tx, anchors ...Anchor) (Verdict, error) {
	v := Verdict{Head: genesis()}
	rows, err := tx.Query(ctx, `SELECT sequence, body, prev_hash, hash FROM carefusion.audit_record ORDER BY sequence`)
	if err != nil {
		return v, err
	}
	defer rows.Close()
	held := 0
	for rows.Next() {
		var seq int64
		var body string
		var prev, hash []byte
		if err := rows.Scan(&seq, &body, &prev, &hash); err != nil {
			return v, err
		}
		if seq != v.Records+1 || !bytes.Equal(prev, v.Head) || !bytes.Equal(hash, next(prev, seq, body)) {
			v.FirstBad = v.Records + 1
			return v, nil
		}
		v.Records, v.Head = seq, hash
		for _, a := range anchors {
			if a.Sequence == seq && bytes.Equal(a.Hash, hash) {
				held++
			}
		}
	}
	if err := rows.Err(); err != nil {
		return v, err
	}
	if held < len(anchors) {
		v.FirstBad = 1
	}
	return v, nil
}

// VerifyAt is Verify on a connection of its own.
func VerifyAt(ctx context.Context, url string, anchors ...Anchor) (v Verdict, err error) {
	err = store.ReadAt(ctx, url, func(ctx context.Context, tx store.Tx) error {
		v, err = Verify(ctx, tx, anchors...)
		return err
	})
	return v, err
}
