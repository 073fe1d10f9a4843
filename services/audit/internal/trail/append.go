package trail

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/audit/internal/leaf"
	"github.com/fusionems/quantum/services/audit/internal/tlog"
)

// Head is the newest checkpoint, as stored.
type Head struct {
	Size uint64
	Root []byte
	Note string
}

// Row is a record with its leaf.
type Row struct {
	leaf.Record
	LeafInput []byte
}

// AppendTx is the transaction of an append.
type AppendTx interface {
	// Lock must keep every other writer out until the transaction ends, and answer size and root as of then, size 0 for
	// an empty log, and those of the ids that the log has.
	Lock(ctx context.Context, ids []uuid.UUID) (head Head, known map[uuid.UUID]bool, err error)
	// Nodes must answer the hashes of complete subtrees in the order asked for.
	Nodes(ctx context.Context, ids []tlog.NodeID) ([][]byte, error)
	// Insert must store rows from the leaf index first on, the nodes and the new head, at the latest with the commit.
	Insert(ctx context.Context, first uint64, rows []Row, runs []tlog.Run, head Head, at time.Time) error
}

type signer interface {
	Sign(size uint64, root []byte) (string, error)
}

// Appender puts records into the log.
type Appender struct {
	signer signer
	now    func() time.Time
	random io.Reader

	mu   sync.Mutex
	tree tlog.Tree // as of the last append of this process, if that committed
	root []byte
}

// NewAppender returns an appender. random is what salts are taken from.
func NewAppender(s signer, now func() time.Time, random io.Reader) *Appender {
	return &Appender{signer: s, now: now, random: random}
}

const saltSize = 16

// Append adds the records that the log does not have yet, in their order, with a checkpoint that covers them. A record
// that is there already adds nothing.
func (a *Appender) Append(ctx context.Context, tx AppendTx, records []leaf.Record) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	head, known, err := tx.Lock(ctx, ids(records))
	if err != nil {
		return err
	}
	if records = fresh(records, known); len(records) == 0 {
		return nil
	}
	tree, err := a.treeAt(ctx, tx, head)
	if err != nil {
		return err
	}
	at := a.now().UTC().Truncate(time.Microsecond)
	rows, hashes, err := a.rows(records, at)
	if err != nil {
		return err
	}
	next, runs, err := tree.Append(hashes)
	if err != nil {
		return err
	}
	newHead, err := a.sign(next)
	if err != nil {
		return err
	}
	if err := tx.Insert(ctx, head.Size, rows, runs, newHead, at); err != nil {
		return err
	}
	a.tree, a.root = next, newHead.Root
	return nil
}

func ids(records []leaf.Record) []uuid.UUID {
	out := make([]uuid.UUID, len(records))
	for i, r := range records {
		out[i] = r.EventID
	}
	return out
}

// fresh drops records that the log has, and repetitions among the new ones.
func fresh(records []leaf.Record, known map[uuid.UUID]bool) []leaf.Record {
	out := make([]leaf.Record, 0, len(records))
	for _, r := range records {
		if !known[r.EventID] {
			known[r.EventID] = true
			out = append(out, r)
		}
	}
	return out
}

// treeAt is the tree of the head: the one in memory when it is that one. A transaction may have rolled back since, or
// another process may have written.
func (a *Appender) treeAt(ctx context.Context, tx AppendTx, head Head) (tlog.Tree, error) {
	if head.Size > 0 && a.tree.Size() == head.Size && bytes.Equal(a.root, head.Root) {
		return a.tree, nil
	}
	hashes, err := tx.Nodes(ctx, tlog.Edge(head.Size))
	if err != nil {
		return tlog.Tree{}, err
	}
	tree, err := tlog.Open(head.Size, hashes)
	if err != nil || head.Size == 0 {
		return tree, err
	}
	root, err := tree.Root()
	if err == nil && !bytes.Equal(root, head.Root) {
		// Nothing is added to a log that contradicts itself: that would bury the evidence of who changed it.
		err = fmt.Errorf("trail: the nodes of the log do not have the root of its checkpoint of size %d; run audit verify", head.Size)
	}
	return tree, err
}

func (a *Appender) rows(records []leaf.Record, at time.Time) ([]Row, [][]byte, error) {
	rows, hashes := make([]Row, len(records)), make([][]byte, len(records))
	salts := make([]byte, saltSize*len(records))
	if _, err := io.ReadFull(a.random, salts); err != nil {
		return nil, nil, fmt.Errorf("trail: salt: %w", err)
	}
	for i, r := range records {
		r.LogTime = at
		r = r.Clean()
		if len(r.Detail) > 0 {
			r.Salt = salts[i*saltSize : (i+1)*saltSize]
		}
		rows[i] = Row{Record: r, LeafInput: leaf.Encode(r)}
		hashes[i] = tlog.HashLeaf(rows[i].LeafInput)
	}
	return rows, hashes, nil
}

func (a *Appender) sign(t tlog.Tree) (Head, error) {
	root, err := t.Root()
	if err != nil {
		return Head{}, err
	}
	note, err := a.signer.Sign(t.Size(), root)
	return Head{Size: t.Size(), Root: root, Note: note}, err
}
